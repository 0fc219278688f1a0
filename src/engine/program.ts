import type { Records } from "../../build/generated/records.js";
import { alignUp, type Block } from "./allocator.js";
import type { Arena } from "./arena.js";
import type { Holding } from "./holding.js";
import { type KernelName, recordAlignment, recordLayouts } from "./recordLayouts.js";
import type { LinearMemory } from "./memory.js";

export type { KernelName };
export type KernelFields<K extends KernelName> = keyof Records[K];

/** Something whose address is known when a program is linked. */
export interface Placed {
  readonly address: number;
  /** Whose memory it is, if it can be given back. @internal */
  readonly holding?: Holding | undefined;
}

/** What a field of each AssemblyScript type takes: a pointer something with an address, or 0 for none. */
export interface FieldKinds {
  readonly usize: Placed | 0;
  readonly i32: number;
  readonly u32: number;
  readonly f32: number;
  readonly f64: number;
  readonly bool: boolean;
}

/** A value for every field of a kernel's record. */
export type FieldValues<K extends KernelName> = {
  readonly [F in KernelFields<K>]: FieldKinds[Records[K][F] & keyof FieldKinds];
};

/** What a record does, where its kernel and its fields do not tell. */
export interface RecordWork {
  /** Of the memory that it reads or writes, each once. */
  readonly bytes: number;
  /** Floating-point operations; undefined where they are not known. */
  readonly flops: number | undefined;
  /** What a pointwise program executes for every element. */
  readonly instructions?: readonly string[];
}

/** One call of a kernel. `source` says where it came from, e.g. "layer 0 (linear)", for errors and profiles. */
export interface KernelCall {
  readonly kernel: KernelName;
  readonly fields: Readonly<Record<string, number | boolean | Placed>>;
  readonly source: string;
  /** Memory it uses beyond what its fields refer to: that of a host call. */
  readonly uses?: readonly Placed[];
  readonly work?: RecordWork;
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
  private readonly block: Block;
  private generation: number | undefined;

  /**
   * @param holding what its memory belongs to; it comes to depend on all memory that the calls refer to
   * @param arena where planned buffers lie
   * @param changes holdings of state that the calls write
   */
  constructor(
    private readonly memory: LinearMemory,
    readonly calls: readonly KernelCall[],
    readonly holding: Holding = memory.hold("program"),
    private readonly arena?: Arena,
    readonly changes: Iterable<Holding> = [],
  ) {
    let bytes = alignUp(calls.length * tableEntryBytes, recordAlignment);
    for (const call of calls) {
      bytes += recordLayouts[call.kernel].size;
      for (const value of Object.values(call.fields)) this.dependOn(value);
      for (const value of call.uses ?? []) this.dependOn(value);
    }
    this.block = holding.allocate(bytes, `a program of ${calls.length} records`);
    this.link();
  }

  get length(): number {
    return this.calls.length;
  }

  /** Address of the table of records. Throws StateError if the program, or memory that it needs, was disposed. */
  get address(): number {
    this.holding.check();
    if (this.generation !== this.arena?.generation) this.link();
    return this.block.address;
  }

  /** Gives the memory back. */
  dispose(): void {
    this.holding.dispose();
  }

  private dependOn(value: number | boolean | Placed): void {
    if (typeof value === "object" && value.holding) this.holding.dependOn(value.holding);
  }

  /** Writes every record with the present addresses of what its fields refer to. */
  private link(): void {
    const view = this.memory.writable().dataView(this.block.address, this.block.bytes);
    let at = alignUp(this.calls.length * tableEntryBytes, recordAlignment);
    this.calls.forEach((call, index) => {
      view.setUint32(index * tableEntryBytes, this.block.address + at, true);
      at = writeRecord(view, at, call);
    });
    this.generation = this.arena?.generation;
  }
}

/** Writes one record at `at` and returns where the next begins. */
function writeRecord(view: DataView, at: number, call: KernelCall): number {
  const layout = recordLayouts[call.kernel];
  view.setInt32(at, layout.opcode, true);
  for (const [name, [type, offset]] of Object.entries(layout.fields)) {
    const given = call.fields[name];
    if (given === undefined) throw new TypeError(`${call.kernel} record of ${call.source} lacks its field ${name}`);
    const value = typeof given === "object" ? given.address : Number(given);
    if (!fits(type, value)) throw new TypeError(`${name} of ${call.source} is ${value}, which no ${type} holds`);
    writeField(view, at + offset, type, value);
  }
  return at + layout.size;
}

/** Whether a field keeps the number: integers are neither cut nor wrapped. */
function fits(type: string, value: number): boolean {
  if (type === "i32") return (value | 0) === value;
  return type !== "u32" || value >>> 0 === value;
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
