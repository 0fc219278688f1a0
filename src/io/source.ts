import { ArgumentError, type Bytes, bytesOf, checkText } from "../engine/index.js";
import { readFile } from "./files.js";
import { isUrl, pathOf, reasonOf, shown } from "./paths.js";

/** A file: its path, a URL that begins with file:, its bytes, or a Blob such as the File that a page's user chose. */
export type FileSource = string | URL | Bytes | Blob;

/** The bytes of a file, and what errors call it. */
export interface NamedBytes {
  readonly bytes: Uint8Array;
  readonly name: string;
}

/**
 * The bytes of a file, wherever they are.
 * @param fileName what errors call it. Default: its path or its name
 * @throws ArgumentError if it is no file, or cannot be read
 */
export async function readSource(source: FileSource, fileName?: string): Promise<NamedBytes> {
  if (fileName !== undefined) checkText("fileName", fileName);
  if (typeof source === "string" || isUrl(source)) {
    return { bytes: await readFile(source), name: fileName ?? shown(pathOf(source)) };
  }
  if (!isBlob(source)) return { bytes: bytesOf(source, fileName ?? "the file"), name: fileName ?? "the given bytes" };
  const ownName: unknown = "name" in source ? source.name : undefined;
  const name = fileName ?? (typeof ownName === "string" && ownName !== "" ? ownName : "the given bytes");
  try {
    return { bytes: bytesOf(await source.arrayBuffer(), name), name };
  } catch (cause) {
    throw new ArgumentError(`cannot read ${name}: ${reasonOf(cause)}`, { cause });
  }
}

/** Whether a value is a Blob or File, of any realm. */
function isBlob(value: unknown): value is Blob {
  return /^\[object (?:Blob|File)\]$/.test(Object.prototype.toString.call(value));
}
