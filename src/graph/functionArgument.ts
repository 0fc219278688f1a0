import {
  ArgumentError,
  checkNesting,
  floatsOf,
  type Numbers,
  numbersOf,
  show,
  takeFloats,
  type Tensor,
} from "../engine/index.js";
import type { DataType } from "./dataType.js";
import { checkShape, formatShape, type Shape, sizeOf } from "./shape.js";

/**
 * What a compiled function takes for a Value: a number (shape [1]), a typed array (one axis), arrays nested in the value's
 * shape, or numbers with their shape. Those of an Int32Array are integers, such as class labels; all others are float32.
 */
export type FunctionArgument = number | Numbers | { readonly shape: Shape; readonly data: Numbers };

/** An argument that was taken. */
export interface TakenArgument extends Omit<Tensor, "data"> {
  readonly data: Float32Array | Int32Array;
  readonly dataType: DataType;
}

/**
 * Numbers with their shape and type.
 * @param what names the argument in errors
 * @throws ArgumentError for other than numbers, ShapeError for a shape that is none
 */
export function takeArgument(given: FunctionArgument, what: string): TakenArgument {
  if (typeof given === "number") return { shape: [1], data: floatsOf([given], what), dataType: "f32" };
  const typed = numbersOf(given, what);
  if (typed instanceof Int32Array) return { shape: [typed.length], data: typed, dataType: "i32" };
  if (typed || Array.isArray(given)) {
    const { data, shape = [data.length] } = takeFloats(given as Numbers, what);
    return { shape, data, dataType: "f32" };
  }
  const value: unknown = given;
  if (typeof value !== "object" || value === null || !("shape" in value && "data" in value)) {
    throw new ArgumentError(
      `${what} must be a number, a typed array, arrays of numbers or { shape, data }; got ${show(given)}`,
    );
  }
  return withShape(value.data as Numbers, checkShape(what, value.shape as Shape), what);
}

function withShape(given: Numbers, shape: Shape, what: string): TakenArgument {
  const typed = numbersOf(given, what);
  const taken = typed instanceof Int32Array ? { data: typed, shape: undefined } : takeFloats(given, what);
  const { data } = taken;
  if (data.length !== sizeOf(shape)) {
    throw new ArgumentError(
      `${what} of shape ${formatShape(shape)} wants ${sizeOf(shape)} numbers, got ${data.length}`,
    );
  }
  checkNesting(what, taken, shape[0] ?? 1, shape.slice(1));
  return { shape, data, dataType: data instanceof Int32Array ? "i32" : "f32" };
}
