import * as constants from "../../build/generated/constants.js";
import { records, type Records } from "../../build/generated/records.js";
import { alignUp } from "./allocator.js";
import type { HostCalls } from "./hostCalls.js";

/** What the kernel modules export: assembly/index.ts. */
export interface KernelExports {
  /** Bytes of the control block that `threads` threads share. */
  controlBytes(threads: number): number;
  initializeControl(control: number, threads: number, spinBudget: number, stallTime: number): void;
  /** Executes records as thread 0 and returns an Outcome. */
  run(control: number, program: number, first: number, count: number, mayWait: number): number;
  /** Ends a run whose record at hand threw on thread 0. */
  fail(control: number, thread: number, mayWait: number): number;
  currentRecord(control: number): number;
  failedRecord(control: number): number;
  /** Executes one thread's share of one record. */
  execute(record: number, thread: number, threads: number): void;
  readonly __heap_base: WebAssembly.Global;
}

/** How `run` ended: assembly/threads.ts. */
export const Outcome = {
  done: constants.Outcome_done,
  failed: constants.Outcome_failed,
  stalled: constants.Outcome_stalled,
};

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

/** What a kernel module imports. */
export function kernelImports(memory: WebAssembly.Memory, hostCalls: HostCalls): WebAssembly.ModuleImports {
  return {
    memory,
    hostCall: (id: number) => hostCalls.call(id),
    // Of the build that asserts: the addresses of two texts, and a place in the second, a file.
    abort: (message: number, file: number, line: number, column: number): never => {
      throw new Error(`abort: ${textAt(memory, message)} at ${textAt(memory, file)}:${line}:${column}`);
    },
  };
}

/** A text of AssemblyScript: UTF-16 behind its length in bytes. */
function textAt({ buffer }: WebAssembly.Memory, address: number): string {
  if (address === 0) return "assertion failed";
  const bytes = new DataView(buffer).getUint32(address - 4, true);
  return String.fromCharCode(...new Uint16Array(buffer, address, bytes / 2));
}
