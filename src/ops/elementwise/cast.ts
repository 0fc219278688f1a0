import {
  checkDataType,
  type DataType,
  define,
  type Instruction,
  integer,
  isFloating,
  type Value,
} from "../../graph/index.js";

/** What turns the lanes of one type into those of another: what is computed with is what memory would hold. */
function conversion(x: Value, to: DataType): Instruction {
  const from = x.dataType;
  if (from === to) return { name: "move", operands: [x] };
  if (from === "bool") return { name: "maskInteger", operands: [x, isFloating(to) ? 1 : integer(1)] };
  if (isFloating(from)) return { name: fromFloats[to], operands: [x] };
  return to === "u8" ? { name: "maskInteger", operands: [x, integer(255)] } : { name: fromIntegers[to], operands: [x] };
}

const fromFloats = {
  f32: "move",
  f16: "roundToHalf",
  i32: "floatToInteger",
  u8: "floatToByte",
  bool: "floatToTruth",
} as const;
const fromIntegers = { f32: "integerToFloat", f16: "integerToHalf", i32: "move", bool: "integerToTruth" } as const;

export const castOperation = /* @__PURE__ */ define({
  name: "cast",
  inputs: ["x"],
  otherTypes: ["x"],
  attributes: {} as { readonly dataType: DataType },
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
  return castOperation.call({ x }, { dataType }).y;
}
