import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Outcome } from "./program.js";
import { NotRunError } from "./row.js";
import type { Runtime } from "./versions.js";

/** Longest time for one command, in milliseconds: an engine that keeps its process from ending comes to this. */
const timeout = 120_000;

/** Runs a program and returns what it wrote. Rejects, with its output, if it fails or does not end. */
export async function run(file: string, args: readonly string[], options: { cwd: string }): Promise<string> {
  const settings = { ...options, timeout, encoding: "utf8", maxBuffer: 1 << 26 } as const;
  const { stdout } = await promisify(execFile)(file, args, settings);
  return stdout;
}

/** Path of a runtime's binary in the folder it is installed in. Throws NotRunError if this machine cannot execute it. */
export async function binaryOf(runtime: Runtime, folder: string): Promise<string> {
  const path = join(folder, "node_modules", runtime.package, runtime.binary);
  try {
    await run(path, ["--version"], { cwd: folder });
    return path;
  } catch (error) {
    throw new NotRunError(`${runtime.package} does not run on this machine`, { cause: error });
  }
}

/** Runs a program that prints an outcome. */
export async function runProgram(file: string, args: readonly string[], cwd: string): Promise<Outcome> {
  return JSON.parse(await run(file, args, { cwd })) as Outcome;
}
