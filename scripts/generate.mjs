// Turns build/layouts.json and the compiled .wasm files into importable modules under build/generated.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { deflateSync } from "node:zlib";

const layouts = JSON.parse(readFileSync("build/layouts.json", "utf8"));
mkdirSync("build/generated", { recursive: true });

const { constants, ...records } = layouts;
writeFileSync("build/generated/layouts.js", packedLayouts(records));
writeFileSync("build/generated/layouts.d.ts", `export declare const layouts: ${readonlyType(records)};\n`);
// Each constant by itself, so that a bundle takes what it uses: "Outcome.done" becomes Outcome_done.
writeModule(
  "constants",
  Object.fromEntries(Object.entries(constants).map(([name, value]) => [name.replaceAll(".", "_"), value])),
);

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

/** The module of the layouts, which unpacks a text of a third of their length: "relu 16 x:usize:4 y:usize:8 …", by opcode. */
function packedLayouts({ opcodeOffset, kernels }) {
  const inOrder = Object.entries(kernels).sort(([, a], [, b]) => a.opcode - b.opcode);
  const texts = inOrder.map(([name, { size, fields }]) =>
    [name, size, ...Object.entries(fields).map(([field, [type, offset]]) => `${field}:${type}:${offset}`)].join(" "),
  );
  return `const unpack = (text, opcode) => {
  const [name, size, ...fields] = text.split(" ");
  const entries = fields.map((field) => field.split(":")).map(([key, type, offset]) => [key, [type, Number(offset)]]);
  return [name, { opcode, size: Number(size), fields: Object.fromEntries(entries) }];
};
const kernels = "${texts.join(";")}";
export const layouts = /* @__PURE__ */ (() => ({
  opcodeOffset: ${opcodeOffset},
  kernels: Object.fromEntries(kernels.split(";").map(unpack)),
}))();
`;
}

/** A module that exports each of `values` under its name, with its literal type. */
function writeModule(module, values) {
  const lines = (form) => Object.entries(values).map(([name, value]) => `export ${form(name, value)};\n`);
  writeFileSync(
    `build/generated/${module}.js`,
    lines((name, value) => `const ${name} = ${JSON.stringify(value)}`).join(""),
  );
  writeFileSync(
    `build/generated/${module}.d.ts`,
    lines((name, value) => `declare const ${name}: ${readonlyType(value)}`).join(""),
  );
}

/** The type of a JSON value, literal but for numbers, so that kernel and field names are checked where records are written. */
function readonlyType(value) {
  if (Array.isArray(value)) return `readonly [${value.map(readonlyType).join(", ")}]`;
  if (value !== null && typeof value === "object") {
    return `{ ${Object.entries(value)
      .map(([key, item]) => `readonly ${JSON.stringify(key)}: ${readonlyType(item)}`)
      .join("; ")} }`;
  }
  return typeof value === "number" ? "number" : JSON.stringify(value);
}
