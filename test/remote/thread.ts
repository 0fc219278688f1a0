// Runs in a worker of node:worker_threads: serves the tests' trainer to the thread that started it, or over a port.
import { type MessagePort, workerData } from "node:worker_threads";
import { serveTrainer, type ServedTrainer } from "../../src/index.js";
import { type Calls, createSetup, type Options } from "./worker.js";

/** What the other calls do, and ways to end a thread. */
export interface ThreadCalls extends Calls {
  exit(code: number): never;
  throwLater(what: string): void;
  throwTextLater(what: string): void;
  rejectLater(what: string): void;
  exhaust(): void;
  never(): Promise<void>;
}

const createTrainer = createSetup();

async function setup(options: Options): Promise<ServedTrainer<ThreadCalls>> {
  const served = await createTrainer(options);
  const calls: ThreadCalls = {
    ...served.calls!,
    exit: (code) => process.exit(code),
    throwLater: (what) => {
      setTimeout(() => {
        throw new RangeError(what);
      });
    },
    throwTextLater: (what) => {
      setTimeout(() => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- what code of others may do
        throw what;
      });
    },
    rejectLater: (what) => void Promise.reject(new Error(what)),
    exhaust: () => {
      for (const lists: number[][] = []; ;) lists.push(Array.from({ length: 100_000 }, (_, i) => i + 0.5));
    },
    never: () => new Promise(() => undefined),
  };
  return { ...served, calls };
}

serveTrainer<ThreadCalls>(setup, (workerData as MessagePort | null) ?? undefined);
