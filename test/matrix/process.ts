import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Outcome } from "./program.js";

/** Longest time for one command, in milliseconds: an engine that keeps its process from ending comes to this. */
const timeout = 120_000;

/** Runs a program and returns what it wrote. Rejects, with its output, if it fails or does not end. */
export async function run(file: string, args: readonly string[], options: { cwd: string }): Promise<string> {
  const settings = { ...options, timeout, encoding: "utf8", maxBuffer: 1 << 26 } as const;
  const { stdout } = await promisify(execFile)(file, args, settings);
  return stdout;
}

/** Runs a program that prints an outcome. */
export async function runProgram(file: string, args: readonly string[], cwd: string): Promise<Outcome> {
  return JSON.parse(await run(file, args, { cwd })) as Outcome;
}
