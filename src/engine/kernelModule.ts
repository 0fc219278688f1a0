import * as constants from "../../build/generated/constants.js";
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
