import { define, type Value } from "../../graph/index.js";

export const stopGradientOperation = /* @__PURE__ */ define({
  name: "stopGradient",
  inputs: ["x"],
  otherTypes: ["x"],
  isConstant: true,
  shape: ({ x: { shape, dataType } }) => ({ y: { shape, dataType } }),
  view: (strides) => ({ offset: 0, strides }),
});

/** x, through which no gradient flows back: PyTorch's detach. */
export function stopGradient(x: Value): Value {
  return stopGradientOperation.call({ x }).y;
}
