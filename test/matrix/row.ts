import type { Expectation } from "./expectations.js";
import type { Outcome } from "./program.js";

/** One line of the table. */
export interface Row {
  /** Where the package runs, and how it came there. */
  readonly host: string;
  readonly version: string;
  readonly expected: Expectation;
  run(): Promise<Outcome>;
}

/** Rows that share a fresh folder with the package in it. */
export interface Group {
  readonly name: string;
  readonly version: string;
  /** Packages of npm that are installed beside the package, each with its version. */
  readonly tools: readonly string[];
  rows(folder: string): Promise<readonly Row[]> | readonly Row[];
}

/** A host cannot be had or run here: the reason. */
export class NotRunError extends Error {}
