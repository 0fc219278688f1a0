import { ArgumentError } from "../engine/index.js";
import { requireModule } from "./node.js";
import { type FilePath, pathOf, reasonOf, shown } from "./paths.js";

/** The bytes of a file. Throws ArgumentError, naming the path, if it cannot be read. */
export async function readFile(file: FilePath): Promise<Uint8Array<ArrayBuffer>> {
  const path = pathOf(file);
  const fileSystem = requireModule("node:fs/promises");
  try {
    const { buffer, byteOffset, byteLength } = await fileSystem.readFile(path);
    return new Uint8Array(buffer, byteOffset, byteLength);
  } catch (cause) {
    throw new ArgumentError(`cannot read ${shown(path)}: ${reasonOf(cause)}`, { cause });
  }
}

/** The names in a folder. Throws ArgumentError, naming the path, if it cannot be read. */
export async function listFolder(folder: FilePath): Promise<string[]> {
  const path = pathOf(folder);
  const fileSystem = requireModule("node:fs/promises");
  try {
    return await fileSystem.readdir(path);
  } catch (cause) {
    throw new ArgumentError(`cannot read the folder ${shown(path)}: ${reasonOf(cause)}`, { cause });
  }
}
