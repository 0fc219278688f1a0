import { ArgumentError, show, StateError } from "../engine/index.js";
import { requireModule } from "./node.js";

/** Where a file is: a path, or a URL that begins with file:. */
export type FilePath = string | URL;

/** Whether a value is a URL, of any realm. */
export function isUrl(value: unknown): value is URL {
  return Object.prototype.toString.call(value) === "[object URL]";
}

/** A path as text. Throws ArgumentError for what is no path, and for URLs of other than files. */
export function pathOf(path: FilePath): string {
  if (typeof path === "string") return path;
  if (!isUrl(path)) throw new ArgumentError(`a file must be a path or a URL that begins with file:, got ${show(path)}`);
  try {
    return requireModule("node:url").fileURLToPath(path.href);
  } catch (cause) {
    if (cause instanceof StateError) throw cause;
    throw new ArgumentError(`${path.href} is no URL of a file: fetch it and give the bytes instead`, { cause });
  }
}

/** A path in an error's message: control characters, which may hide the rest, are shown by their codes. */
export function shown(path: string): string {
  return Array.from(path, (character) => (character < " " ? JSON.stringify(character).slice(1, -1) : character)).join(
    "",
  );
}

/** The code of a host's error, such as "ENOENT"; it may be of another realm. */
export function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}

/** Why the host refused, without the paths, which the caller knows. */
export function reasonOf(error: unknown): string {
  const isError = typeof error === "object" && error !== null && "message" in error;
  const message = String(isError ? error.message : error);
  // Node: "ENOENT: no such file or directory, open '/some/path'".
  const systemError = /^E[A-Z0-9]+: [^,]*/.exec(message);
  return (systemError?.[0] ?? message).slice(0, 300);
}
