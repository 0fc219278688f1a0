import { ArgumentError, FormatError } from "../engine/index.js";
import { findDuplicateKey } from "./duplicateKey.js";

/** A float32 tensor in a file, row-major. */
export interface FileTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, FileTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The file begins with the header's length as an unsigned 64-bit little-endian integer. */
const lengthBytes = 8;
/** The limit of the reference implementation. */
const maximumHeaderBytes = 100_000_000;
const metadataKey = "__metadata__";

/**
 * A file in the safetensors format: length of the header, header in JSON, the tensors' bytes without gaps in the order of
 * the map. The header is padded with spaces so that the data starts at a multiple of 8 bytes.
 */
export function serializeSafetensors(
  tensors: ReadonlyMap<string, FileTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  // Joined by hand, because an object would put integer-like names before the others.
  const members: string[] = [];
  if (Object.keys(metadata).length > 0) members.push(`"${metadataKey}":${JSON.stringify(metadata)}`);
  let dataBytes = 0;
  for (const [name, { shape, data }] of tensors) {
    if (name === metadataKey)
      throw new ArgumentError(`a tensor cannot be named ${metadataKey}: the format reserves it`);
    const size = shape.reduce((product, length) => product * length, 1);
    if (size !== data.length) {
      throw new ArgumentError(`tensor ${name}: shape [${shape.join(", ")}] wants ${size} values, got ${data.length}`);
    }
    const entry = { dtype: "F32", shape, data_offsets: [dataBytes, dataBytes + data.byteLength] };
    members.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    dataBytes += data.byteLength;
  }
  const json = new TextEncoder().encode(`{${members.join(",")}}`);
  const headerBytes = Math.ceil(json.length / 8) * 8;
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
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/**
 * The tensors and metadata of a safetensors file, copied out of `bytes`. The whole file is checked before anything is
 * returned; throws FormatError naming the file, what was expected and what was found. Tensors must be F32.
 */
export function parseSafetensors(bytes: Uint8Array, fileName: string): SafetensorsFile {
  const reject = (problem: string): never => {
    throw new FormatError(`${fileName}: ${problem}`);
  };
  const { header, dataStart } = parseHeader(bytes, reject);
  const dataBytes = bytes.length - dataStart;
  let metadata: Readonly<Record<string, string>> = {};
  const entries: Entry[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === metadataKey) metadata = checkMetadata(value, reject);
    else entries.push(checkEntry(name, value, dataBytes, reject));
  }
  checkCoverage(entries, dataBytes, reject);

  const tensors = new Map<string, FileTensor>();
  for (const { name, shape, begin, end } of entries) {
    // Copied as bytes: the data of a file whose header was not padded lies at any address.
    const data = new Float32Array((end - begin) / 4);
    new Uint8Array(data.buffer).set(bytes.subarray(dataStart + begin, dataStart + end));
    tensors.set(name, { shape, data });
  }
  return { tensors, metadata };
}

interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

type Reject = (problem: string) => never;

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isArrayOfCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function parseHeader(
  bytes: Uint8Array,
  reject: Reject,
): { header: Readonly<Record<string, unknown>>; dataStart: number } {
  if (bytes.length < lengthBytes) {
    return reject(`expected at least the ${lengthBytes} bytes of the header's length, found ${bytes.length} bytes`);
  }
  const headerBytes = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (headerBytes > maximumHeaderBytes) {
    return reject(`expected a header of at most ${maximumHeaderBytes} bytes, found the length ${String(headerBytes)}`);
  }
  const dataStart = lengthBytes + Number(headerBytes);
  if (dataStart > bytes.length) {
    return reject(
      `expected a header of ${String(headerBytes)} bytes, but the file ends after ${bytes.length - lengthBytes} of them`,
    );
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(lengthBytes, dataStart));
  } catch {
    return reject("expected a header in UTF-8, found bytes that are not");
  }
  if (!text.startsWith("{")) return reject(`expected a header that starts with "{", found ${quoteStart(text)}`);
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (error) {
    return reject(`expected a header in JSON, found ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isObject(header)) return reject("expected a JSON object as header");
  const duplicate = findDuplicateKey(text);
  if (duplicate !== undefined) return reject(`expected distinct names, found ${JSON.stringify(duplicate)} twice`);
  return { header, dataStart };
}

function quoteStart(text: string): string {
  return text === "" ? "an empty header" : JSON.stringify(text.slice(0, 8));
}

function checkMetadata(value: unknown, reject: Reject): Readonly<Record<string, string>> {
  if (!isObject(value)) return reject(`expected ${metadataKey} to be an object, found ${JSON.stringify(value)}`);
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== "string") {
      reject(`expected strings in ${metadataKey}, found ${JSON.stringify(text)} under ${JSON.stringify(key)}`);
    }
  }
  return value as Readonly<Record<string, string>>;
}

function checkEntry(name: string, value: unknown, dataBytes: number, reject: Reject): Entry {
  const rejectTensor = (expected: string, found: unknown): never =>
    reject(
      `tensor ${JSON.stringify(name)}: expected ${expected}, found ${found === undefined ? "nothing" : JSON.stringify(found)}`,
    );
  if (!isObject(value)) return rejectTensor("an object", value);
  const { dtype, shape, data_offsets: offsets, ...others } = value;
  const unknownKeys = Object.keys(others);
  if (unknownKeys.length > 0) rejectTensor("only dtype, shape and data_offsets", unknownKeys);
  if (dtype !== "F32") rejectTensor('dtype "F32" (the only one supported)', dtype);
  if (!isArrayOfCounts(shape)) return rejectTensor("a shape of non-negative integers", shape);
  if (!isArrayOfCounts(offsets) || offsets.length !== 2) {
    return rejectTensor("data_offsets of two non-negative integers", offsets);
  }
  const [begin, end] = offsets as readonly [number, number];
  if (begin > end) rejectTensor("data_offsets that do not descend", offsets);
  if (end > dataBytes) rejectTensor(`data_offsets within the ${dataBytes} bytes of data`, offsets);
  if (begin % 4 !== 0) rejectTensor("data aligned to 4 bytes", offsets);
  const size = shape.reduce((product, length) => product * length, 1);
  if (size * 4 !== end - begin) {
    rejectTensor(`${size * 4} bytes for the shape [${shape.join(", ")}]`, end - begin);
  }
  return { name, shape, begin, end };
}

/** The tensors must cover the data exactly: no byte in two of them, none in none. */
function checkCoverage(entries: readonly Entry[], dataBytes: number, reject: Reject): void {
  let covered = 0;
  let previous = "";
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin < covered) reject(`tensors ${JSON.stringify(previous)} and ${JSON.stringify(name)} overlap`);
    if (begin > covered)
      reject(`expected tensor ${JSON.stringify(name)} at byte ${covered} of the data, found ${begin}`);
    covered = end;
    previous = name;
  }
  if (covered !== dataBytes) {
    reject(`expected the file to end with its tensors, found ${dataBytes - covered} bytes after them`);
  }
}
