// One JavaScript baseline in a worker of its own: engines specialise code by what it has seen before, so rows that share
// a worker would slow each other down.
import { createTunedKernels, naiveKernels } from "../../../bench/baselines/index.js";
import { measure } from "../../../bench/measure.js";
import { type BaselineAnswer, type BaselineTask, reasonOf } from "./messages.js";
import { chosenRows } from "./rows.js";

function run({ index, flavour, budget }: BaselineTask): BaselineAnswer {
  try {
    const kernels = flavour === "naive" ? naiveKernels : createTunedKernels();
    const subject = chosenRows[index]!.baseline!(kernels);
    const result = Float32Array.from(subject.result());
    const options = { budget, minimumSamples: 3, warmupMilliseconds: budget / 3 };
    return { milliseconds: measure(() => subject.run(), options).milliseconds, result };
  } catch (error) {
    return { problem: reasonOf(error) };
  }
}

addEventListener("message", ({ data }: MessageEvent<BaselineTask>) => postMessage(run(data)));
