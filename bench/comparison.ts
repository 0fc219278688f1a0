import type { Shape, Value } from "../src/graph/index.js";

/** Loops that were fused by hand: bench/assembly/fused.ts. */
export interface Fused {
  gelu(x: number, y: number, bytes: number): void;
  three(a: number, b: number, y: number, bytes: number): void;
  read(x: number, bytes: number): number;
  copy(from: number, to: number, bytes: number): void;
}

/** What is compared with a program: times of both are taken in turn. */
export interface Comparison {
  readonly title: string;
  readonly inputs: readonly Shape[];
  readonly build: (...inputs: Value[]) => Value;
  /** The same by hand, or what bounds it; it has three arrays as large as the first input. Undefined: the same, not fused. */
  readonly reference?: (fused: Fused, arrays: readonly [number, number, number], bytes: number) => void;
  /** What takes its place: another program. */
  readonly other?: (...inputs: Value[]) => Value;
  /** Inputs are uniform between this and its negative. Default 1. */
  readonly range?: number;
  /** Least ratio of the reference's time to that of the program. */
  readonly least: number;
}
