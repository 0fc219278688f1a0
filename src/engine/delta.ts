import { ByteReader } from "./byteReader.js";

/** The bytes that `delta`, which scripts/delta.mjs made and describes, makes of `base`. */
export function applyDelta(base: Uint8Array, delta: Uint8Array): Uint8Array<ArrayBuffer> {
  const reader = new ByteReader(delta);
  const length = reader.unsigned();
  const commands = new ByteReader(reader.take(length));
  const pieces: Uint8Array[] = [];
  let next = 0;
  while (commands.at < length) {
    pieces.push(reader.take(commands.unsigned()));
    const copied = commands.unsigned();
    const distance = commands.unsigned();
    next += distance % 2 ? -(distance + 1) / 2 : distance / 2;
    pieces.push(base.subarray(next, next + copied));
    next += copied;
  }
  const result = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    result.set(piece, at);
    at += piece.length;
  }
  return result;
}
