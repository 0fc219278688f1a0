// Installs the packed package for every host that it is meant for, trains with it there, and prints a table. Fails if a
// host comes to anything else than what is expected of it; one that cannot be had here is reported as not run.
import { rmSync } from "node:fs";
import { Chromium } from "./chromium.js";
import { faultsOf } from "./expectations.js";
import { freshFolder, install, packWasmgrad, type Packed, temporaryFolder } from "./package.js";
import { pages } from "./pages.js";
import { type Group, NotRunError, type Row } from "./row.js";
import { runtimes } from "./runtimes.js";
import { cloudflare } from "./workerd.js";

const widths = [56, 13, 8, 8, 6, 14];

function print(...cells: string[]): void {
  process.stdout.write(`${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" ")}\n`);
}

const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.message + (error.cause === undefined ? "" : ` (${messageOf(error.cause)})`);
};

/** Counts rows, and holds every hash to the first. */
class Table {
  readonly counts = { passed: 0, failed: 0, "not run": 0 };
  private hash: string | undefined;

  async add(row: Row): Promise<void> {
    try {
      const outcome = await row.run();
      this.hash ??= outcome.hash;
      const faults = faultsOf(outcome, row.expected, this.hash);
      const { threads, build, milliseconds, hash } = outcome;
      const verdict = faults.length === 0 ? "passed" : `failed: ${faults.join("; ")}`;
      this.counts[faults.length === 0 ? "passed" : "failed"]++;
      print(row.host, row.version, String(threads), build, milliseconds.toFixed(0), hash.slice(0, 12), verdict);
    } catch (error) {
      this.fail(row.host, row.version, error);
    }
  }

  fail(host: string, version: string, error: unknown): void {
    const verdict = error instanceof NotRunError ? "not run" : "failed";
    this.counts[verdict]++;
    print(host, version, "", "", "", "", `${verdict}: ${messageOf(error)}`);
  }
}

/** Installs what a group needs. Throws NotRunError if it is not the package but a tool that cannot be installed. */
async function prepare(folder: string, { tools }: Group, wasmgrad: Packed): Promise<void> {
  try {
    await install(folder, wasmgrad, tools);
  } catch (error) {
    if (tools.length === 0) throw error;
    await install(folder, wasmgrad);
    throw new NotRunError(`npm cannot install ${tools.join(", ")}`);
  }
}

const packFolder = temporaryFolder();
const chromium = new Chromium();
const table = new Table();
const start = performance.now();
try {
  const wasmgrad = await packWasmgrad(packFolder);
  print("host", "version", "threads", "build", "ms", "hash", "");
  for (const group of [...runtimes, cloudflare, ...pages(chromium)]) {
    const folder = freshFolder();
    try {
      await prepare(folder, group, wasmgrad);
      for (const row of await group.rows(folder)) await table.add(row);
    } catch (error) {
      table.fail(group.name, group.version, error);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
} finally {
  await chromium.close();
  rmSync(packFolder, { recursive: true });
}
const { passed, failed, "not run": notRun } = table.counts;
const seconds = ((performance.now() - start) / 1000).toFixed(0);
print(`${passed} passed, ${failed} failed, ${notRun} not run in ${seconds} s`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
