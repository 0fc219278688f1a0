import type { Engine } from "../src/engine/index.js";
import type { Kernels } from "./baselines/kernels.js";

/** One implementation of a row, ready to be timed. */
export interface Subject {
  /** One call of what the row measures. */
  run(): void;
  /** Calls it as often as the check wants and returns what came out. Called once, before timing. */
  result(): Float32Array;
}

/** A line of the benchmark: the same work on the same inputs in WebAssembly and in JavaScript. */
export interface Row {
  readonly name: string;
  readonly shape: string;
  /** Floating-point operations of a call; a multiply-add is two. */
  readonly flops?: number;
  /** Bytes that must move in a call: each input read once, each output written once. */
  readonly bytes?: number;
  /** Whether flops/peak + bytes/copy bounds the time of a call: whole steps. */
  readonly isStep?: boolean;
  /** Largest difference between results, relative to the largest element. */
  readonly tolerance: number;
  wasm(engine: Engine): Subject;
  /** Undefined where there is no baseline. */
  baseline?(kernels: Kernels): Subject;
}
