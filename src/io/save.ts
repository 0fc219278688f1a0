import type { Stats } from "node:fs";
import type * as FileSystem from "node:fs/promises";
import { ArgumentError } from "../engine/index.js";
import { TemporaryNames } from "./leftovers.js";
import { requireModule } from "./node.js";
import { codeOf, type FilePath, pathOf, reasonOf, shown } from "./paths.js";

type Fs = typeof FileSystem;

/** As many as Linux follows. */
const mostLinks = 40;

/**
 * Replaces a file by `bytes` or leaves it as it was: they are written to a new file beside it, flushed to the disk, and
 * only then renamed. On failure the new file is removed; files that killed processes left are removed by the next save. A
 * file that is there keeps its mode and, if the host allows, its owner; through a symbolic link the file that it points to
 * is replaced. Several saves to one path at once leave one of them, whole.
 * @throws ArgumentError naming the path and the host's reason
 */
export async function writeFileAtomically(file: FilePath, bytes: Uint8Array): Promise<void> {
  const path = pathOf(file);
  const fileSystem = requireModule("node:fs/promises");
  try {
    const target = await followLinks(fileSystem, path);
    const old = await statusOf(fileSystem.stat(target));
    if (old && !old.isFile())
      throw new Error(old.isDirectory() ? "EISDIR: it is a directory" : "it is no regular file");
    if (old) await fileSystem.access(target, fileSystem.constants.W_OK);
    const { dir, base } = requireModule("node:path").parse(target);
    const folder = dir === "" ? "." : dir;
    const names = await TemporaryNames.of(fileSystem);
    await names.removeLeftovers(folder, base);
    const temporary = `${folder}/${names.make(base)}`;
    await writeNew(fileSystem, temporary, bytes, old);
    try {
      await fileSystem.rename(temporary, target);
    } catch (cause) {
      await discard(fileSystem, temporary);
      throw cause;
    }
  } catch (cause) {
    throw new ArgumentError(`cannot write ${shown(path)}: ${reasonOf(cause)}`, { cause });
  }
}

/** Writes a new file, with the mode and owner of another if there is one. Removes it if that fails. */
async function writeNew(fileSystem: Fs, path: string, bytes: Uint8Array, old: Stats | undefined): Promise<void> {
  const mode = old && old.mode & 0o7777;
  // No more rights than the old file gave, from the beginning.
  const file = await fileSystem.open(path, "wx", mode ?? 0o666);
  try {
    await file.writeFile(bytes);
    if (old && mode !== undefined) {
      const present = await file.stat();
      const isOwned = present.uid === old.uid && present.gid === old.gid;
      if (!isOwned) await file.chown(old.uid, old.gid).catch(() => undefined);
      if (!isOwned || (present.mode & 0o7777) !== mode) await file.chmod(mode);
    }
    await file.sync();
    await file.close();
  } catch (cause) {
    await file.close().catch(() => undefined);
    await discard(fileSystem, path);
    throw cause;
  }
}

/** Removes what was written in vain. That it stays matters less than why it was in vain. */
async function discard(fileSystem: Fs, path: string): Promise<void> {
  await fileSystem.rm(path, { force: true }).catch(() => undefined);
}

/** Where a path leads through symbolic links, to a file that need not exist. */
async function followLinks(fileSystem: Fs, path: string): Promise<string> {
  const paths = requireModule("node:path");
  let target = path;
  for (let links = 0; links <= mostLinks; links++) {
    const status = await statusOf(fileSystem.lstat(target));
    if (!status?.isSymbolicLink()) return target;
    const next = await fileSystem.readlink(target);
    // Joined, not normalised: ".." goes up from where a folder is, not from where a link to it stands.
    target = paths.isAbsolute(next) ? next : `${paths.dirname(target)}/${next}`;
  }
  throw new Error(`ELOOP: more than ${mostLinks} symbolic links follow each other`);
}

/** The status that a path has; undefined if nothing is there. */
async function statusOf(asked: Promise<Stats>): Promise<Stats | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}
