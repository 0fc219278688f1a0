// Browsers of this machine: Chromium as playwright drives it, and any that opens an address.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";

/** Where Debian's package puts it. */
export const chromiumPath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

const chromiumFlags = [
  ...["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  ...["--disable-component-update", "--disable-sync"],
];

/** As root, as in containers, Chromium has no sandbox. */
const isRoot = process.getuid?.() === 0;

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath, chromiumSandbox: !isRoot, args: chromiumFlags });
}

export type BrowserName = "chromium" | "firefox-esr";

function command(browser: BrowserName, profile: string, address: string): [file: string, args: string[]] {
  if (browser === "firefox-esr") return [browser, ["--headless", "--no-remote", "--profile", profile, address]];
  const sandbox = isRoot ? ["--no-sandbox"] : [];
  return [chromiumPath, ["--headless", ...sandbox, ...chromiumFlags, `--user-data-dir=${profile}`, address]];
}

/** Longest time that a page is given for its result, in milliseconds. */
const resultTimeout = 240_000;

/** Opens an address in a browser until there is a result. Nothing drives the browser: any that opens an address will do. */
export async function openInBrowser<T>(browser: BrowserName, address: string, result: Promise<T>): Promise<T> {
  const profile = await mkdtemp(join(tmpdir(), "wasmgrad-browser-"));
  const [file, args] = command(browser, profile, address);
  const child = spawn(file, args, { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, HOME: profile } });
  let output = "";
  child.stderr.on("data", (chunk: Buffer) => (output = (output + chunk.toString()).slice(-2000)));
  const end = new Promise<never>((_, reject) => {
    child.once("error", (cause) => reject(new Error(`${browser} cannot be started`, { cause })));
    child.once("exit", (code) => reject(new Error(`${browser} ended with code ${code}: ${output}`)));
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${browser} gave no result: ${output}`)), resultTimeout);
  });
  try {
    return await Promise.race([result, end, timeout]);
  } finally {
    clearTimeout(timer);
    end.catch(() => undefined);
    const isRunning = child.pid !== undefined && child.exitCode === null;
    const hasEnded = isRunning ? new Promise((resolve) => child.once("exit", resolve)) : undefined;
    child.kill();
    await hasEnded;
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
