import { decompressed, FormatError } from "../engine/index.js";
import { reasonOf } from "../io/paths.js";

/**
 * Decompresses a file that gzip made, as far as it should go: no more of it is held in memory.
 * @param limitOf how many bytes there can be at most, told from the first ones; undefined while those do not tell
 * @param tooLong the error of a file that goes on
 * @throws FormatError if it is corrupt or cut short, StateError where the host cannot decompress
 */
export async function gunzip(
  bytes: Uint8Array,
  fileName: string,
  limitOf: (start: Uint8Array) => { readonly limit: number; tooLong(): Error } | undefined,
): Promise<Uint8Array> {
  // A copy, for a stream takes no views of shared memory.
  const reader = decompressed(new Uint8Array(bytes), "gzip").getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  let end: ReturnType<typeof limitOf>;
  try {
    for (;;) {
      const { done, value } = await next(reader, fileName);
      if (done) return concatenate(parts, length);
      parts.push(value);
      length += value.length;
      end ??= limitOf(concatenate(parts, length));
      if (end && length > end.limit) throw end.tooLong();
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function next(
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
  fileName: string,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  try {
    return await reader.read();
  } catch (cause) {
    throw new FormatError(`${fileName}: expected a whole gzip stream, found: ${reasonOf(cause)}`, { cause });
  }
}

function concatenate(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
