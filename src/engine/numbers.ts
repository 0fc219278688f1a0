// The one place that says which arrays of numbers the library takes, and what they mean.
//
// Typed arrays of every number type, of any realm and offset, and plain arrays of numbers, nested or not, stand for their
// numbers. Where samples are meant (`samplesOf`), bytes stand for value/255: those of a Uint8Array, a Uint8ClampedArray
// (the pixels of a canvas) and a Node MemoryRange. Nothing becomes another number in silence: what is no number, or is too
// large for the type it is converted to, is an ArgumentError that says where it stands.
import { numbersOf, type TypedNumbers } from "./arrays.js";
import { ArgumentError, MemoryError } from "./errors.js";
import { excerptOfShape } from "./excerpt.js";
import { show } from "./show.js";

/** Plain arrays of numbers or of typed arrays, nested to any regular shape. */
export type NestedNumbers = readonly (number | TypedNumbers | NestedNumbers)[];
/** Numbers as callers have them. */
export type Numbers = TypedNumbers | NestedNumbers;

/** Numbers with a shape, row-major. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Numbers that were taken, row-major. */
export interface Taken<T> {
  readonly data: T;
  /** How plain arrays were nested; undefined for a flat or a typed array, which says nothing of its shape. */
  readonly shape: readonly number[] | undefined;
}

/** What numbers are converted to, and which of them it can hold. */
interface Target<T> {
  readonly TypedArray: new (length: number) => T;
  /** Completes "must be …". */
  readonly wanted: string;
  holds(number: number): boolean;
}

/** Numbers from here on round to infinity. */
const beyondFloat32 = 2 ** 128 - 2 ** 103;

const float32: Target<Float32Array> = {
  TypedArray: Float32Array,
  wanted: "numbers that a float32 can hold",
  holds: (number) => Math.abs(number) < beyondFloat32 || !Number.isFinite(number),
};

const int32: Target<Int32Array> = {
  TypedArray: Int32Array,
  wanted: "whole numbers that an int32 can hold",
  holds: (number) => (number | 0) === number,
};

const byte: Target<Uint8Array> = { TypedArray: Uint8Array, wanted: "bytes", holds: () => true };

/**
 * Numbers as float32: a view of the same memory if they are, otherwise converted. Bytes are numbers from 0 to 255.
 * @param what names the value in errors
 * @throws ArgumentError for other than numbers, irregular nesting, numbers too large for a float32, a detached buffer
 */
export function floatsOf(value: Numbers, what: string): Float32Array {
  const numbers = numbersOf(value, what);
  if (!numbers) return flatten(value, what, float32).data;
  return numbers instanceof Float32Array ? numbers : convert(numbers, what, float32);
}

/**
 * Numbers of samples: bytes stay bytes, which stand for value/255, all else becomes float32. Both are views of the same
 * memory where they can be. Errors are those of `floatsOf`.
 */
export function samplesOf(value: Numbers, what: string): Taken<Uint8Array | Float32Array> {
  const numbers = numbersOf(value, what);
  if (numbers) return { data: asBytes(numbers) ?? floatsOf(numbers, what), shape: undefined };
  const areBytes = asBytes(innermost(value, what)) !== undefined;
  return flatten<Uint8Array | Float32Array>(value, what, areBytes ? byte : float32, areBytes);
}

/** As `floatsOf`, with the shape of nested arrays. */
export function takeFloats(value: Numbers, what: string): Taken<Float32Array> {
  const isTyped = numbersOf(value, what) !== undefined;
  return isTyped ? { data: floatsOf(value, what), shape: undefined } : flatten(value, what, float32);
}

/** As `integersOf`, with the shape of nested arrays. */
export function takeIntegers(value: Numbers, what: string): Taken<Uint8Array | Int32Array> {
  const numbers = numbersOf(value, what);
  if (!numbers) return flatten(value, what, int32);
  const data = asBytes(numbers) ?? (numbers instanceof Int32Array ? numbers : convert(numbers, what, int32));
  return { data, shape: undefined };
}

/**
 * Whole numbers as int32, or bytes as they are: views of the same memory for an Int32Array and for bytes, otherwise
 * converted. Errors are those of `floatsOf`, and an ArgumentError for a number that is no int32.
 */
export function integersOf(value: Numbers, what: string): Uint8Array | Int32Array {
  const { data, shape } = takeIntegers(value, what);
  if (shape === undefined) return data;
  throw new ArgumentError(`${what} must be one row of whole numbers, got arrays nested as ${excerptOfShape(shape)}`);
}

/**
 * Throws ArgumentError unless arrays were nested in the shape of their samples, or as one row for each: that they hold as
 * many numbers is not enough. One sample may stand alone.
 */
export function checkNesting(
  what: string,
  { data, shape }: Taken<{ readonly length: number }>,
  samples: number,
  sampleShape: readonly number[],
): void {
  if (shape === undefined) return;
  const whole = [samples, ...sampleShape];
  const rows = samples === 0 ? whole : [samples, data.length / samples];
  const matches = (wanted: readonly number[]): boolean => String(shape) === String(wanted);
  if (matches(whole) || matches(rows) || (samples === 1 && matches(sampleShape))) return;
  const wanted = String(whole) === String(rows) ? "" : ` or ${excerptOfShape(rows)}`;
  throw new ArgumentError(`${what} must be nested as ${excerptOfShape(whole)}${wanted}, got ${excerptOfShape(shape)}`);
}

function asBytes(numbers: TypedNumbers | undefined): Uint8Array | undefined {
  if (numbers instanceof Uint8Array) return numbers;
  if (!(numbers instanceof Uint8ClampedArray)) return undefined;
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.length);
}

function convert<T extends Int32Array | Float32Array>(numbers: TypedNumbers, what: string, target: Target<T>): T {
  const data = allocate(target, numbers.length, what);
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i]!;
    if (!target.holds(number)) throw doesNotFit(number, what, target, [i]);
    data[i] = number;
  }
  return data;
}

/** More dimensions than any data has; what is nested deeper contains itself, or is no data. */
const mostDimensions = 32;

/** The first of the innermost typed arrays that plain arrays hold. */
function innermost(value: unknown, what: string): TypedNumbers | undefined {
  return numbersOf(firstLeaf(value, what).leaf, what);
}

/** The lengths of plain arrays along their first elements, and what they hold. */
function firstLeaf(value: unknown, what: string): { lengths: number[]; leaf: unknown } {
  const lengths: number[] = [];
  let leaf = value;
  for (; Array.isArray(leaf); leaf = leaf[0]) {
    lengths.push(leaf.length);
    if (lengths.length > mostDimensions) {
      throw new ArgumentError(`${what} must be numbers, got arrays nested more than ${mostDimensions} deep`);
    }
  }
  return { lengths, leaf };
}

/**
 * Copies plain arrays, all of the same lengths, into one typed array.
 * @param areBytes whether rows must be bytes (true) or must not be (false). Default: bytes are numbers like others
 */
function flatten<T extends Uint8Array | Int32Array | Float32Array>(
  value: unknown,
  what: string,
  target: Target<T>,
  areBytes?: boolean,
): Taken<T> {
  if (!Array.isArray(value)) throw notNumbers(value, what, []);
  const { lengths: shape, leaf } = firstLeaf(value, what);
  const first = numbersOf(leaf, what);
  if (first) shape.push(first.length);
  const data = allocate(
    target,
    shape.reduce((product, length) => product * length, 1),
    what,
  );
  let at = 0;
  const fill = (row: unknown, path: readonly number[]): void => {
    const numbers = numbersOf(row, what);
    if (numbers === undefined && !Array.isArray(row)) throw notNumbers(row, what, path);
    const items: ArrayLike<unknown> = numbers ?? (row as unknown[]);
    const length = shape[path.length]!;
    const isInnermost = path.length === shape.length - 1;
    if (items.length !== length || (numbers && !isInnermost)) {
      throw new ArgumentError(
        `${what} must be nested regularly, got ${items.length} numbers or rows at ${position(path)} where others have ${length}`,
      );
    }
    if (isInnermost && areBytes !== undefined && (asBytes(numbers) !== undefined) !== areBytes) {
      throw new ArgumentError(
        `${what} must be rows of one type, got ${show(row)} at ${position(path)} and others before`,
      );
    }
    for (let i = 0; i < length; i++) {
      const item = items[i];
      if (!isInnermost) fill(item, [...path, i]);
      else {
        if (typeof item !== "number") throw notNumbers(item, what, [...path, i]);
        if (!target.holds(item)) throw doesNotFit(item, what, target, [...path, i]);
        data[at++] = item;
      }
    }
  };
  fill(value, []);
  return { data, shape: shape.length > 1 ? shape : undefined };
}

function allocate<T>({ TypedArray }: Target<T>, size: number, what: string): T {
  try {
    return new TypedArray(size);
  } catch (cause) {
    throw new MemoryError(`${what}: this host has no memory for ${size} numbers`, { cause });
  }
}

function position(path: readonly number[]): string {
  return path.map((index) => `[${index}]`).join("");
}

function doesNotFit(number: number, what: string, { wanted }: Target<unknown>, path: readonly number[]): ArgumentError {
  return new ArgumentError(`${what} must be ${wanted}, got ${number} at ${position(path)}`);
}

function notNumbers(value: unknown, what: string, path: readonly number[]): ArgumentError {
  const where = path.length === 0 ? "" : ` at ${position(path)}`;
  return new ArgumentError(
    `${what} must be numbers: a typed array such as a Float32Array, or an array of numbers; got ${show(value)}${where}`,
  );
}
