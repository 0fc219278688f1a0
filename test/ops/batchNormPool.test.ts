import { describe, expect, it } from "vitest";
import { Graph, Program, type Value } from "../../src/graph/index.js";
import { batchNorm } from "../../src/ops/normalization/batchNorm.js";
import { maxPool2d } from "../../src/ops/pooling/maxPooling.js";
import { relu } from "../../src/ops/activations/relu.js";
import { expectClose, expectIdentical } from "../expect.js";
import { simulateThreads, testedBuilds, testEngine } from "../kernel.js";
import { randomFloats } from "../random.js";

const shapes = [
  [1, 4, 4, 4],
  [2, 4, 8, 4],
  [2, 8, 8, 12],
  [5, 28, 28, 16],
  [3, 14, 14, 32],
  [2, 6, 10, 68],
];

interface Results {
  readonly y: Float32Array;
  readonly dx: Float32Array;
  readonly dgamma: Float32Array;
  readonly dbeta: Float32Array;
}

describe.each(testedBuilds)("batch norm, ReLU and max pooling joined (%s)", async (build) => {
  const engine = await testEngine(build);
  const threaded = await testEngine(build);

  function run(shape: readonly number[], x: Float32Array, isFused: boolean, options: Options, threads = 1): Results {
    const chosen = threads === 1 ? engine : threaded;
    if (threads > 1) simulateThreads(chosen, threads);
    const graph = new Graph();
    const channels = shape[3]!;
    const input = graph.input(shape, "x", "f32", true);
    const [gamma, beta] = ["gamma", "beta"].map((name) => graph.input([channels], name, "f32", true)) as [Value, Value];
    const [mean, variance] = ["mean", "variance"].map((name) => graph.input([channels], name)) as [Value, Value];
    const normalised = batchNorm(input, gamma, beta, mean, variance, { training: options.training });
    const output = maxPool2d(options.relu ? relu(normalised) : normalised, { kernelSize: 2 });
    const upstream = graph.input(output.shape, "dy");
    const program = new Program(chosen, graph, {
      outputs: [output],
      backward: { from: output, gradient: upstream },
      gradients: [input, gamma, beta],
      fuse: isFused,
    });
    const kernels = program.linked.calls.map((call) => call.kernel);
    expect(kernels.includes("batchNormPool")).toBe(isFused);
    program.write(input, x);
    // Negative scales turn the order round.
    program.write(gamma, randomFloats(channels, 2, 1.5));
    program.write(beta, randomFloats(channels, 3, 0.5));
    program.write(mean, randomFloats(channels, 4));
    program.write(
      variance,
      randomFloats(channels, 5).map((value) => 1.5 + value),
    );
    program.write(upstream, randomFloats(output.size, 6));
    program.run();
    const [dx, dgamma, dbeta] = [input, gamma, beta].map((value) => program.readGradient(value));
    const result = { y: program.read(output), dx: dx!, dgamma: dgamma!, dbeta: dbeta! };
    program.dispose();
    return result;
  }

  describe.each(shapes)("on [%i, %i, %i, %i]", (...shape) => {
    const size = shape.reduce((product, length) => product * length, 1);

    it.each([
      { training: true, relu: true },
      { training: true, relu: false },
      { training: false, relu: true },
    ])("agree with the separate operations, %o, and give the same bits for any number of threads", (options) => {
      const x = randomFloats(size, 1, 3);
      const fused = run(shape, x, true, options);
      const separate = run(shape, x, false, options);
      expectIdentical(fused.y.map(positiveZero), separate.y.map(positiveZero));
      const scale = Math.max(...separate.dx.map(Math.abs));
      expectClose(fused.dx, separate.dx, { absolute: 1e-5 * scale });
      expectClose(fused.dbeta, separate.dbeta, { absolute: 1e-5 * Math.sqrt(size / shape[3]!) });
      expectClose(fused.dgamma, separate.dgamma, { absolute: 1e-5 * Math.sqrt(size / shape[3]!) });
      for (const threads of [2, 3, 7]) {
        const again = run(shape, x, true, options, threads);
        for (const name of ["y", "dx", "dgamma", "dbeta"] as const) expectIdentical(again[name], fused[name]);
      }
    });

    it("let NaN and infinities through as the separate operations do", () => {
      const x = randomFloats(size, 1);
      const options = { training: false, relu: true };
      for (let i = 0; i < size; i += 11) x[i] = [NaN, Infinity, -Infinity][(i / 11) % 3]!;
      expectIdentical(
        run(shape, x, true, options).y.map(positiveZero),
        run(shape, x, false, options).y.map(positiveZero),
      );
    });
  });
});

interface Options {
  readonly training: boolean;
  readonly relu: boolean;
}

function positiveZero(value: number): number {
  return value === 0 ? 0 : value;
}
