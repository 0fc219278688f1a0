import { type Bytes, bytesOf, checkText } from "../engine/index.js";
import { type FileSource, readSource } from "../io/index.js";
import { gunzip } from "./gunzip.js";
import { type IdxArray, mostHeaderBytes, parseIdxHeader, wrongLength } from "./idxHeader.js";

/**
 * Decodes an IDX file, the format of MNIST: a header with element type and shape, then the elements, all big-endian. The
 * data is copied out of `file`.
 * Throws FormatError naming the file, what was expected and what was found.
 * @param file its bytes, in whatever holds bytes
 */
export function parseIdx(file: Bytes, fileName = "the given bytes"): IdxArray {
  checkText("fileName", fileName);
  const bytes = bytesOf(file, fileName);
  const header = parseIdxHeader(bytes, fileName);
  const { ElementArray, shape, headerBytes, elementBytes } = header;
  const found = bytes.length - headerBytes;
  if (found !== elementBytes) throw wrongLength(header, found, fileName);
  const elements = new Uint8Array(bytes.subarray(headerBytes));
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
 * Reads an IDX file, gzipped or not. Of a gzipped one no more is unpacked than the header says that there is.
 * Throws FormatError as `parseIdx` does, ArgumentError if the file cannot be read.
 * @param source a path, a URL that begins with file:, the bytes of the file, or a Blob or File
 * @param fileName what errors call it. Default: its path or name
 */
export async function readIdx(source: FileSource, fileName?: string): Promise<IdxArray> {
  const { bytes, name } = await readSource(source, fileName);
  const isGzipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return parseIdx(isGzipped ? await unpack(bytes, name) : bytes, name);
}

async function unpack(bytes: Uint8Array, fileName: string): Promise<Uint8Array> {
  return gunzip(bytes, fileName, (start) => {
    // Less than the longest header may be less than this one.
    if (start.length < mostHeaderBytes) return undefined;
    const header = parseIdxHeader(start, fileName);
    const { headerBytes, elementBytes } = header;
    return { limit: headerBytes + elementBytes, tooLong: () => wrongLength(header, "more", fileName) };
  });
}
