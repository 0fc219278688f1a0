// Times one JavaScript baseline in a worker of its own: V8 specialises code by what it has seen before, so rows that
// share an isolate would slow each other down.
import { parentPort, workerData } from "node:worker_threads";
import { createTunedKernels, naiveKernels } from "./baselines/index.js";
import { measure } from "./measure.js";
import { rows } from "./rows/index.js";

export interface BaselineTask {
  readonly row: number;
  readonly flavour: "naive" | "tuned";
  readonly budget: number;
}

export interface BaselineResult {
  readonly milliseconds: number;
  readonly result: Float32Array;
}

const { row, flavour, budget } = workerData as BaselineTask;
const kernels = flavour === "naive" ? naiveKernels : createTunedKernels();
const subject = rows[row]!.baseline!(kernels);
const result = subject.result().slice();
const { milliseconds } = measure(() => subject.run(), { budget, minimumSamples: 3, warmupMilliseconds: budget / 3 });
parentPort!.postMessage({ milliseconds, result } satisfies BaselineResult);
