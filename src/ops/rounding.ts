import { define, type InstructionName } from "../graph/index.js";
import { type Unary, unaryFunction } from "./unary.js";

// Step functions: their gradient is 0 wherever there is one, and taken to be so everywhere.

function stepFunction(name: InstructionName & ("floor" | "ceil" | "round")): Unary {
  return define({
    name,
    inputs: ["x"],
    isConstant: true,
    shape: ({ x }) => ({ y: x.shape }),
    pointwise: ({ inputs: { x } }) => ({ name, operands: [x] }),
  });
}

/** The largest integer that is not above x; any shape. The gradient is 0. */
export const floor = /* @__PURE__ */ unaryFunction(/* @__PURE__ */ stepFunction("floor"));
/** The smallest integer that is not below x; any shape. The gradient is 0. */
export const ceil = /* @__PURE__ */ unaryFunction(/* @__PURE__ */ stepFunction("ceil"));
/** The integer nearest to x, of two the even one; any shape. The gradient is 0. */
export const round = /* @__PURE__ */ unaryFunction(/* @__PURE__ */ stepFunction("round"));
