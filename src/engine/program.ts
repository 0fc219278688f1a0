import { layouts } from "./builds.js";
import { StateError } from "./errors.js";
import type { Block, LinearMemory } from "./memory.js";

type Kernels = typeof layouts.kernels;
export type KernelName = keyof Kernels;
export type KernelFields<K extends KernelName> = keyof Kernels[K]["fields"];

/** Something whose address is known when a program is linked. */
export interface Placed {
  readonly address: number;
}

/** What a field of each AssemblyScript type takes: a pointer something with an address, or 0 for none. */
interface FieldKinds {
  readonly usize: Placed | 0;
  readonly i32: number;
  readonly u32: number;
  readonly f32: number;
  readonly f64: number;
  readonly bool: boolean;
}

type TypeOf<Field> = Field extends readonly [infer T extends keyof FieldKinds, number] ? T : never;

/** A value for every field of a kernel's record. */
export type FieldValues<K extends KernelName> = {
  readonly [F in KernelFields<K>]: FieldKinds[TypeOf<Kernels[K]["fields"][F]>];
};

/** One call of a kernel. `source` says where it came from, e.g. "layer 0 (linear)", for errors and profiles. */
export interface KernelCall {
  readonly kernel: KernelName;
  readonly fields: Readonly<Record<string, number | boolean | Placed>>;
  readonly source: string;
  /** Memory it uses beyond what its fields refer to: that of a host call. */
  readonly uses?: readonly Placed[];
}

/** A kernel call whose fields are checked against the kernel's record. */
export function kernelCall<K extends KernelName>(
  kernel: K,
  fields: FieldValues<K>,
  source: string = kernel,
): KernelCall {
  return { kernel, fields: fields, source };
}

const tableEntryBytes = 4;

/** A list of kernel calls written to linear memory as records behind a table of their addresses. */
export class LinkedProgram {
  readonly block: Block;
  isReleased = false;

  constructor(
    private readonly memory: LinearMemory,
    readonly calls: readonly KernelCall[],
  ) {
    let bytes = alignRecord(calls.length * tableEntryBytes);
    for (const call of calls) bytes += alignRecord(layouts.kernels[call.kernel].size);
    this.block = memory.allocateFor(this, bytes, `a program of ${calls.length} records`);
    this.link();
  }

  get length(): number {
    return this.calls.length;
  }

  /** Address of the table of records. */
  get address(): number {
    if (this.isReleased) throw new StateError("this program was released; compile it again");
    return this.block.address;
  }

  /** Writes every record with the present addresses of what its fields refer to; call again when those moved. */
  link(): void {
    const view = this.memory.dataView(this.block.address, this.block.bytes);
    let at = alignRecord(this.calls.length * tableEntryBytes);
    this.calls.forEach((call, index) => {
      view.setUint32(index * tableEntryBytes, this.block.address + at, true);
      at = writeRecord(view, at, call);
    });
  }

  release(): void {
    if (!this.isReleased) this.memory.release(this.block);
    this.isReleased = true;
  }
}

function alignRecord(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

/** Writes one record at `at` and returns where the next begins. */
function writeRecord(view: DataView, at: number, call: KernelCall): number {
  const layout = layouts.kernels[call.kernel];
  view.setInt32(at + layouts.opcodeOffset, layout.opcode, true);
  const fields: Readonly<Record<string, readonly [type: string, offset: number]>> = layout.fields;
  for (const [name, [type, offset]] of Object.entries(fields)) {
    const given = call.fields[name];
    if (given === undefined) throw new TypeError(`${call.kernel} record of ${call.source} lacks its field ${name}`);
    const value = typeof given === "object" ? given.address : Number(given);
    writeField(view, at + offset, type, value);
  }
  return at + alignRecord(layout.size);
}

function writeField(view: DataView, at: number, type: string, value: number): void {
  switch (type) {
    case "usize":
    case "u32":
      return view.setUint32(at, value, true);
    case "i32":
      return view.setInt32(at, value, true);
    case "f32":
      return view.setFloat32(at, value, true);
    case "f64":
      return view.setFloat64(at, value, true);
    case "bool":
    case "u8":
      return view.setUint8(at, value);
    default:
      throw new TypeError(`records have no fields of type ${type}`);
  }
}
