import { numberFrom } from "../../engine/index.js";
import { define, type Value } from "../../graph/index.js";

export const scaleOperation = /* @__PURE__ */ define({
  name: "scale",
  inputs: ["x"],
  attributes: { factor: 1 },
  options: () => ({ factor: numberFrom(-Infinity) }),
  isPositional: true,
  shape: ({ x }) => ({ y: x.shape }),
  pointwise: ({ inputs: { x }, attributes: { factor } }) => ({ name: "multiply", operands: [x, factor] }),
  gradient: ({ upstreams: { y: dy }, attributes: { factor } }) => ({ x: scale(dy, factor) }),
});

/** factor·x elementwise, with the factor rounded to float32; any shape. Throws ArgumentError for a factor not finite. */
export function scale(x: Value, factor: number): Value {
  return scaleOperation.call({ x }, { factor }).y;
}
