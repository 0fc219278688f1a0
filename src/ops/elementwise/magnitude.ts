import { arithmeticType, define, integer, type Instruction, isInteger, type Value } from "../../graph/index.js";
import { multiply } from "./multiply.js";
import { unaryFunction } from "../publicFunction.js";
import type { Unary } from "./unary.js";

// Functions of the size and the sign of a number, float32 or int32.

function ofAnyNumber(
  name: "abs" | "negate" | "sign",
  ofIntegers: (x: Value) => Instruction,
  gradient?: (x: Value, dy: Value) => Value,
): Unary {
  return define({
    name,
    inputs: ["x"],
    otherTypes: ["x"],
    isConstant: gradient === undefined,
    shape: ({ x }) => ({ y: { shape: x.shape, dataType: arithmeticType(name, { x }) } }),
    pointwise: ({ inputs: { x } }) => (isInteger(x) ? ofIntegers(x) : { name, operands: [x] }),
    ...(gradient && { gradient: ({ inputs: { x }, upstreams: { y: dy } }) => ({ x: gradient(x, dy) }) }),
  });
}

/** −x elementwise; any shape. float32, or int32 modulo 2³². */
export const negate = /* @__PURE__ */ unaryFunction(
  /* @__PURE__ */ ofAnyNumber(
    "negate",
    (x) => ({ name: "subtractIntegers", operands: [integer(0), x] }),
    (_, dy) => negate(dy),
  ),
);

/** |x| elementwise; any shape. float32, or int32, of which |−2³¹| is −2³¹. dx = dy·sign x: 0 at 0. */
export const abs = /* @__PURE__ */ unaryFunction(
  /* @__PURE__ */ ofAnyNumber(
    "abs",
    (x) => ({ name: "absIntegers", operands: [x] }),
    (x, dy) => multiply(dy, sign(x)),
  ),
);

/**
 * 1 where x > 0, −1 where x < 0, else 0 (also for NaN, as PyTorch has it) elementwise; any shape. float32 or int32. The gradient
 * is 0.
 */
export const sign = /* @__PURE__ */ unaryFunction(
  /* @__PURE__ */ ofAnyNumber("sign", (x) => ({ name: "signIntegers", operands: [x] })),
);
