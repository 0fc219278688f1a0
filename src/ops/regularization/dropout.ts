import { numberBelow } from "../../engine/index.js";
import { bitsOf, define, type Value } from "../../graph/index.js";

interface Attributes {
  readonly p: number;
  /** Number of its random stream: its gradient draws the same words again. */
  readonly stream: number;
}

export const dropoutOperation = /* @__PURE__ */ define({
  name: "dropout",
  inputs: ["x"],
  isVolatile: true,
  attributes: { p: 0.5, stream: 0 },
  options: () => ({ p: numberBelow(0, 1) }),
  isPositional: true,
  fit: ({ x }, { p }) => ({ p, stream: x.graph.stream() }),
  shape: ({ x }) => ({ y: x.shape }),
  isExpensive: true,
  pointwise: ({ inputs: { x }, attributes: { p, stream } }) => ({
    name: "dropout",
    operands: [
      ...[x, { scalar: "dropoutSeed" }, { scalar: "dropoutStep" }],
      { words: [stream, dropoutThreshold(p), bitsOf(1 / (1 - p))] },
    ],
  }),
  gradient: ({ upstreams: { y: dy }, attributes }) => ({ x: dropoutOf(dy, attributes) }),
});

/** The 32-bit word below which an element is dropped with probability p. */
export function dropoutThreshold(p: number): number {
  return Math.min(Math.round(p * 2 ** 32), 2 ** 32 - 1) | 0;
}

function dropoutOf(x: Value, attributes: Attributes): Value {
  return dropoutOperation.apply({ x }, attributes).y;
}

/**
 * Each element is 0 with probability p, else x/(1−p) (Srivastava et al., "Dropout", 2014, in the inverted form). The draw
 * follows from the scalars "dropoutSeed" and "dropoutStep", the number of dropouts made before in the graph, and the index
 * of the element.
 * @throws ArgumentError unless 0 ≤ p < 1
 */
export function dropout(x: Value, p: number): Value {
  return dropoutOperation.call({ x }, { p }).y;
}
