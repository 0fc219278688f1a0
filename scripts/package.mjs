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

// The documentation is in the declarations; the code goes minified, each file for itself. Where calls are marked as pure, so
// that bundlers drop what is not used, white space stays: without it the marks would go, too.
const settings = { format: "esm", target: "es2022", minifySyntax: true, minifyIdentifiers: true };
for (const file of readdirSync("build", { recursive: true })) {
  const path = `build/${file}`;
  if (!path.endsWith(".js") || path.endsWith(".min.js") || path.includes("generated")) continue;
  const code = readFileSync(path, "utf8");
  writeFileSync(path, transformSync(code, { ...settings, minifyWhitespace: !code.includes("@__PURE__") }).code);
}
