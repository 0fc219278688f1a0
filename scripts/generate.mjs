// Turns build/layouts.json and the compiled .wasm files into importable modules under build/generated.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const layouts = JSON.parse(readFileSync("build/layouts.json", "utf8"));
mkdirSync("build/generated", { recursive: true });

const records = JSON.stringify(layouts);
writeFileSync("build/generated/layouts.js", `export const layouts = ${records};\n`);
writeFileSync("build/generated/layouts.d.ts", `export declare const layouts: ${readonlyType(layouts)};\n`);

for (const name of ["simd", "relaxed"]) {
  const base64 = readFileSync(`build/${name}.wasm`).toString("base64");
  writeFileSync(`build/generated/${name}.js`, `export const ${name}Wasm =\n  "${base64}";\n`);
  writeFileSync(
    `build/generated/${name}.d.ts`,
    `/** The ${name} build of the kernels: a WebAssembly module in base64. */\nexport declare const ${name}Wasm: string;\n`,
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
