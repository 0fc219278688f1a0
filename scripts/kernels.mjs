// An asc transform. An instruction of the pointwise kernel is an exported function `name(at: Operands): void` in
// assembly/pointwise/instructions/; this finds them, too, and treats them alike. A kernel is an exported function `name(record: NameRecord, thread: i32, threads: i32): void` anywhere
// in assembly/; this finds them all. Before compilation it writes the switch that executes a record by its opcode; after
// it, build/layouts.json: the memory layout of every record as the compiler laid it out, and the constants marked @shared.
// scripts/generate.mjs turns that into typed TypeScript, so nothing of it is written by hand.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { roundUp, widths } from "./records.mjs";

const folder = "assembly";
const switchFile = "build/generated/execute.ts";
const instructionFile = "build/generated/instructions.ts";
const instructionPattern = /^export function (\w+)\(at: Operands\): void/gm;
const recordPattern = /^export class (\w+Record) /gm;
const kernelPattern = /^export function (\w+)\(\s*record: (\w+),\s*_?thread: i32,\s*_?threads: i32,?\s*\): void/gm;

export default class Kernels {
  constructor() {
    this.kernels = findKernels();
    mkdirSync("build/generated", { recursive: true });
    writeFileSync(switchFile, switchOver(this.kernels));
    this.instructions = findInstructions();
    writeFileSync(instructionFile, switchOverInstructions(this.instructions));
  }

  afterCompile() {
    const classes = recordClasses(this.program);
    const { opcode, ...header } = classes.get("KernelRecord");
    const kernels = {};
    this.kernels.forEach(({ name, record }, index) => {
      const fields = { ...classes.get(record) };
      kernels[name] = { opcode: index, size: sizeOf(fields), fields };
      for (const inherited of ["opcode", ...Object.keys(header)]) delete fields[inherited];
    });
    const layouts = {
      ...{ opcodeOffset: opcode[1], constants: sharedConstants(this.program), kernels },
      instructions: this.instructions.map(({ name }) => name),
    };
    writeFileSync("build/layouts.json", JSON.stringify(layouts, null, 1));
  }
}

/** The .ts files of a folder, in the order of their names. */
function sourcesIn(folder) {
  return readdirSync(folder, { recursive: true })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts"))
    .sort();
}

/** Every instruction with where it stands: the index is its opcode. */
function findInstructions() {
  const found = sourcesIn(`${folder}/pointwise/instructions`).flatMap((file) => {
    const path = `${folder}/pointwise/instructions/${file}`;
    const matches = readFileSync(path, "utf8").matchAll(instructionPattern);
    return Array.from(matches, ([, name]) => ({ name, path: `../../${path.slice(0, -3)}` }));
  });
  const names = found.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice) throw new Error(`there are two instructions called ${twice}`);
  return found;
}

function switchOverInstructions(instructions) {
  const imports = instructions.map(({ name, path }) => `import { ${name} } from "${path}";`);
  const cases = instructions.map(({ name }, opcode) => `    case ${opcode}:\n      return ${name}(at);`);
  return `// Made by scripts/kernels.mjs.
import { Operands } from "../../${folder}/pointwise/operands";
${imports.join("\n")}

/** Executes one instruction of a pointwise program. */
export function execute(opcode: i32, at: Operands): void {
  switch (opcode) {
${cases.join("\n")}
    default:
      unreachable();
  }
}
`;
}

/** Every kernel of the folder with where it stands, in the order of files and of places in a file: the index is its opcode. */
function findKernels() {
  const files = sourcesIn(folder);
  const kernels = new Map();
  const records = new Map();
  for (const file of files) {
    const text = readFileSync(`${folder}/${file}`, "utf8");
    const path = `../../${folder}/${file.slice(0, -3)}`;
    for (const [, record] of text.matchAll(recordPattern)) records.set(record, path);
    for (const [, name, record] of text.matchAll(kernelPattern)) {
      if (record !== `${name[0].toUpperCase()}${name.slice(1)}Record`) continue;
      if (kernels.has(name)) throw new Error(`${folder}/${file}: there is another kernel called ${name}`);
      kernels.set(name, { name, path, record });
    }
  }
  return [...kernels.values()].map((kernel) => ({ ...kernel, recordPath: records.get(kernel.record) }));
}

function switchOver(kernels) {
  const named = new Map();
  for (const { name, path, record, recordPath } of kernels) {
    named.set(path, [...(named.get(path) ?? []), name]);
    named.set(recordPath, [...(named.get(recordPath) ?? []), record]);
  }
  const imports = [...named].map(([path, names]) => `import { ${names.join(", ")} } from "${path}";`);
  const cases = kernels.map(
    ({ name, record }, opcode) =>
      `    case ${opcode}:\n      return ${name}(changetype<${record}>(at), thread, threads);`,
  );
  return `// Made by scripts/kernels.mjs.
import { KernelRecord } from "../../${folder}/record";
${imports.join("\n")}

/** Executes one thread's share of one record. */
export function execute(record: KernelRecord, thread: i32, threads: i32): void {
  const at = changetype<usize>(record);
  switch (record.opcode) {
${cases.join("\n")}
    default:
      unreachable();
  }
}
`;
}

/** The fields of every class called …Record, those of its base class first: name → [type, offset]. */
function recordClasses(program) {
  const own = new Map();
  for (const [name, element] of program.instancesByName) {
    const field = /([A-Za-z0-9_]+)#([A-Za-z0-9_]+)$/.exec(name);
    if (!field || element.memoryOffset === undefined || element.memoryOffset < 0) continue;
    const [, className, fieldName] = field;
    if (!own.has(className)) own.set(className, {});
    own.get(className)[fieldName] = [element.type.toString(), element.memoryOffset];
  }
  const classes = new Map();
  for (const element of program.instancesByName.values()) {
    if (!element.name.endsWith("Record")) continue;
    let fields = { ...own.get(element.name) };
    for (let base = element.base; base; base = base.base) fields = { ...own.get(base.name), ...fields };
    classes.set(element.name, fields);
  }
  return classes;
}

/** The integers that kernels and TypeScript must agree on: name → value of each constant marked @shared. */
function sharedConstants(program) {
  const constants = {};
  for (const element of program.elementsByName.values()) {
    const decorators = element.declaration?.decorators ?? [];
    if (!decorators.some(({ name }) => name.text === "shared")) continue;
    // Without the path of the file: "Outcome.done" of a namespace, else the name alone.
    const name = element.internalName.split("/").at(-1);
    if (name in constants) throw new Error(`there are two shared constants called ${name}`);
    const { value } = element.declaration.initializer ?? {};
    if (value === undefined) throw new Error(`the shared constant ${name} must be an integer literal`);
    constants[name] = Number(value.toString());
  }
  return constants;
}

function sizeOf(fields) {
  let end = 0;
  for (const [type, offset] of Object.values(fields)) end = Math.max(end, offset + widths[type]);
  return roundUp(end, 8);
}
