// A program of its own, which must come to its end: argv names the script of a worker thread, and whether it is unref'd.
import { Worker } from "node:worker_threads";
import { RemoteTrainer } from "../../src/index.js";
import type { ThreadCalls } from "./thread.js";
import type { Options } from "./worker.js";

const [, , script = "", how] = process.argv;
const worker = new Worker(script);
const remote = new RemoteTrainer<Options, ThreadCalls>(worker);
// An unref'd worker keeps no process alive, so something else must while it is waited for.
const timer = setInterval(() => undefined, 1000);
if (how === "unref") worker.unref();
await remote.start({ epochs: 1_000_000 });
const never = remote.call("never").catch((error: unknown) => console.log(String(error)));
console.log((await remote.predict(new Float32Array(2))).length);
clearInterval(timer);
remote.close();
await never;
