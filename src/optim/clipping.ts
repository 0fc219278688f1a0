import type { Value } from "../graph/index.js";

/** The gradient of a parameter, or of neighbouring ones. */
export interface NamedGradient {
  readonly name: string;
  readonly value: Value;
}

/** What is done to gradients before an optimizer sees them. */
export interface Clipping {
  /** Whether it wants the gradient of every parameter by itself. */
  readonly isByTensor: boolean;
  /** What becomes of all gradients of a step. */
  apply(gradients: readonly NamedGradient[]): readonly Value[];
}
