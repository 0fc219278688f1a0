// An asc transform: writes the memory layout of every kernel record, as the compiler laid it out, to
// build/layouts.json. scripts/generate.mjs turns that into typed TypeScript, so no offset is written by hand.
import { mkdirSync, writeFileSync } from "node:fs";

export default class RecordLayouts {
  afterCompile() {
    const classes = new Map();
    for (const [name, element] of this.program.instancesByName) {
      const field = /([A-Za-z0-9_]+)#([A-Za-z0-9_]+)$/.exec(name);
      if (!field || element.memoryOffset === undefined || element.memoryOffset < 0) continue;
      const [, className, fieldName] = field;
      if (!classes.has(className)) classes.set(className, {});
      classes.get(className)[fieldName] = [element.type.toString(), element.memoryOffset];
    }
    // A record class may extend another for its fields.
    for (const element of this.program.instancesByName.values()) {
      if (!element.name.endsWith("Record")) continue;
      const inherited = {};
      for (let base = element.base; base; base = base.base) Object.assign(inherited, classes.get(base.name));
      classes.set(element.name, { ...inherited, ...classes.get(element.name) });
    }
    const opcodes = {};
    for (const [name, element] of this.program.elementsByName) {
      if (!name.endsWith("/Opcode")) continue;
      for (const [member, value] of element.members) opcodes[member] = Number(value.constantIntegerValue.toString());
    }
    const kernels = {};
    const header = classes.get("KernelRecord") ?? {};
    for (const [kernel, opcode] of Object.entries(opcodes)) {
      const className = kernel[0].toUpperCase() + kernel.slice(1) + "Record";
      const own = classes.get(className);
      if (!own) throw new Error(`Opcode.${kernel} has no ${className} that a kernel takes`);
      const fields = { ...own };
      for (const name of Object.keys(header)) delete fields[name];
      kernels[kernel] = { opcode, size: sizeOf({ ...header, ...own }), fields };
    }
    mkdirSync("build", { recursive: true });
    writeFileSync("build/layouts.json", JSON.stringify({ kernels }, null, 1));
  }
}

const widths = { bool: 1, i8: 1, u8: 1, i16: 2, u16: 2, i32: 4, u32: 4, usize: 4, f32: 4, i64: 8, u64: 8, f64: 8 };

function sizeOf(fields) {
  let end = 0;
  for (const [type, offset] of Object.values(fields)) end = Math.max(end, offset + widths[type]);
  return (end + 7) & ~7;
}
