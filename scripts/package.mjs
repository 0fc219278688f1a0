// What the package holds beside the compiled sources: the kernels as plain .wasm files, for hosts that take a compiled
// module, and everything in one file, for pages without a bundler.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { build, transformSync } from "esbuild";
import { withUnsharedMemory } from "../build/engine/builds.js";

mkdirSync("build/wasm", { recursive: true });
for (const name of ["simd", "relaxed"]) {
  const wasm = new Uint8Array(readFileSync(`build/${name}.wasm`));
  writeFileSync(`build/wasm/${name}-threads.wasm`, wasm);
  writeFileSync(`build/wasm/${name}.wasm`, withUnsharedMemory(wasm));
}

const { version } = JSON.parse(readFileSync("package.json", "utf8"));
await build({
  entryPoints: ["build/index.js"],
  outfile: "build/wasmgrad.min.js",
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  banner: { js: `/*! wasmgrad ${version}, MIT license. */` },
});

// The documentation is in the declarations; the code goes minified, each file for itself.
const settings = { format: "esm", target: "es2022", minify: true };
for (const file of readdirSync("build", { recursive: true })) {
  const path = `build/${file}`;
  if (!path.endsWith(".js") || path.endsWith(".min.js") || path.includes("generated")) continue;
  writeFileSync(path, transformSync(readFileSync(path, "utf8"), settings).code);
}
