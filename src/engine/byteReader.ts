/** Reads bytes from the first on. */
export class ByteReader {
  at = 0;

  constructor(readonly bytes: Uint8Array) {}

  /** The next number in unsigned LEB128. */
  unsigned(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes[this.at++] ?? 0;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  }

  /** The next `length` bytes. */
  take(length: number): Uint8Array {
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}
