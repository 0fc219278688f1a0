// A server on the loopback interface for pages of tests.
import { readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { json } from "node:stream/consumers";

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

/** The content of a path for `serve`. */
export type Read = (path: string) => string | Uint8Array | undefined;

/** Reads the files of a folder. */
export function filesOf(folder: string): Read {
  return (path) => {
    const file = join(folder, normalize(path));
    return statSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file) : undefined;
  };
}

/**
 * Serves files while `use` runs with the address of the server, which ends in a slash, and with what a page posts to it,
 * for browsers that nothing drives.
 * @param read the content of a path, which begins with a slash; undefined if there is none
 */
export async function serve<T>(
  read: Read,
  isIsolated: boolean,
  use: (url: string, posted: Promise<unknown>) => Promise<T>,
): Promise<T> {
  let receive: (posted: Promise<unknown>) => void;
  const posted = new Promise<unknown>((resolve) => (receive = resolve));
  const server = createServer((request, response) => {
    if (request.method === "POST") {
      receive(json(request));
      response.end();
      return;
    }
    const path = new URL(request.url ?? "/", "http://127.0.0.1").pathname;
    const body = read(path);
    const type = types[extname(path)] ?? "application/octet-stream";
    response.writeHead(body === undefined ? 404 : 200, { "Content-Type": type, ...(isIsolated && isolation) });
    response.end(body);
  });
  const port = await listen(server);
  try {
    return await use(`http://127.0.0.1:${port}/`, posted);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
