import type { DataType } from "./dataType.js";
import type { Strided } from "./layout.js";
import type { Emitter } from "./node.js";
import type { Shape } from "./shape.js";

/** Emits the record that copies elements of `from` to `to`; both are of `shape`. */
export function emitStridedCopy(
  _emit: Emitter,
  { shape }: { readonly from: Strided; readonly to: Strided; readonly shape: Shape; readonly dataType: DataType },
): void {
  throw new Error(`copies of strided values of shape ${String(shape)} are not there yet`);
}
