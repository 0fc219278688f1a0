import { type Records, records } from "../../build/generated/records.js";
import { alignUp } from "./allocator.js";

export type { Records };
export type KernelName = keyof Records;

/** How the record of a kernel lies in memory: the opcode, which is an i32, then its fields. */
export interface RecordLayout {
  readonly opcode: number;
  /** In bytes: a multiple of `recordAlignment`. */
  readonly size: number;
  readonly fields: Readonly<Record<string, readonly [type: string, offset: number]>>;
}

export const recordAlignment = 8;

/** Bytes of a field of each type; its offset is a multiple of them. */
const widths: Readonly<Record<string, number>> = { usize: 4, i32: 4, u32: 4, f32: 4, f64: 8, bool: 1 };

export const recordLayouts = /* @__PURE__ */ unpackLayouts(records);

/** The layouts of records such as "relu usize x y i32 count", separated by semicolons, in the order of opcodes. */
function unpackLayouts(packed: string): Readonly<Record<KernelName, RecordLayout>> {
  const layouts: Record<string, RecordLayout> = {};
  packed.split(";").forEach((text, opcode) => {
    const [name, ...words] = text.split(" ");
    const fields: Record<string, readonly [string, number]> = {};
    let end = 4;
    let type = "";
    for (const word of words) {
      const width = widths[word];
      if (width !== undefined) type = word;
      else {
        const offset = alignUp(end, widths[type]);
        fields[word] = [type, offset];
        end = offset + widths[type]!;
      }
    }
    layouts[name!] = { opcode, size: alignUp(end, recordAlignment), fields };
  });
  return layouts as Record<KernelName, RecordLayout>;
}
