// Pages on a loopback server, loaded in headless Chromium.
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { json } from "node:stream/consumers";
import { type Browser, chromium } from "playwright-core";
import type { Outcome } from "./program.js";
import { NotRunError } from "./row.js";

/** The headers that isolate a page, without which memory cannot be shared. */
export const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

const types: Record<string, string> = { ".html": "text/html", ".js": "text/javascript" };

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** A port on which nothing listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * Serves a folder while `use` runs with the address of the server, and with the outcome that a page posts, for browsers
 * that nothing drives.
 */
export async function serve<T>(
  folder: string,
  isIsolated: boolean,
  use: (url: string, posted: Promise<Outcome>) => Promise<T>,
): Promise<T> {
  let receive: (outcome: Promise<Outcome>) => void;
  const posted = new Promise<Outcome>((resolve) => (receive = resolve));
  const server = createServer((request, response) => {
    const { url = "/", method } = request;
    if (method === "POST") {
      receive(json(request) as Promise<Outcome>);
      response.end();
      return;
    }
    const path = join(folder, normalize(new URL(url, "http://127.0.0.1").pathname));
    const isFound = existsSync(path) && extname(path) in types;
    const type = { "Content-Type": types[extname(path)] ?? "text/plain" };
    response.writeHead(isFound ? 200 : 404, { ...type, ...(isIsolated && isolation) });
    response.end(isFound ? readFileSync(path) : "");
  });
  const port = await listen(server);
  try {
    return await use(`http://127.0.0.1:${port}/`, posted);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** Chromium, started when the first page is asked for. */
export class Chromium {
  private browser: Browser | undefined;

  /** What a page leaves in `globalThis.outcome`. Whatever the page logs is an error: the library prints nothing. */
  async load(url: string): Promise<Outcome> {
    const browser = await this.start();
    const page = await browser.newPage();
    const messages: string[] = [];
    page.on("pageerror", ({ message }) => messages.push(message));
    page.on("console", (message) => {
      // Vite's development client reports that it is connected; browsers ask for an icon.
      if (message.type() === "debug" || message.location().url.endsWith("/favicon.ico")) return;
      messages.push(message.text());
    });
    try {
      await page.goto(url);
      await page.waitForFunction("globalThis.outcome !== undefined", undefined, { timeout: 20_000 });
      const outcome = await page.evaluate<Outcome>("globalThis.outcome");
      if (messages.length > 0) throw new Error(`the page logged ${messages.join("; ")}`);
      return outcome;
    } catch (error) {
      throw new Error(`${url} failed; it logged: ${messages.join("; ")}`, { cause: error });
    } finally {
      await page.close();
    }
  }

  async version(): Promise<string> {
    return (await this.start()).version();
  }

  async close(): Promise<void> {
    await this.browser?.close();
  }

  private async start(): Promise<Browser> {
    if (!existsSync(executablePath)) throw new NotRunError(`there is no Chromium at ${executablePath}`);
    this.browser ??= await chromium.launch({
      executablePath,
      // As root, as in containers, Chromium has no sandbox.
      chromiumSandbox: process.getuid?.() !== 0,
      args: ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
    });
    return this.browser;
  }
}
