// The threads beside the first: workers of the host, started from source that is inlined here, so that no bundler has to
// be told of a file.
import { nodeModule } from "./host.js";

/** What a worker is started with. */
export interface WorkerTask {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Address of the control block. */
  readonly control: number;
  /** Address and size of the text in which the worker leaves the message of a trap. */
  readonly message: number;
  readonly messageBytes: number;
  readonly thread: number;
}

/**
 * The source of a worker but for how it takes its task. It is plain JavaScript in a string, since a function's text
 * changes under bundlers and tools. With its task the worker never returns to its event loop: it serves runs until it is
 * terminated.
 */
const workerSource = `"use strict";
const begin = ({ module, memory, control, message, messageBytes, thread }, post) => {
  const env = { memory };
  for (const { name, kind } of WebAssembly.Module.imports(module)) {
    if (kind === "function") env[name] = (...details) => { throw new Error(name + " " + details.join(" ")); };
  }
  const { serve, fail } = new WebAssembly.Instance(module, { env }).exports;
  post("ready");
  for (;;) {
    try {
      serve(control, thread);
    } catch (error) {
      const text = new Uint8Array(memory.buffer, message, messageBytes).fill(0);
      const reason = String(error.message ?? error);
      for (let i = 0; i < reason.length && i < messageBytes; i++) text[i] = reason.charCodeAt(i);
      fail(control, thread, 1);
    }
  }
};
`;
/** What follows it in Node's workers. That the host is Node cannot be told inside: Bun and Deno have `self` there too. */
const nodeStart = `const { parentPort, workerData } = process.getBuiltinModule("node:worker_threads");
begin(workerData, (text) => parentPort.postMessage(text));
`;
/** What follows it in the workers of the web. */
const webStart = `self.onmessage = ({ data }) => begin(data, (text) => self.postMessage(text));
`;

/** A worker of any host. */
export interface WorkerHandle {
  /** Settles when the worker is about to serve its first run. */
  readonly ready: Promise<void>;
  /** Called once, with the reason, if the worker ends by itself. */
  onEnd: ((reason: string) => void) | undefined;
  terminate(): Promise<void>;
}

interface NodeWorker {
  once(event: "message" | "online", listener: () => void): void;
  once(event: "error", listener: (error: Error) => void): void;
  once(event: "exit", listener: (code: number) => void): void;
  unref(): void;
  terminate(): Promise<number>;
}

interface NodeWorkerModule {
  readonly Worker: new (source: string, options: Record<string, unknown>) => NodeWorker;
}

/** Starts a worker; undefined where the host has none. */
export function startWorker(task: WorkerTask): WorkerHandle | undefined {
  const node = nodeModule("node:worker_threads") as NodeWorkerModule | undefined;
  if (node) return startNodeWorker(node, task);
  return typeof Worker === "undefined" ? undefined : startWebWorker(task);
}

function startNodeWorker({ Worker }: NodeWorkerModule, task: WorkerTask): WorkerHandle {
  // Without the process's own flags: a loader given by --import would start in every worker.
  const worker = new Worker(workerSource + nodeStart, { eval: true, workerData: task, execArgv: [], name: "wasmgrad" });
  const handle: WorkerHandle = {
    ready: new Promise((resolve, reject) => {
      worker.once("message", () => {
        // From now on the worker keeps no process alive.
        worker.unref();
        resolve();
      });
      worker.once("error", reject);
      worker.once("exit", (code) => reject(new Error(`it ended with code ${code}`)));
    }),
    onEnd: undefined,
    terminate: async () => {
      await worker.terminate();
    },
  };
  let reason = "";
  worker.once("error", (error) => (reason = error.message));
  worker.once("exit", (code) => handle.onEnd?.(reason || `it ended with code ${code}`));
  return handle;
}

function startWebWorker(task: WorkerTask): WorkerHandle {
  const url = URL.createObjectURL(new Blob([workerSource + webStart], { type: "text/javascript" }));
  const worker = new Worker(url, { name: "wasmgrad" });
  const handle: WorkerHandle = {
    ready: new Promise<void>((resolve, reject) => {
      worker.onmessage = () => resolve();
      worker.onerror = (event) => {
        event.preventDefault();
        const reason = event.message || "the page's policy forbids workers from blob: addresses";
        reject(new Error(reason));
        handle.onEnd?.(reason);
      };
    }).finally(() => URL.revokeObjectURL(url)),
    onEnd: undefined,
    terminate: () => {
      worker.terminate();
      return Promise.resolve();
    },
  };
  worker.postMessage(task);
  return handle;
}
