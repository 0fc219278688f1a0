import { describe, expect, it } from "vitest";
import { expectClose, expectIdentical } from "../../expect.js";
import { runKernel, testedBuilds, testEngine } from "../../kernel.js";
import { randomFloats } from "../../random.js";

const counts = [0, 4, 12, 16, 20, 64, 252, 1000];
const inPlace = ["weights", "velocity", "sumOfSquares", "firstMoment", "secondMoment"];

/** Buffers of an update after some history: the second moments are positive. */
function group(count: number): Record<"weights" | "gradients" | "first" | "second", Float32Array> {
  return {
    weights: randomFloats(count, 1),
    gradients: randomFloats(count, 2),
    first: randomFloats(count, 3),
    second: randomFloats(count, 4).map(Math.abs),
  };
}

describe.each(testedBuilds)("optimizer updates (%s)", async (build) => {
  const engine = await testEngine(build);

  describe.each(counts)("of %i weights", (count) => {
    const { weights, gradients, first, second } = group(count);
    const learningRate = Float32Array.of(0.1);

    it.each([
      { momentum: 0, nesterov: false, weightDecay: 0 },
      { momentum: 0, nesterov: false, weightDecay: 0.01 },
      { momentum: 0.9, nesterov: false, weightDecay: 0 },
      { momentum: 0.9, nesterov: true, weightDecay: 0.01 },
    ])("sgd %o is PyTorch's rule within 3e-7, for any number of threads", ({ momentum, nesterov, weightDecay }) => {
      const velocity = momentum > 0 ? first : 0;
      const fields = { weights, gradients, velocity, learningRate, count, momentum, nesterov, weightDecay };
      const results = [1, 2, 3, 7].map((threads) => runKernel(engine, "sgd", fields, { inPlace, threads }));
      const expected = Array.from(weights, (w, i) => {
        const g = gradients[i]! + weightDecay * w;
        const b = momentum * first[i]! + g;
        return { b, w: w - 0.1 * (nesterov ? g + momentum * b : momentum > 0 ? b : g) };
      });
      expectClose(
        results[0]!.weights!,
        expected.map(({ w }) => w),
        { absolute: 3e-7 },
      );
      if (velocity)
        expectClose(
          results[0]!.velocity!,
          expected.map(({ b }) => b),
          { absolute: 3e-7 },
        );
      for (const result of results) expectIdentical(result.weights!, results[0]!.weights!);
    });

    it("adagrad divides by the root of the sum of squares, within 3e-7", () => {
      const fields = {
        weights,
        gradients,
        sumOfSquares: second,
        learningRate,
        count,
        epsilon: 1e-10,
        weightDecay: 0.1,
      };
      const results = [1, 2, 3, 7].map((threads) => runKernel(engine, "adagrad", fields, { inPlace, threads }));
      const expected = Array.from(weights, (w, i) => {
        const g = gradients[i]! + 0.1 * w;
        const s = second[i]! + g * g;
        return { s, w: w - (0.1 * g) / (Math.sqrt(s) + 1e-10) };
      });
      expectClose(
        results[0]!.weights!,
        expected.map(({ w }) => w),
        { absolute: 3e-7 },
      );
      expectClose(
        results[0]!.sumOfSquares!,
        expected.map(({ s }) => s),
        { relative: 3e-7 },
      );
      for (const result of results) expectIdentical(result.weights!, results[0]!.weights!);
    });

    it.each([
      { step: 1, weightDecay: 0, decoupled: false },
      { step: 7, weightDecay: 0.1, decoupled: false },
      { step: 1000, weightDecay: 0.1, decoupled: true },
    ])("adam %o is Kingma and Ba's algorithm 1 within 5e-7", ({ step, weightDecay, decoupled }) => {
      const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];
      const fields = {
        ...{ weights, gradients, firstMoment: first, secondMoment: second, learningRate, count },
        biasCorrection1: Float32Array.of(1 / (1 - beta1 ** step)),
        biasCorrection2: Float32Array.of(1 / Math.sqrt(1 - beta2 ** step)),
        ...{ rest1: 1 - beta1, rest2: 1 - beta2, beta2, epsilon, weightDecay, decoupled },
      };
      const results = [1, 2, 3, 7].map((threads) => runKernel(engine, "adam", fields, { inPlace, threads }));
      const expected = Array.from(weights, (w, i) => {
        const g = gradients[i]! + (decoupled ? 0 : weightDecay * w);
        const m = beta1 * first[i]! + (1 - beta1) * g;
        const v = beta2 * second[i]! + (1 - beta2) * g * g;
        const unbiased = { m: m / (1 - beta1 ** step), v: v / (1 - beta2 ** step) };
        const shrunk = decoupled ? w * (1 - 0.1 * weightDecay) : w;
        return { m, v, w: shrunk - (0.1 * unbiased.m) / (Math.sqrt(unbiased.v) + epsilon) };
      });
      // The update is as large as the rate times the ratio of moments: its error scales with it.
      const scale = Math.max(1, ...expected.map(({ w }) => Math.abs(w)));
      expectClose(
        results[0]!.weights!,
        expected.map(({ w }) => w),
        { absolute: 5e-7 * scale, relative: 5e-7 },
      );
      expectClose(
        results[0]!.firstMoment!,
        expected.map(({ m }) => m),
        { absolute: 2e-7 },
      );
      expectClose(
        results[0]!.secondMoment!,
        expected.map(({ v }) => v),
        { relative: 3e-7 },
      );
      for (const result of results) expectIdentical(result.weights!, results[0]!.weights!);
    });
  });

  it("leave zeros with zero gradient and state at zero: gaps between parameters stay 0", () => {
    const zero = new Float32Array(8);
    const learningRate = Float32Array.of(0.1);
    const correction = Float32Array.of(1000);
    const common = { weights: zero, gradients: zero, learningRate, count: 8, weightDecay: 0.1 };
    const moments = { firstMoment: zero, secondMoment: zero, biasCorrection1: correction, biasCorrection2: correction };
    const constants = { rest1: 0.1, rest2: 0.001, beta2: 0.999, decoupled: false };
    const results = [
      runKernel(engine, "sgd", { ...common, velocity: zero, momentum: 0.9, nesterov: true }, { inPlace }),
      runKernel(engine, "adagrad", { ...common, sumOfSquares: zero, epsilon: 1e-10 }, { inPlace }),
      runKernel(engine, "adam", { ...common, ...moments, ...constants, epsilon: 1e-8 }, { inPlace }),
    ];
    for (const { weights } of results) expect(weights!.every((w) => w === 0)).toBe(true);
  });

  it("show NaN in the gradient as NaN in the weight, there and nowhere else", () => {
    const { weights, gradients, first, second } = group(16);
    gradients[5] = NaN;
    const common = { weights, gradients, learningRate: Float32Array.of(0.1), count: 16, weightDecay: 0 };
    const correction = Float32Array.of(1);
    const moments = {
      firstMoment: first,
      secondMoment: second,
      biasCorrection1: correction,
      biasCorrection2: correction,
    };
    const constants = { rest1: 0.1, rest2: 0.001, beta2: 0.999, decoupled: false };
    const results = [
      runKernel(engine, "sgd", { ...common, velocity: 0, momentum: 0, nesterov: false }, { inPlace }),
      runKernel(engine, "adagrad", { ...common, sumOfSquares: second, epsilon: 1e-10 }, { inPlace }),
      runKernel(engine, "adam", { ...common, ...moments, ...constants, epsilon: 1e-8 }, { inPlace }),
    ];
    for (const result of results) expect([...result.weights!].map(Number.isNaN).indexOf(true)).toBe(5);
    for (const result of results) expect([...result.weights!].filter(Number.isNaN).length).toBe(1);
  });
});
