import { checkDataType, type DataType, define, type Instruction, integer, isFloating, Value } from "../graph/index.js";

/** What turns the lanes of one type into those of another. */
function conversion(x: Value, to: DataType): Instruction {
  const from = x.dataType;
  if (to === "bool") {
    if (from === "bool") return { name: "move", operands: [x] };
    return { name: isFloating(from) ? "floatToTruth" : "integerToTruth", operands: [x] };
  }
  if (isFloating(to)) {
    if (from === "bool") return { name: "maskInteger", operands: [x, 1] };
    if (!isFloating(from)) return { name: "integerToFloat", operands: [x] };
    return { name: to === "f16" ? "roundToHalf" : "move", operands: [x] };
  }
  if (from === "bool") return { name: "maskInteger", operands: [x, integer(1)] };
  if (isFloating(from)) return { name: "floatToInteger", operands: [x] };
  return { name: to === "u8" ? "maskInteger" : "move", operands: to === "u8" ? [x, integer(255)] : [x] };
}

export const castOperation = /* @__PURE__ */ define({
  name: "cast",
  inputs: ["x"],
  otherTypes: ["x"],
  attributes: { dataType: "f32" as DataType },
  options: () => ({ dataType: checkDataType }),
  isPositional: true,
  shape: ({ x: { shape } }, { dataType }) => ({ y: { shape, dataType } }),
  pointwise: ({ inputs: { x }, attributes: { dataType } }) => conversion(x, dataType),
  gradient: ({ inputs: { x }, outputs: { y }, upstreams: { y: dy } }) =>
    isFloating(x.dataType) && isFloating(y.dataType) ? { x: dy } : {},
});

/**
 * x as another type, elementwise. Floating-point numbers become integers without their fractions, the nearest there are for those
 * too large, and 0 for NaN; of a larger integer a byte keeps the last eight bits; float16 rounds to nearest, ties to even; truth
 * values are 1 and 0, and what is not 0 is true. The gradient passes between float32 and float16.
 * @throws ArgumentError for what is no type
 */
export function cast(x: Value, dataType: DataType): Value {
  const convert = (from: Value, to: DataType): Value => castOperation.call({ x: from }, { dataType: to }).y;
  // Two steps, so that what is computed with is what a byte holds.
  return dataType === "u8" && x instanceof Value && isFloating(x.dataType)
    ? convert(convert(x, "i32"), "u8")
    : convert(x, dataType);
}
