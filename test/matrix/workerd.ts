// The row of Cloudflare's workerd: a Worker that imports the package and kernels compiled by the host.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import { freePort } from "../host/serve.js";
import { binaryOf } from "./process.js";
import type { Outcome } from "./program.js";
import type { Group } from "./row.js";
import { workerd } from "./versions.js";

const worker = `import simd from "wasmgrad/simd.wasm";
import relaxed from "wasmgrad/relaxed.wasm";
import { trainAll } from "./program.js";
export default {
  async fetch() {
    return Response.json(await trainAll({ simd, relaxed }));
  },
};
`;

const configuration = (port: number): string => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .mainWorker)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const mainWorker :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "worker-bundle.js"),
    (name = "wasmgrad/simd.wasm", wasm = embed "simd.wasm"),
    (name = "wasmgrad/relaxed.wasm", wasm = embed "relaxed.wasm"),
  ],
  compatibilityDate = "2025-05-05",
);
`;

/** Fetches from a server that is about to start. */
async function fetchOutcome(url: string, server: ChildProcess): Promise<Outcome> {
  for (let attempt = 0; ; attempt++) {
    try {
      const response = await fetch(url);
      if (!response.ok) throw new Error(`status ${response.status}: ${await response.text()}`);
      return (await response.json()) as Outcome;
    } catch (error) {
      const isRefused = error instanceof TypeError && server.exitCode === null;
      if (!isRefused || attempt >= 100) throw error;
      await sleep(100);
    }
  }
}

async function runWorker(folder: string): Promise<Outcome> {
  writeFileSync(join(folder, "worker.js"), worker);
  await build({
    ...{ bundle: true, format: "esm", logLevel: "silent", absWorkingDir: folder, external: ["*.wasm"] },
    ...{ entryPoints: ["worker.js"], outfile: join(folder, "worker-bundle.js") },
  });
  for (const name of ["simd.wasm", "relaxed.wasm"]) {
    cpSync(join(folder, "node_modules/wasmgrad/build/wasm", name), join(folder, name));
  }
  const port = await freePort();
  writeFileSync(join(folder, "config.capnp"), configuration(port));
  const binary = await binaryOf(workerd, folder);
  const server = spawn(binary, ["serve", "config.capnp"], { cwd: folder, stdio: "ignore" });
  const exit = once(server, "exit");
  try {
    const start = performance.now();
    const outcome = await fetchOutcome(`http://127.0.0.1:${port}/`, server);
    // Clocks stand still inside a Worker while it computes.
    return { ...outcome, milliseconds: performance.now() - start };
  } finally {
    server.kill();
    await exit;
  }
}

export const cloudflare: Group = {
  ...{ name: "workerd", version: workerd.version, tools: [`${workerd.package}@${workerd.version}`] },
  rows: (folder) => [
    {
      ...{ host: "workerd", version: workerd.version },
      expected: {
        build: "custom",
        threads: 1,
        threadsReason: "",
        files: "StateError: this host has no node:fs/promises",
      },
      run: () => runWorker(folder),
    },
  ],
};
