import { reasonAgainstSharedMemory } from "./host.js";
import { startWorker, type WorkerHandle, type WorkerTask } from "./worker.js";

/** Longest time that workers are given to start, in milliseconds. */
const startTimeout = 20_000;

/** This host cannot run workers: the reason, for `engine.info`. */
export class NoWorkersError extends Error {}

/** The workers of an engine: threads 1 … count. They sleep between runs and keep no process alive. */
export class Team {
  /** Why the team is lost: a worker that ended by itself. */
  failure: string | undefined;
  isClosed = false;
  private readonly dropped = new FinalizationRegistry<undefined>(() => void this.close());

  private constructor(private readonly workers: readonly WorkerHandle[]) {
    workers.forEach((worker, i) => {
      worker.onEnd = (reason) => (this.failure ??= `worker thread ${i + 1} ended: ${reason}`);
    });
  }

  /**
   * Starts workers and waits until they are about to serve their first run.
   * @throws NoWorkersError where the host has none, or they do not start
   */
  static async start(count: number, task: Omit<WorkerTask, "thread">): Promise<Team> {
    const workers: WorkerHandle[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      for (let thread = 1; thread <= count; thread++) {
        const worker = startWorker({ ...task, thread });
        if (!worker) throw new Error("this host has no workers");
        workers.push(worker);
      }
      const timeout = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`not ready after ${startTimeout} ms`)), startTimeout);
      });
      await Promise.race([timeout, Promise.all(workers.map((worker) => worker.ready))]);
      return new Team(workers);
    } catch (error) {
      for (const worker of workers) worker.ready.catch(() => undefined);
      await Promise.all(workers.map((worker) => worker.terminate()));
      const reason = error instanceof Error ? error.message : String(error);
      throw new NoWorkersError(`workers could not be started: ${reason}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the workers when `owner` is garbage-collected. The team must not refer to it. */
  closeWith(owner: object): void {
    this.dropped.register(owner, undefined);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all(
      this.workers.map((worker) => {
        worker.onEnd = undefined;
        return worker.terminate();
      }),
    );
  }
}

/** How many threads an engine wants, and why. */
export interface ThreadChoice {
  readonly count: number;
  readonly reason: string;
}

/** Most threads of "auto": beyond, the barriers and memory take back what more cores bring to layers of usual size. */
export const mostAutomaticThreads = 8;

/** Threads for an option of `createEngine` on a host of `cores` cores. */
export function chooseThreads(wanted: number | "auto", cores: number): ThreadChoice {
  if (wanted === 1) return { count: 1, reason: "the threads option asked for it" };
  if (wanted === "auto" && cores < 2) return { count: 1, reason: "this host has one core" };
  const obstacle = reasonAgainstSharedMemory();
  if (obstacle) return { count: 1, reason: obstacle };
  if (wanted !== "auto") return { count: wanted, reason: "the threads option asked for it" };
  const count = Math.min(cores, mostAutomaticThreads);
  return { count, reason: `this host has ${cores} cores${count < cores ? ", of which at most 8 are taken" : ""}` };
}
