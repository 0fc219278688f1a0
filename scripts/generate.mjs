// Turns build/layouts.json and the compiled .wasm files into importable modules under build/generated.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { zlibAsync } from "@gfx/zopfli";
import { deltaOf } from "./delta.mjs";
import { roundUp, widths } from "./records.mjs";

const { constants, opcodeOffset, kernels, instructions } = JSON.parse(readFileSync("build/layouts.json", "utf8"));
mkdirSync("build/generated", { recursive: true });

writeFileSync("build/generated/records.js", `export const records = "${packedRecords(kernels)}";\n`);
writeFileSync("build/generated/records.d.ts", recordTypes(kernels));
writeFileSync("build/generated/instructionNames.js", `export const instructionNames = "${instructions.join(" ")}";\n`);
writeFileSync("build/generated/instructionNames.d.ts", instructionTypes(instructions));
// Each constant by itself, so that a bundle takes what it uses: "Outcome.done" becomes Outcome_done.
writeModule(
  "constants",
  Object.fromEntries(Object.entries(constants).map(([name, value]) => [name.replaceAll(".", "_"), value])),
);

const simd = readFileSync("build/simd.wasm");
await writePacked("simd", "Wasm", simd, "the simd build of the kernels: a WebAssembly module");
const delta = deltaOf(simd, readFileSync("build/relaxed.wasm"));
await writePacked(
  "relaxed",
  "Delta",
  delta,
  "what makes the relaxed build of the simd build, as scripts/delta.mjs describes",
);

/**
 * A module with bytes in a text. They are compressed before base64, which breaks the alignment that gzip would need to find
 * repetitions in it. Zopfli searches longer than zlib for what every inflate reads: 1 KB less a build.
 */
async function writePacked(name, kind, bytes, what) {
  const packed = Buffer.from(await zlibAsync(bytes, {})).toString("base64");
  writeFileSync(`build/generated/${name}.js`, `export const ${name}${kind} =\n  "${packed}";\n`);
  writeFileSync(
    `build/generated/${name}.d.ts`,
    `/** ${what}; compressed by zlib, in base64. */\nexport declare const ${name}${kind}: string;\n`,
  );
}

/**
 * The fields of all records in a short text, by opcode: "relu usize x y i32 count;reluBackward …". A type holds until the next.
 * src/engine/recordLayouts.ts computes the offsets again, so this sees to it that they are the compiler's.
 */
function packedRecords(kernels) {
  if (opcodeOffset !== 0) throw new Error(`records must begin with their opcode, which is at byte ${opcodeOffset}`);
  const inOrder = Object.entries(kernels).sort(([, a], [, b]) => a.opcode - b.opcode);
  return inOrder
    .map(([name, { size, fields }], index) => {
      const words = [name];
      let end = 4;
      let previous;
      for (const [field, [type, offset]] of Object.entries(fields)) {
        const width = widths[type];
        if (width === undefined) throw new Error(`${name}.${field}: no field of a record is a ${type}`);
        const expected = roundUp(end, width);
        if (offset !== expected) throw new Error(`${name}.${field}: is at byte ${offset}, not ${expected}`);
        if (type !== previous) words.push(type);
        words.push(field);
        previous = type;
        end = offset + width;
      }
      if (size !== roundUp(end, 8)) throw new Error(`${name}: takes ${size} bytes, not ${roundUp(end, 8)}`);
      if (kernels[name].opcode !== index) throw new Error(`${name}: has opcode ${kernels[name].opcode}, not ${index}`);
      return words.join(" ");
    })
    .join(";");
}

function recordTypes(kernels) {
  const types = Object.entries(kernels).map(([name, { fields }]) => {
    const members = Object.entries(fields).map(([field, [type]]) => `readonly ${field}: "${type}"`);
    return `  readonly ${name}: { ${members.join("; ")} };\n`;
  });
  return `/** Names of kernels, and names and types of the fields of their records. */
export interface Records {
${types.join("")}}
/** The same as text, in the order of opcodes and of fields. */
export declare const records: string;
`;
}

function instructionTypes(names) {
  return `/** Instructions of the pointwise kernel. */
export type InstructionName = ${names.map((name) => `"${name}"`).join(" | ")};
/** Their names in the order of opcodes, separated by spaces. */
export declare const instructionNames: string;
`;
}

/** A module that exports each of `values`, which are numbers, under its name. */
function writeModule(module, values) {
  const lines = (form) => Object.entries(values).map(([name, value]) => `export ${form(name, value)};\n`);
  writeFileSync(`build/generated/${module}.js`, lines((name, value) => `const ${name} = ${value}`).join(""));
  writeFileSync(`build/generated/${module}.d.ts`, lines((name) => `declare const ${name}: number`).join(""));
}
