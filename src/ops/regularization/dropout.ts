import { numberFrom } from "../../engine/index.js";
import { bitsOf, define, type Value } from "../../graph/index.js";

interface Attributes {
  readonly p: number;
  /** Number of its random stream: its gradient draws the same words again. */
  readonly stream: number;
  /** What is kept is multiplied by it. */
  readonly scale: number;
}

/** What definitions of operations that drop have in common. */
export const dropping = {
  inputs: ["x"],
  isVolatile: true,
  attributes: { p: 0.5, stream: 0, scale: 2 },
  options: () => ({ p: numberFrom(0, 1) }),
  isPositional: true,
  // If all is dropped there is no 1/(1 − p).
  fit: ({ x }: { readonly x: Value }, { p }: { readonly p: number }): Attributes => ({
    ...{ p, stream: x.graph.stream(), scale: p < 1 ? 1 / (1 - p) : 0 },
  }),
  shape: ({ x }: { readonly x: Value }) => ({ y: x.shape }),
} as const;

export const dropoutOperation = /* @__PURE__ */ define({
  ...dropping,
  name: "dropout",
  isExpensive: true,
  pointwise: ({ inputs: { x }, attributes: { p, stream, scale } }) => ({
    name: "dropout",
    operands: [
      ...[x, { scalar: "dropoutSeed" }, { scalar: "dropoutStep" }],
      { words: [stream, dropoutThreshold(p), bitsOf(scale)] },
    ],
  }),
  gradient: ({ upstreams: { y: dy }, attributes }) => ({ x: dropoutOf(dy, attributes) }),
});

/** The 32-bit word below which an element is dropped with probability p. */
export function dropoutThreshold(p: number): number {
  return Math.min(Math.round(p * 2 ** 32), 2 ** 32 - 1) | 0;
}

export function dropoutOf(x: Value, attributes: Attributes): Value {
  return dropoutOperation.apply({ x }, attributes).y;
}

/**
 * Each element is 0 with probability p, else x/(1−p) (Srivastava et al., "Dropout", 2014, in the inverted form). The draw
 * follows from the scalars "dropoutSeed" and "dropoutStep", the number of dropouts made before in the graph, and the index
 * of the element.
 * @throws ArgumentError unless 0 ≤ p ≤ 1
 */
export function dropout(x: Value, p: number): Value {
  return dropoutOperation.call({ x }, { p }).y;
}
