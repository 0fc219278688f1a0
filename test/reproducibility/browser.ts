import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import type { PageResult } from "./page.js";

export type Browser = "chromium" | "firefox-esr";

const flags: Record<Browser, (profile: string) => string[]> = {
  chromium: (profile) => [
    ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
    ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
    `--user-data-dir=${profile}`,
  ],
  "firefox-esr": (profile) => ["--headless", "--no-remote", "--profile", profile],
};

/**
 * Opens a page in a browser of this machine, which trains on each of some numbers of threads, and waits for what it posts.
 * The browser is not driven: any that opens an address will do.
 */
export async function trainInBrowser(
  browser: Browser,
  threads: readonly number[],
  data: { readonly images: Uint8Array; readonly labels: Uint8Array },
): Promise<PageResult> {
  const entryPoints = [new URL("./page.ts", import.meta.url).pathname];
  const { outputFiles } = await build({ entryPoints, bundle: true, write: false, format: "esm", target: "es2022" });
  const script = outputFiles[0]!.contents;
  const files: Record<string, [type: string, body: string | Uint8Array]> = {
    "/": ["text/html", '<!doctype html><script type="module" src="/page.js"></script>'],
    "/page.js": ["text/javascript", script],
    "/images": ["application/octet-stream", data.images],
    "/labels": ["application/octet-stream", data.labels],
  };
  let report: (result: PageResult) => void;
  const result = new Promise<PageResult>((resolve) => (report = resolve));
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (pathname === "/result") {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        response.end();
        report(JSON.parse(Buffer.concat(chunks).toString()) as PageResult);
      });
      return;
    }
    const [type, body] = files[pathname] ?? ["text/plain", ""];
    response.writeHead(files[pathname] ? 200 : 404, {
      "Content-Type": type,
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Embedder-Policy": "require-corp",
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/?threads=${threads.join(",")}`;
  try {
    return await openInBrowser(browser, address, result);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** Longest time that a page is given for its result, in milliseconds. */
const resultTimeout = 240_000;

/** Opens an address in a browser of this machine until there is a result. */
export async function openInBrowser<T>(browser: Browser, address: string, result: Promise<T>): Promise<T> {
  const profile = await mkdtemp(join(tmpdir(), "wasmgrad-browser-"));
  const child = spawn(browser, [...flags[browser](profile), address], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, HOME: profile },
  });
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
    const hasEnded = child.exitCode === null ? new Promise((resolve) => child.once("exit", resolve)) : undefined;
    child.kill();
    await hasEnded;
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
