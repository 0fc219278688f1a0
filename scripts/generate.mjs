// Turns build/layouts.json and the compiled .wasm files into importable modules under build/generated.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { deflateSync } from "node:zlib";

const layouts = JSON.parse(readFileSync("build/layouts.json", "utf8"));
mkdirSync("build/generated", { recursive: true });

const records = JSON.stringify(layouts);
writeFileSync("build/generated/layouts.js", `export const layouts = ${records};\n`);
writeFileSync("build/generated/layouts.d.ts", `export declare const layouts: ${readonlyType(layouts)};\n`);

for (const name of ["simd", "relaxed"]) {
  // Compressed before base64, which breaks the alignment that gzip would need to find repetitions in it: of a bundle
  // sent with gzip each build takes 21 KB this way, and 31 KB the other.
  const packed = deflateSync(readFileSync(`build/${name}.wasm`), { level: 9 }).toString("base64");
  writeFileSync(`build/generated/${name}.js`, `export const ${name}Wasm =\n  "${packed}";\n`);
  writeFileSync(
    `build/generated/${name}.d.ts`,
    `/** The ${name} build of the kernels: a WebAssembly module, compressed by zlib, in base64. */\nexport declare const ${name}Wasm: string;\n`,
  );
}

/** The literal type of a JSON value, so that kernel and field names are checked where records are written. */
function readonlyType(value) {
  if (Array.isArray(value)) return `readonly [${value.map(readonlyType).join(", ")}]`;
  if (value !== null && typeof value === "object") {
    return `{ ${Object.entries(value)
      .map(([key, item]) => `readonly ${JSON.stringify(key)}: ${readonlyType(item)}`)
      .join("; ")} }`;
  }
  return JSON.stringify(value);
}
