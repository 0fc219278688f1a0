import { numbersOf } from "../engine/index.js";
import { read } from "./errors.js";
import type { Inputs } from "./protocol.js";

/** Inputs on their way to another thread, and the buffers that go with them instead of being copied. */
export interface Parcel {
  readonly inputs: Inputs;
  readonly transfer: ArrayBuffer[];
}

/**
 * Packs inputs: a typed array itself if it may be handed over and has a buffer of its own, else a copy of it. A clone of
 * the array would do for neither: it takes the whole buffer along, and shares memory that is shared. Plain arrays are
 * cloned. Throws ArgumentError for an array whose buffer was transferred away, and for bigints.
 */
export function parcel(inputs: Inputs, mayHandOver: boolean): Parcel {
  const numbers = numbersOf(inputs, "inputs");
  if (!numbers) return { inputs, transfer: [] };
  const { buffer, byteLength } = numbers;
  const isOwner = read(buffer, Symbol.toStringTag) === "ArrayBuffer" && buffer.byteLength === byteLength;
  const sent = mayHandOver && isOwner ? numbers : numbers.slice();
  return { inputs: sent, transfer: [sent.buffer as ArrayBuffer] };
}
