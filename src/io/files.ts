// A type only: it leaves no import behind.
import type * as FileSystem from "node:fs/promises";
import { ArgumentError, nodeModule, StateError } from "../engine/index.js";

/** Node's module of files. In browsers everything loads, and only what needs files fails, saying so. */
function requireFileSystem(): typeof FileSystem {
  const name = "node:fs/promises";
  const module = nodeModule(name);
  if (module) return module as typeof FileSystem;
  throw new StateError(`this host has no ${name}: files need Node, Deno or Bun; give the bytes themselves instead`);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The bytes of a file. Throws ArgumentError, naming the path, if it cannot be read. */
export async function readFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const fileSystem = requireFileSystem();
  try {
    const { buffer, byteOffset, byteLength } = await fileSystem.readFile(path);
    return new Uint8Array(buffer, byteOffset, byteLength);
  } catch (cause) {
    throw new ArgumentError(`cannot read ${path}: ${reasonOf(cause)}`, { cause });
  }
}

/**
 * Replaces a file by `bytes` or leaves it as it was: they are written to a new file beside it, flushed to the disk, and
 * only then renamed. On failure the new file is removed. Throws ArgumentError naming the path.
 */
export async function writeFileAtomically(path: string, bytes: Uint8Array): Promise<void> {
  const fileSystem = requireFileSystem();
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    const file = await fileSystem.open(temporary, "wx");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await fileSystem.rename(temporary, path);
  } catch (cause) {
    await fileSystem.rm(temporary, { force: true });
    throw new ArgumentError(`cannot write ${path}: ${reasonOf(cause)}`, { cause });
  }
}

/** The names in a folder. Throws ArgumentError, naming the path, if it cannot be read. */
export async function listFolder(path: string): Promise<string[]> {
  const fileSystem = requireFileSystem();
  try {
    return await fileSystem.readdir(path);
  } catch (cause) {
    throw new ArgumentError(`cannot read the folder ${path}: ${reasonOf(cause)}`, { cause });
  }
}
