// Bytes and typed arrays as callers hand them over. They are recognised by what they are, through the getters of their
// internal slots: an array of another realm (a node:vm context, an iframe) is no instance of this realm's classes, and a
// property of the same name may say anything.
import { ArgumentError } from "./errors.js";
import { show } from "./show.js";

/** What holds bytes: a Node MemoryRange, a typed array or DataView anywhere in its buffer, an ArrayBuffer, shared or not. */
export type Bytes = ArrayBufferView | ArrayBufferLike;

/** The typed arrays of numbers. Those of bigints are refused with an ArgumentError. */
export type TypedNumbers =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

type Getter = (value: unknown) => unknown;

/** Reads a slot of objects of one class, of any realm. It throws a TypeError for others. */
function getter(prototype: object, name: string | symbol): Getter {
  const { get } = Object.getOwnPropertyDescriptor(prototype, name) as { readonly get: () => unknown };
  return (value) => Reflect.apply(get, value, []);
}

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as { readonly at: (index: number) => unknown };
const { at } = typedArray;
const kind = getter(typedArray, Symbol.toStringTag);
const ofTypedArray = {
  buffer: getter(typedArray, "buffer"),
  byteOffset: getter(typedArray, "byteOffset"),
  byteLength: getter(typedArray, "byteLength"),
};
const ofDataView = {
  buffer: getter(DataView.prototype, "buffer"),
  byteOffset: getter(DataView.prototype, "byteOffset"),
  byteLength: getter(DataView.prototype, "byteLength"),
};
const byteLengths = [ArrayBuffer, ...(typeof SharedArrayBuffer === "undefined" ? [] : [SharedArrayBuffer])].map(
  (constructor) => getter(constructor.prototype, "byteLength"),
);

/** The class of a typed array, such as "Uint8Array" (of a Node MemoryRange too); undefined for everything else. */
export function typedArrayKind(value: unknown): string | undefined {
  return kind(value) as string | undefined;
}

function isBuffer(value: unknown): value is ArrayBufferLike {
  return byteLengths.some((byteLength) => {
    try {
      byteLength(value);
      return true;
    } catch {
      return false;
    }
  });
}

/** Throws ArgumentError if a view has lost its memory. */
function partsOf(
  view: ArrayBufferView,
  what: string,
): { buffer: ArrayBufferLike; byteOffset: number; byteLength: number } {
  const isTypedArray = typedArrayKind(view) !== undefined;
  const getters = isTypedArray ? ofTypedArray : ofDataView;
  try {
    // A typed array that lies outside its buffer says that it is empty; its methods throw. A DataView's getters do.
    if (isTypedArray) Reflect.apply(at, view, [0]);
    return {
      buffer: getters.buffer(view) as ArrayBufferLike,
      byteOffset: getters.byteOffset(view) as number,
      byteLength: getters.byteLength(view) as number,
    };
  } catch (cause) {
    throw lostMemory(what, cause);
  }
}

function lostMemory(what: string, cause: unknown): ArgumentError {
  return new ArgumentError(
    `${what} must still have its memory, got a buffer that was transferred to another thread, or resized to less than ` +
      "its view; make the array anew, or hand over a copy",
    { cause },
  );
}

/**
 * The bytes of a value, as a plain view of the same memory: its `slice` copies, which that of a Node MemoryRange does not.
 * @param what names the value in errors
 * @throws ArgumentError for other than bytes, and for a buffer that was detached
 */
export function bytesOf(value: Bytes, what: string): Uint8Array {
  if (ArrayBuffer.isView(value)) {
    const { buffer, byteOffset, byteLength } = partsOf(value, what);
    return new Uint8Array(buffer, byteOffset, byteLength);
  }
  if (!isBuffer(value)) {
    throw new ArgumentError(
      `${what} must be bytes: a Uint8Array or another view, or an ArrayBuffer; got ${show(value)}`,
    );
  }
  try {
    return new Uint8Array(value);
  } catch (cause) {
    throw lostMemory(what, cause);
  }
}

interface ViewConstructor {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): TypedNumbers;
  readonly BYTES_PER_ELEMENT: number;
}

const views = new Map<string, ViewConstructor>(
  [
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
  ].map((View) => [View.name, View]),
);

/**
 * A plain view of a typed array's numbers, of this realm and of the length it has now; undefined for everything else.
 * @throws ArgumentError for arrays of bigints, and for a buffer that was detached
 */
export function numbersOf(value: unknown, what: string): TypedNumbers | undefined {
  const kind = typedArrayKind(value);
  if (kind === undefined) return undefined;
  const { buffer, byteOffset, byteLength } = partsOf(value as ArrayBufferView, what);
  const View = views.get(kind);
  if (View) return new View(buffer, byteOffset, byteLength / View.BYTES_PER_ELEMENT);
  if (kind.startsWith("Big")) {
    throw new ArgumentError(
      `${what} must hold numbers, got bigints in a ${kind}; write Float32Array.from(values, Number)`,
    );
  }
  // A class that this realm may lack, such as Float16Array: copied.
  return new Float64Array(value as TypedNumbers);
}
