import { ArgumentError } from "../engine/index.js";
import { read, reasonOf } from "./errors.js";
import type { Inputs } from "./protocol.js";

/** Inputs on their way to another thread, and the buffers that go with them instead of being copied. */
export interface Parcel {
  readonly inputs: Inputs;
  readonly transfer: ArrayBuffer[];
}

/**
 * Packs inputs: themselves if they may be handed over and have a buffer of their own, else a copy of them. A clone of the
 * array would do for neither: it takes the whole buffer along, and shares memory that is shared. Throws ArgumentError for
 * an array whose buffer was transferred away.
 */
export function parcel(inputs: Inputs, mayHandOver: boolean): Parcel {
  if (!isTypedArray(inputs)) return { inputs, transfer: [] };
  const { buffer, byteLength } = inputs;
  const isOwner = read(buffer, Symbol.toStringTag) === "ArrayBuffer" && buffer.byteLength === byteLength;
  const sent = mayHandOver && isOwner && byteLength > 0 ? inputs : copyOf(inputs);
  return { inputs: sent, transfer: [sent.buffer as ArrayBuffer] };
}

function isTypedArray(inputs: unknown): inputs is Uint8Array | Float32Array {
  return ArrayBuffer.isView(inputs) && read(inputs, Symbol.toStringTag) !== "DataView";
}

function copyOf(inputs: Uint8Array | Float32Array): Uint8Array | Float32Array {
  try {
    // Not their own `slice`: that of Node's Buffer is a view.
    return Uint8Array.prototype.slice.call(inputs);
  } catch (cause) {
    throw new ArgumentError(`the inputs cannot be read; was their buffer transferred? ${reasonOf(cause)}`, { cause });
  }
}
