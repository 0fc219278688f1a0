import { describe, expect, it } from "vitest";
import { type Engine, ShapeError } from "../../src/engine/index.js";
import { MemoryRange, Graph, Program } from "../../src/graph/index.js";
import { batchNorm, type BatchNormOptions } from "../../src/ops/normalization/batchNorm.js";
import { expectClose, expectIdentical } from "../expect.js";
import { simulateThreads, testedBuilds, testEngine } from "../kernel.js";
import * as oracle from "../oracle/batchNorm.js";
import { randomFloats } from "../random.js";

interface Case {
  readonly shape: readonly number[];
  readonly x: Float32Array;
}

/** Runs forward and backward; `threads` plays so many threads in turn, record after record. */
function run(engine: Engine, { shape, x }: Case, options: BatchNormOptions, threads = 1) {
  const graph = new Graph();
  const channels = shape.at(-1)!;
  const block = engine.memory.allocate(8 * channels, "running statistics");
  const views = [engine.memory.f32(block.address, channels), engine.memory.f32(block.address + 4 * channels, channels)];
  views[0]!.set(randomFloats(channels, 21));
  views[1]!.set(randomFloats(channels, 22).map((value) => 1.5 + value));
  const before = views.map((view) => view.slice());
  const bytes = 4 * channels;
  const input = graph.input(shape, "x", "f32", true);
  const gamma = graph.input([channels], "gamma", "f32", true);
  const beta = graph.input([channels], "beta", "f32", true);
  const mean = graph.state([channels], MemoryRange.at(block, 0, bytes, "mean"), "runningMean");
  const variance = graph.state([channels], MemoryRange.at(block, bytes, bytes, "variance"), "runningVariance");
  const y = batchNorm(input, gamma, beta, mean, variance, options);
  const upstream = graph.input(shape, "upstream");
  const program = new Program(engine, graph, {
    outputs: [y],
    backward: { from: y, gradient: upstream },
    gradients: [input, gamma, beta],
  });
  const given = {
    gamma: randomFloats(channels, 11).map((value) => 1.2 + value),
    beta: randomFloats(channels, 12, 0.3),
    dy: randomFloats(x.length, 13),
  };
  program.write(input, x);
  program.write(gamma, given.gamma);
  program.write(beta, given.beta);
  program.write(upstream, given.dy);
  const asOne = engine.run.bind(engine);
  if (threads > 1) simulateThreads(engine, threads);
  program.run();
  engine.run = asOne;
  const result = {
    y: program.read(y),
    dx: program.readGradient(input),
    dgamma: program.readGradient(gamma),
    dbeta: program.readGradient(beta),
    runningMean: engine.memory.f32(block.address, channels).slice(),
    runningVariance: engine.memory.f32(block.address + bytes, channels).slice(),
  };
  program.dispose();
  engine.memory.release(block);
  return { given, before, result };
}

const shapes = [
  [2, 1],
  [5, 1],
  [1000, 1],
  [3, 2],
  [700, 2],
  [3, 3],
  [401, 3],
  [7, 4],
  [2, 5, 3, 5],
  [9, 7],
  [4, 3, 3, 16],
  [37, 17],
  [5, 7, 7, 64],
  [300, 68],
  [3, 131],
  [131, 65],
];

describe.each(testedBuilds)("batchNorm in training (%s)", async (build) => {
  const engine = await testEngine(build);
  const epsilon = 1e-5;

  it.each(shapes.map((shape) => ({ shape })))(
    "agrees with float64 forward and backward, the same bits for any number of threads: $shape",
    ({ shape }) => {
      const channels = shape.at(-1)!;
      const x = randomFloats(
        shape.reduce((a, b) => a * b),
        5,
        2,
      );
      const n = x.length / channels;
      for (const relu of [false, true]) {
        const options = { training: true, relu, momentum: 0.3 };
        const { given, before, result } = run(engine, { shape, x }, options);
        const statistics = oracle.statisticsOf(x, channels);
        const expected = oracle.batchNorm(x, given.gamma, given.beta, statistics, { epsilon, relu });
        const gradients = oracle.batchNormGradients(x, given.dy, given.gamma, given.beta, { epsilon, relu });
        expectClose(result.y, expected, { absolute: 3e-6 });
        const worst = Math.max(...statistics.variance.map((value) => 1 / Math.sqrt(value + epsilon)));
        expectClose(result.dx, gradients.dx, { absolute: 2e-6 * Math.max(1, worst) });
        expectClose(result.dgamma, gradients.dgamma, { absolute: 2e-6 * Math.sqrt(n) });
        expectClose(result.dbeta, gradients.dbeta, { absolute: 2e-6 * Math.sqrt(n) });
        expectClose(
          result.runningMean,
          before[0]!.map((value, c) => 0.7 * value + 0.3 * statistics.mean[c]!),
          { absolute: 1e-6 },
        );
        expectClose(
          result.runningVariance,
          before[1]!.map((value, c) => 0.7 * value + (0.3 * statistics.variance[c]! * n) / (n - 1)),
          { relative: 2e-6 },
        );
        for (const threads of [2, 3, 7]) {
          const again = run(engine, { shape, x }, options, threads).result;
          for (const name of Object.keys(result) as (keyof typeof result)[]) expectIdentical(again[name], result[name]);
        }
      }
    },
  );

  it("is right for mean 1e4 and standard deviation 1: variance to 1e-6, y to 1e-5", () => {
    const x = randomFloats(3000 * 8, 3, Math.sqrt(3)).map((value) => value + 1e4);
    const { given, result } = run(engine, { shape: [3000, 8], x }, { training: true, momentum: 1 });
    const statistics = oracle.statisticsOf(x, 8);
    expectClose(
      result.runningVariance,
      statistics.variance.map((value) => (value * 3000) / 2999),
      { relative: 1e-6 },
    );
    expectClose(result.runningMean, statistics.mean, { relative: 1e-7 });
    const options = { epsilon, relu: false };
    expectClose(result.y, oracle.batchNorm(x, given.gamma, given.beta, statistics, options), { absolute: 1e-5 });
    const gradients = oracle.batchNormGradients(x, given.dy, given.gamma, given.beta, options);
    expectClose(result.dx, gradients.dx, { absolute: 1e-5 });
    expectClose(result.dgamma, gradients.dgamma, { absolute: 1e-3 });
  });

  it("keeps the variance to 1e-4 when it is all due to the first row, about which the sums are formed", () => {
    const x = randomFloats(1000 * 16, 3).map((value, i) => (i < 16 ? 1000 : value * 0.001));
    const { result } = run(engine, { shape: [1000, 16], x }, { training: true, momentum: 1 });
    const { variance } = oracle.statisticsOf(x, 16);
    expectClose(
      result.runningVariance,
      variance.map((value) => (value * 1000) / 999),
      { relative: 1e-4 },
    );
  });

  it("gives beta, not NaN, for a channel that is constant", () => {
    const x = new Float32Array(40).fill(3.7);
    const { given, result } = run(engine, { shape: [10, 4], x }, { training: true });
    expectClose(
      result.y,
      x.map((_, i) => given.beta[i % 4]!),
      { absolute: 1e-6 },
    );
    expect(result.dx.every(Number.isFinite)).toBe(true);
  });

  it("lets a NaN spoil its own channel only, through a fused ReLU too", () => {
    const x = randomFloats(60);
    x[9] = NaN;
    const { result } = run(engine, { shape: [15, 4], x }, { training: true, relu: true });
    expect(Array.from(result.y, Number.isNaN)).toEqual(Array.from(x, (_, i) => i % 4 === 1));
    expect(Array.from(result.dgamma, Number.isNaN)).toEqual([false, true, false, false]);
  });
});

describe("batchNorm in evaluation", async () => {
  const engine = await testEngine();

  it.each(shapes.map((shape) => ({ shape })))("normalises by the running statistics: $shape", ({ shape }) => {
    const channels = shape.at(-1)!;
    const x = randomFloats(
      shape.reduce((a, b) => a * b),
      5,
      2,
    );
    for (const relu of [false, true]) {
      const { given, before, result } = run(engine, { shape, x }, { training: false, relu, epsilon: 1e-3 });
      const statistics = { mean: Float64Array.from(before[0]!), variance: Float64Array.from(before[1]!) };
      const options = { epsilon: 1e-3, relu };
      const expected = oracle.batchNorm(x, given.gamma, given.beta, statistics, options);
      expectClose(result.y, expected, { absolute: 3e-6 });
      expectIdentical(result.runningMean, before[0]!);
      expectIdentical(result.runningVariance, before[1]!);
      const g = given.dy.map((value, i) => (relu && !(expected[i]! > 0) ? 0 : value));
      const inverse = statistics.variance.map((value) => 1 / Math.sqrt(value + 1e-3));
      const dgamma = new Float64Array(channels);
      const dbeta = new Float64Array(channels);
      g.forEach((value, i) => {
        const c = i % channels;
        dgamma[c]! += value * (x[i]! - statistics.mean[c]!) * inverse[c]!;
        dbeta[c]! += value;
      });
      expectClose(
        result.dx,
        g.map((value, i) => value * given.gamma[i % channels]! * inverse[i % channels]!),
        { absolute: 3e-6 },
      );
      expectClose(result.dgamma, dgamma, { absolute: 1e-4 });
      expectClose(result.dbeta, dbeta, { absolute: 1e-4 });
    }
  });

  it("refuses shapes that do not fit, saying what it got", () => {
    const graph = new Graph();
    const of = (shape: number[], label: string) => graph.input(shape, label);
    const [x, c4, c5] = [of([8, 4], "x"), of([4], "gamma"), of([5], "beta")];
    expect(() => batchNorm(x, c4, c5, c4, c4, { training: true })).toThrow(/beta of shape \[4\], got \[5\]/);
    expect(() => batchNorm(of([4], "y"), c4, c4, c4, c4, { training: true })).toThrow(ShapeError);
    expect(() => batchNorm(of([1, 4], "y"), c4, c4, c4, c4, { training: true })).toThrow(/at least 2/);
    expect(() => batchNorm(x, c4, c4, c4, c4, { training: true, epsilon: 0 })).toThrow(/epsilon/);
  });
});
