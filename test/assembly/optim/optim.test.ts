import { describe, it } from "vitest";
import { type KernelName } from "../../../src/engine/index.js";
import { expectClose, expectIdentical } from "../../expect.js";
import { type KernelArgument, runKernel, testedBuilds, testEngine } from "../../kernel.js";
import { adagradStep, adamStep, sgdStep, type State } from "../../oracle/optim.js";
import { randomFloats } from "../../random.js";

const sizes = [0, 1, 3, 4, 5, 15, 17, 64, 127, 1009];
const steps = 5;
const rate = 0.05;
type Fields = Record<string, KernelArgument>;

describe.each(testedBuilds)("optimizers (%s)", async (build) => {
  const engine = await testEngine(build);

  /** Runs five steps with each number of threads; compares weights and state with the oracle, and the bits with one thread. */
  function check(
    kernel: KernelName,
    stateNames: readonly string[],
    constants: (step: number) => Fields,
    oracleStep: (state: State, g: Float32Array, step: number) => void,
  ): void {
    for (const count of sizes) {
      const start = randomFloats(count, 1);
      const reference = {
        w: Float64Array.from(start),
        first: new Float64Array(count),
        second: new Float64Array(count),
      };
      let single: Record<string, Float32Array> = {};
      for (const threads of [1, 2, 3, 7]) {
        let arrays: Record<string, Float32Array> = { weights: start };
        for (const name of stateNames) arrays[name] = new Float32Array(count);
        for (let step = 1; step <= steps; step++) {
          const gradients = randomFloats(count, 10 + step);
          const fields = { ...arrays, gradients, learningRate: Float32Array.of(rate), count, ...constants(step) };
          arrays = runKernel(engine, kernel, fields, { threads, inPlace: ["weights", ...stateNames] });
          arrays = Object.fromEntries(["weights", ...stateNames].map((name) => [name, arrays[name]!]));
          if (threads === 1) oracleStep(reference, gradients, step);
        }
        if (threads === 1) single = arrays;
        for (const name of ["weights", ...stateNames]) expectIdentical(arrays[name]!, single[name]!);
      }
      expectClose(single["weights"]!, reference.w, { absolute: 1e-6 });
      if (single["velocity"]) expectClose(single["velocity"], reference.first, { absolute: 2e-6 });
      if (single["firstMoments"]) expectClose(single["firstMoments"], reference.first, { absolute: 1e-6 });
      const second = single["secondMoments"] ?? single["squareSums"];
      if (second) expectClose(second, reference.second, { absolute: 1e-6 });
    }
  }

  it.each([
    { momentum: 0, weightDecay: 0, nesterov: false },
    { momentum: 0, weightDecay: 0.1, nesterov: false },
    { momentum: 0.9, weightDecay: 0, nesterov: false },
    { momentum: 0.9, weightDecay: 0.1, nesterov: false },
    { momentum: 0.8, weightDecay: 0.1, nesterov: true },
  ])("sgd takes PyTorch's steps with momentum $momentum, decay $weightDecay, nesterov $nesterov", (options) => {
    const names = options.momentum === 0 ? [] : ["velocity"];
    const constants = options.momentum === 0 ? { ...options, velocity: 0 } : options;
    check(
      "sgd",
      names,
      () => constants,
      (state, g) => sgdStep(state, g, { rate, ...options }),
    );
  });

  it.each([0, 0.1])("adagrad takes PyTorch's steps with weight decay %d", (weightDecay) => {
    const options = { weightDecay, epsilon: 1e-10 };
    check(
      "adagrad",
      ["squareSums"],
      () => options,
      (state, g) => adagradStep(state, g, { rate, ...options }),
    );
  });

  it.each([
    { weightDecay: 0, decoupled: false },
    { weightDecay: 0.1, decoupled: false },
    { weightDecay: 0.1, decoupled: true },
  ])("adam takes PyTorch's steps with decay $weightDecay, decoupled $decoupled", (decay) => {
    const options = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, ...decay };
    check(
      "adam",
      ["firstMoments", "secondMoments"],
      (step) => ({
        ...options,
        oneMinusBeta1: 1 - options.beta1,
        oneMinusBeta2: 1 - options.beta2,
        firstCorrection: Float32Array.of(1 / (1 - options.beta1 ** step)),
        secondCorrection: Float32Array.of(1 / Math.sqrt(1 - options.beta2 ** step)),
      }),
      (state, g, step) => adamStep(state, g, { rate, step, ...options }),
    );
  });
});
