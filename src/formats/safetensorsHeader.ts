import { excerpt, excerptOfShape } from "../engine/index.js";
import { JsonReader, type Reject } from "./jsonReader.js";

/** The key of the texts that a file holds beside its tensors. */
export const metadataKey = "__metadata__";

/** Where the bytes of a float32 tensor lie, from the end of the header on. */
export interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** More dimensions than any tensor has. */
const mostDimensions = 64;

/** Reads and checks the header of a file with `dataBytes` bytes of data behind it. */
export function parseHeader(text: string, dataBytes: number, reject: Reject): Header {
  if (!text.startsWith("{")) {
    return reject(
      `expected a header that starts with "{", found ${text === "" ? "an empty header" : excerpt(text, 12)}`,
    );
  }
  const reader = new JsonReader(text, reject);
  const entries = new Map<string, Entry>();
  let metadata: Map<string, string> | undefined;
  const has = (name: string): boolean => entries.has(name) || (name === metadataKey && metadata !== undefined);
  reader.members({ has }, (name) => {
    if (name === metadataKey) metadata = readMetadata(reader, reject);
    else entries.set(name, readEntry(reader, name, dataBytes, reject));
  });
  reader.end();
  checkCoverage(entries, dataBytes, reject);
  return { entries, metadata: metadata ?? new Map<string, string>() };
}

function readMetadata(reader: JsonReader, reject: Reject): Map<string, string> {
  if (reader.peek() !== "{") reject(`expected ${metadataKey} to be an object, found ${reader.excerpt()}`);
  const metadata = new Map<string, string>();
  reader.members(metadata, (key) => {
    if (reader.peek() === '"') metadata.set(key, reader.string());
    else reject(`expected strings in ${metadataKey}, found ${reader.excerpt()} under ${excerpt(key)}`);
  });
  return metadata;
}

function readEntry(reader: JsonReader, name: string, dataBytes: number, reject: Reject): Entry {
  const rejectTensor = (expected: string, found: string): never =>
    reject(`tensor ${excerpt(name)}: expected ${expected}, found ${found}`);
  if (reader.peek() !== "{") rejectTensor("an object", reader.excerpt());
  let dtype: string | undefined;
  let shape: number[] | undefined;
  let offsets: number[] | undefined;
  const known: string[] = [];
  reader.members({ has: (key) => known.includes(key) }, (key) => {
    known.push(key);
    switch (key) {
      case "dtype":
        dtype = reader.peek() === '"' ? reader.string() : rejectTensor('dtype "F32"', reader.excerpt());
        break;
      case "shape":
        shape = reader.counts(mostDimensions) ?? rejectTensor("a shape of non-negative integers", reader.excerpt());
        break;
      case "data_offsets":
        offsets = reader.counts(2) ?? rejectTensor("data_offsets of two non-negative integers", reader.excerpt());
        break;
      default:
        rejectTensor("only dtype, shape and data_offsets", excerpt([key]));
    }
  });
  if (dtype !== "F32")
    rejectTensor('dtype "F32" (the only one supported)', dtype === undefined ? "nothing" : excerpt(dtype));
  if (!shape) return rejectTensor("a shape", "nothing");
  if (offsets?.length !== 2)
    return rejectTensor("data_offsets of two non-negative integers", offsets ? excerpt(offsets) : "nothing");
  const [begin, end] = offsets as [number, number];
  if (begin > end) rejectTensor("data_offsets that do not descend", excerpt(offsets));
  if (end > dataBytes) rejectTensor(`data_offsets within the ${dataBytes} bytes of data`, excerpt(offsets));
  if (begin % 4 !== 0) rejectTensor("data aligned to 4 bytes", excerpt(offsets));
  const size = sizeOf(shape);
  if (size * 4 !== end - begin) {
    rejectTensor(`${size * 4} bytes for the shape ${excerptOfShape(shape)}`, String(end - begin));
  }
  return { name, shape, begin, end };
}

/** 0 also where other lengths overflow. */
function sizeOf(shape: readonly number[]): number {
  return shape.includes(0) ? 0 : shape.reduce((product, length) => product * length, 1);
}

/** The tensors must cover the data exactly: no byte in two of them, none in none. */
function checkCoverage(entries: ReadonlyMap<string, Entry>, dataBytes: number, reject: Reject): void {
  let covered = 0;
  let previous = "";
  const inOrder = [...entries.values()].sort((a, b) => a.begin - b.begin || a.end - b.end);
  for (const { name, begin, end } of inOrder) {
    if (begin < covered) reject(`tensors ${excerpt(previous)} and ${excerpt(name)} overlap`);
    if (begin > covered) reject(`expected tensor ${excerpt(name)} at byte ${covered} of the data, found ${begin}`);
    covered = end;
    previous = name;
  }
  if (covered !== dataBytes) {
    reject(`expected the file to end with its tensors, found ${dataBytes - covered} bytes after them`);
  }
}
