import { decompress, FormatError, StateError } from "../engine/index.js";
import { readFile } from "../io/files.js";

/** The array of an IDX file, row-major. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly data: Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;
}

type ElementArrayConstructor = new (elements: ArrayBuffer) => IdxArray["data"];

/** The format's element types by their code, the third byte of a file. */
const elementTypes = new Map<number, ElementArrayConstructor & { readonly BYTES_PER_ELEMENT: number }>([
  [0x08, Uint8Array],
  [0x09, Int8Array],
  [0x0b, Int16Array],
  [0x0c, Int32Array],
  [0x0d, Float32Array],
  [0x0e, Float64Array],
]);

function hexadecimal(bytes: Uint8Array): string {
  return bytes.length === 0 ? "nothing" : Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

/**
 * Decodes an IDX file, the format of MNIST: 0, 0, element type, number of dimensions; each length as an unsigned 32-bit
 * integer; the elements. All big-endian. The data is copied out of `bytes`.
 * Throws FormatError naming the file, what was expected and what was found.
 */
export function parseIdx(bytes: Uint8Array, fileName: string): IdxArray {
  const magic = bytes.subarray(0, 4);
  const ElementArray = elementTypes.get(magic[2] ?? 0);
  const rank = magic[3] ?? 0;
  if (magic[0] !== 0 || magic[1] !== 0 || ElementArray === undefined || rank === 0) {
    throw new FormatError(
      `${fileName}: expected an IDX file, which starts with 00 00, one of 08 09 0b 0c 0d 0e and the number of ` +
        `dimensions, found ${hexadecimal(magic)}`,
    );
  }
  const headerBytes = 4 + 4 * rank;
  if (bytes.length < headerBytes) {
    throw new FormatError(
      `${fileName}: expected the lengths of ${rank} dimensions in the first ${headerBytes} bytes, ` +
        `found the end of the file after ${bytes.length}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const expectedBytes = shape.reduce((product, length) => product * length, ElementArray.BYTES_PER_ELEMENT);
  const foundBytes = bytes.length - headerBytes;
  if (foundBytes !== expectedBytes) {
    const difference = foundBytes < expectedBytes ? "the file is cut short" : "bytes follow the array";
    throw new FormatError(
      `${fileName}: expected ${expectedBytes} bytes for the shape [${shape.join(", ")}], found ${foundBytes}: ${difference}`,
    );
  }
  const elements = bytes.slice(headerBytes);
  toLittleEndian(elements, ElementArray.BYTES_PER_ELEMENT);
  return { shape, data: new ElementArray(elements.buffer) };
}

/** Reverses the bytes of each element. */
function toLittleEndian(bytes: Uint8Array, elementBytes: number): void {
  for (let start = 0; elementBytes > 1 && start < bytes.length; start += elementBytes) {
    bytes.subarray(start, start + elementBytes).reverse();
  }
}

/**
 * Reads an IDX file, gzipped or not.
 * @param source a path, or the bytes of the file
 * @param fileName what errors call it
 */
export async function readIdx(
  source: string | Uint8Array,
  fileName = typeof source === "string" ? source : "the given bytes",
): Promise<IdxArray> {
  const bytes = typeof source === "string" ? await readFile(source) : source;
  const isGzipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return parseIdx(isGzipped ? await gunzip(bytes, fileName) : bytes, fileName);
}

async function gunzip(bytes: Uint8Array, fileName: string): Promise<Uint8Array> {
  try {
    // A copy, for a stream takes no views of shared memory.
    return await decompress(bytes.slice(), "gzip");
  } catch (cause) {
    if (cause instanceof StateError) throw cause;
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new FormatError(`${fileName}: expected a whole gzip stream, found: ${found}`, { cause });
  }
}
