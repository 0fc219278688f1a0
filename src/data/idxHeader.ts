import { excerptOfShape, FormatError } from "../engine/index.js";

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

/** What the first bytes of an IDX file say. */
export interface IdxHeader {
  readonly ElementArray: ElementArrayConstructor & { readonly BYTES_PER_ELEMENT: number };
  readonly shape: readonly number[];
  readonly headerBytes: number;
  readonly elementBytes: number;
}

/** Bytes of the longest header: 255 dimensions. */
export const mostHeaderBytes = 4 + 4 * 255;

/**
 * Reads the header of a file that begins with `bytes`: 0, 0, element type, number of dimensions; each length as an unsigned
 * 32-bit integer, big-endian.
 * @throws FormatError, also if the header is not complete
 */
export function parseIdxHeader(bytes: Uint8Array, fileName: string): IdxHeader {
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
  // 0 also where the other lengths overflow.
  const elementBytes = shape.includes(0)
    ? 0
    : shape.reduce((product, length) => product * length, ElementArray.BYTES_PER_ELEMENT);
  return { ElementArray, shape, headerBytes, elementBytes };
}

/** The FormatError of a file with `found` bytes behind its header, which are not as many as that says. */
export function wrongLength({ shape, elementBytes }: IdxHeader, found: number | string, fileName: string): FormatError {
  const isShort = typeof found === "number" && found < elementBytes;
  return new FormatError(
    `${fileName}: expected ${elementBytes} bytes for the shape ${excerptOfShape(shape)}, found ${found}: ` +
      (isShort ? "the file is cut short" : "bytes follow the array"),
  );
}

function hexadecimal(bytes: Uint8Array): string {
  return bytes.length === 0 ? "nothing" : Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
