import type { Shape } from "../../src/graph/index.js";
import type { Given, Tensor } from "./sample.js";

/** How an operation is applied. */
export interface Settings {
  /** As its public function takes them. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Of an operation that has no options, or where its attributes say more. */
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** One application of an operation that has shapes of its own. */
export interface Written extends Settings {
  readonly inputs: Readonly<Record<string, Given>>;
  readonly isLarge?: boolean;
}

/** One form of an elementwise function. */
export interface Form extends Settings {
  /** The input that must be positive for the function to be smooth. */
  readonly positive?: string;
  /** What else an input must be for that. */
  readonly tensor?: (input: string, shape: Shape) => Tensor;
}

/** Samples of operations by name. An operation that is not elementwise has some; one of them has an empty batch. */
export type Writtens = Readonly<Record<string, readonly Written[]>>;
/** Forms of elementwise functions that are not smooth everywhere, or have options. All others have one, without either. */
export type Forms = Readonly<Record<string, readonly Form[]>>;
