// Times one JavaScript baseline in a process of its own: V8 specialises code by what it has seen before, so rows that share
// one would slow each other down.
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

process.once("message", ({ row, flavour, budget }: BaselineTask) => {
  const kernels = flavour === "naive" ? naiveKernels : createTunedKernels();
  const subject = rows[row]!.baseline!(kernels);
  const result = subject.result().slice();
  const { milliseconds } = measure(() => subject.run(), { budget, minimumSamples: 3, warmupMilliseconds: budget / 3 });
  process.send!({ milliseconds, result } satisfies BaselineResult, () => process.disconnect());
});
