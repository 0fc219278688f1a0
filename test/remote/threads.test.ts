import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { MessageChannel, Worker, type WorkerOptions } from "node:worker_threads";
import { buildSync } from "esbuild";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { ArgumentError, RemoteTrainer, ShapeError, StateError } from "../../src/index.js";
import { temporaryFolder } from "../matrix/package.js";
import { rejection, settled } from "./strange.js";
import type { ThreadCalls } from "./thread.js";
import { type Options, quadrants } from "./worker.js";

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

/** A program of this folder as one file of JavaScript. */
function bundle(name: string): string {
  const outfile = join(folder, `${name}.mjs`);
  const entry = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  buildSync({ entryPoints: [entry], outfile, bundle: true, format: "esm", platform: "node", target: "node20" });
  return outfile;
}

function scriptOf(name: string, source: string): string {
  const path = join(folder, name);
  writeFileSync(path, source);
  return path;
}

const thread = bundle("thread");
const forever = { epochs: 1_000_000 };
const open: { close(): void }[] = [];
afterEach(() => open.splice(0).forEach((remote) => remote.close()));

function connectTo(script = thread, options?: WorkerOptions) {
  const worker = new Worker(script, { execArgv: [], ...options });
  const remote = new RemoteTrainer<Options, ThreadCalls>(worker);
  open.push(remote);
  return { worker, remote };
}

/** A training under way in a thread, and what waits for it. */
async function training(options?: WorkerOptions) {
  const { worker, remote } = connectTo(thread, options);
  await remote.start(forever);
  const waiting = [rejection(remote.finished(), "finished"), rejection(remote.call("never"), "a call")];
  return { worker, remote, waiting };
}

describe("a trainer in a worker of node:worker_threads", () => {
  it("trains, predicts, pauses and answers, with no endpoint given in the worker", async () => {
    const { remote } = connectTo();
    const info = await remote.start({ epochs: 3 }, { paused: true });
    expect(info).toMatchObject({ inputShape: [2], outputShape: [4] });
    expect(await remote.pause()).toBe(0);
    await remote.resume();
    expect(await remote.finished()).toBe("finished");
    expect(await remote.predict(quadrants().inputs, { transfer: true })).toHaveLength(800);
    expect(await remote.call("add", 2, 3)).toBe(5);
    await expect(remote.call("uncloneable")).rejects.toThrow(ArgumentError);
    await expect(remote.start({ setupError: "ShapeError" })).rejects.toThrow(ShapeError);
    await remote.start(forever);
    await remote.stop();
    expect(await remote.finished()).toBe("stopped");
  });

  it("is served over a port to a worker, too", async () => {
    const { port1, port2 } = new MessageChannel();
    const { worker } = connectTo(thread, { workerData: port1, transferList: [port1] });
    const remote = new RemoteTrainer<Options, ThreadCalls>(port2);
    await remote.start({ epochs: 1 });
    expect(await remote.finished()).toBe("finished");
    const calling = rejection(remote.call("never"));
    await worker.terminate();
    expect((await calling).message).toBe("the worker has closed the connection");
    expect(await rejection(remote.pause())).toBeInstanceOf(StateError);
  });

  it("that ends rejects everything that waits, and says why", async () => {
    const ends: [string, string | RegExp, (on: Awaited<ReturnType<typeof training>>) => unknown][] = [
      ["exit", "the worker has ended with exit code 3", ({ remote }) => remote.call("exit", 3)],
      ["terminate", "the worker has ended with exit code 1", ({ worker }) => worker.terminate()],
      ["throw", "the worker failed: a stray error", ({ remote }) => remote.call("throwLater", "a stray error")],
      ["throw text", "the worker failed: a text", ({ remote }) => remote.call("throwTextLater", "a text")],
      ["reject", "the worker failed: nobody cared", ({ remote }) => remote.call("rejectLater", "nobody cared")],
      ["exhaust", /^the worker failed: .*out of memory/, ({ remote }) => remote.call("exhaust")],
    ];
    for (const [name, reason, end] of ends) {
      const on = await training(name === "exhaust" ? { resourceLimits: { maxOldGenerationSizeMb: 40 } } : {});
      const ending = Promise.resolve(end(on)).catch(() => undefined);
      for (const error of await Promise.all(on.waiting)) {
        expect(error, name).toBeInstanceOf(StateError);
        expect(error.message).toMatch(reason);
      }
      await settled(ending, name);
      expect((await rejection(on.remote.predict(new Float32Array(2)))).message).toMatch(reason);
    }
  });

  it("that failed with an error has it as cause", async () => {
    const { remote, waiting } = await training();
    await settled(remote.call("throwLater", "a stray error"));
    expect(await waiting[0]).toMatchObject({ cause: { name: "RangeError", message: "a stray error" } });
  });

  it("that never serves rejects start", async () => {
    const missing = connectTo(join(folder, "absent.mjs")).remote;
    expect((await rejection(missing.start({}))).message).toContain("the worker failed: Cannot find module");
    const broken = connectTo(scriptOf("broken.mjs", "serveTrainer((;")).remote;
    expect((await rejection(broken.start({}))).message).toContain("the worker failed: ");
    const empty = connectTo(scriptOf("empty.mjs", "export {};")).remote;
    expect((await rejection(empty.start({}))).message).toBe("the worker has ended with exit code 0");
  });

  it("that had ended before, or a port closed before, is told at the first request", async () => {
    const worker = new Worker(scriptOf("ended.mjs", "export {};"), { execArgv: [] });
    await new Promise((resolve) => worker.once("exit", resolve));
    expect((await rejection(new RemoteTrainer(worker).start(undefined))).message).toBe("the worker has ended before");
    const { port1, port2 } = new MessageChannel();
    port1.close();
    await new Promise((resolve) => port2.once("close", resolve));
    for (const port of [port1, port2]) {
      expect(await rejection(new RemoteTrainer(port).start(undefined))).toBeInstanceOf(StateError);
    }
  });

  it("is ended by close", async () => {
    const { worker, remote, waiting } = await training();
    const exit = new Promise((resolve) => worker.once("exit", resolve));
    remote.close();
    remote.close();
    for (const { message } of await Promise.all(waiting)) expect(message).toBe("this remote trainer was closed");
    await settled(exit, "the end of the thread");
    expect(worker.threadId).toBe(-1);
  });

  it("ends in silence if it fails while it is closed", async () => {
    const { worker, remote, waiting } = await training();
    const throwing = settled(remote.call("throwLater", "too late"));
    remote.close();
    await Promise.all([...waiting, throwing]);
    // As if the error had been under way: an emitter without a listener would throw it.
    expect(worker.emit("error", new Error("too late"))).toBe(true);
  });

  it.each(["close", "unref"])("lets the process end after close (%s)", async (how) => {
    const args = [bundle("process"), thread, how];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 30_000 });
    expect(stdout).toBe("4\nStateError: this remote trainer was closed\n");
  });
});
