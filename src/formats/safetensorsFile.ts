import {
  alignUp,
  ArgumentError,
  type Bytes,
  bytesOf,
  excerptOfShape,
  floatsOf,
  FormatError,
  type Numbers,
  type Tensor,
} from "../engine/index.js";
import type { Reject } from "./jsonReader.js";
import { metadataKey, parseHeader } from "./safetensorsHeader.js";

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** The file begins with the header's length as an unsigned 64-bit little-endian integer. */
const lengthBytes = 8;
/** The limit of the reference implementation. */
const maximumHeaderBytes = 100_000_000;

/**
 * A file in the safetensors format: length of the header, header in JSON, the tensors' bytes without gaps in the order of
 * the map. The header is padded with spaces so that the data starts at a multiple of 8 bytes.
 * @throws ArgumentError for data that its shape does not want
 */
export function serializeSafetensors(
  tensors: ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Numbers }>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  // Joined by hand, because an object would put integer-like names before the others.
  const members: string[] = [];
  if (Object.keys(metadata).length > 0) members.push(`"${metadataKey}":${JSON.stringify(metadata)}`);
  const parts: Float32Array[] = [];
  let dataBytes = 0;
  for (const [name, { shape, data }] of tensors) {
    if (name === metadataKey)
      throw new ArgumentError(`a tensor cannot be named ${metadataKey}: the format reserves it`);
    const floats = floatsOf(data, `tensor ${name}`);
    const size = shape.reduce((product, length) => product * length, 1);
    if (size !== floats.length) {
      throw new ArgumentError(
        `tensor ${name}: shape ${excerptOfShape(shape)} wants ${size} values, got ${floats.length}`,
      );
    }
    const entry = { dtype: "F32", shape, data_offsets: [dataBytes, dataBytes + floats.byteLength] };
    members.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    parts.push(floats);
    dataBytes += floats.byteLength;
  }
  const json = new TextEncoder().encode(`{${members.join(",")}}`);
  const headerBytes = alignUp(json.length, 8);
  if (headerBytes > maximumHeaderBytes) {
    throw new ArgumentError(
      `names and metadata take ${headerBytes} bytes, the format's limit is ${maximumHeaderBytes}`,
    );
  }
  const bytes = new Uint8Array(lengthBytes + headerBytes + dataBytes).fill(
    0x20,
    lengthBytes,
    lengthBytes + headerBytes,
  );
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.set(json, lengthBytes);
  let at = lengthBytes + headerBytes;
  for (const { buffer, byteOffset, byteLength } of parts) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return bytes;
}

/**
 * The tensors and metadata of a safetensors file, copied out of `file`. The whole file is checked before anything is
 * returned; throws FormatError naming the file, what was expected and what was found. Tensors must be F32. What it costs
 * is in proportion to the file, whatever that holds.
 */
export function parseSafetensors(file: Bytes, fileName: string): SafetensorsFile {
  const reject: Reject = (problem) => {
    throw new FormatError(`${fileName}: ${problem}`);
  };
  const bytes = bytesOf(file, fileName);
  const headerEnd = endOfHeader(bytes, reject);
  const dataBytes = bytes.length - headerEnd;
  const { entries, metadata } = parseHeader(textOf(bytes, headerEnd, reject), dataBytes, reject);
  // Copied to a buffer of its own: the data of a file whose header was not padded lies at any address.
  const { buffer } = new Uint8Array(bytes.subarray(headerEnd));
  const tensors = new Map<string, Tensor>();
  const empty = new Float32Array();
  for (const { name, shape, begin, end } of entries.values()) {
    const data = begin === end ? empty : new Float32Array(buffer, begin, (end - begin) / 4);
    tensors.set(name, { shape, data });
  }
  return { tensors, metadata };
}

function endOfHeader(bytes: Uint8Array, reject: Reject): number {
  if (bytes.length < lengthBytes) {
    return reject(`expected at least the ${lengthBytes} bytes of the header's length, found ${bytes.length} bytes`);
  }
  const headerBytes = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (headerBytes > maximumHeaderBytes) {
    return reject(`expected a header of at most ${maximumHeaderBytes} bytes, found the length ${String(headerBytes)}`);
  }
  const end = lengthBytes + Number(headerBytes);
  if (end > bytes.length) {
    return reject(
      `expected a header of ${String(headerBytes)} bytes, but the file ends after ${bytes.length - lengthBytes} of them`,
    );
  }
  return end;
}

function textOf(bytes: Uint8Array, end: number, reject: Reject): string {
  try {
    // A copy, for a decoder takes no views of shared memory.
    const header = bytes.slice(lengthBytes, end);
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(header);
  } catch {
    return reject("expected a header in UTF-8, found bytes that are not");
  }
}
