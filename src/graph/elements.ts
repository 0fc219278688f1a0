import { ArgumentError, halfBits, type Numbers, show, type Taken, takeFloats, takeIntegers } from "../engine/index.js";
import type { DataType } from "./dataType.js";

/** The elements of a value as they lie in memory: those of float16 are their bits. */
export type Elements = Float32Array | Int32Array | Uint16Array | Uint8Array;

/** What each type of integers holds. */
const ranges = {
  u8: [0, 255, "bytes from 0 to 255"],
  bool: [0, 1, "truth values: true and false, or 1 and 0"],
} as const;

/**
 * Numbers as elements of a type, in memory of the caller where they are already, with the shape of nested arrays.
 * @throws ArgumentError for other than numbers, and for numbers that the type does not have
 */
export function takeElements(given: Numbers, dataType: DataType, what: string): Taken<Elements> {
  if (dataType === "f32") return takeFloats(given, what);
  if (dataType === "f16") {
    const { data, shape } = takeFloats(given, what);
    return { data: Uint16Array.from(data, halfBits), shape };
  }
  const { data, shape } = takeIntegers(dataType === "bool" ? (withoutBooleans(given) as Numbers) : given, what);
  if (dataType === "i32") return { data, shape };
  const [least, most, wanted] = ranges[dataType];
  const wrong = data.findIndex((number) => number < least || number > most);
  if (wrong >= 0) throw new ArgumentError(`${what} must be ${wanted}; got ${show(data[wrong])} at [${wrong}]`);
  return { data: data instanceof Uint8Array ? data : Uint8Array.from(data), shape };
}

/** true and false in plain arrays as 1 and 0. */
function withoutBooleans(given: unknown): unknown {
  if (typeof given === "boolean") return Number(given);
  return Array.isArray(given) ? given.map(withoutBooleans) : given;
}
