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

/** The functions that a kernel module imports beside its memory. */
export function kernelImports(hostCalls: HostCalls): Record<string, (id: number) => void> {
  // The loader would add a `trace` that prints; the library never prints.
  return { trace: () => undefined, hostCall: (id) => hostCalls.call(id) };
}
