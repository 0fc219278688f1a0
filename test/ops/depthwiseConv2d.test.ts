import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, type Engine, LinkedProgram, ShapeError } from "../../src/engine/index.js";
import { Graph, Program } from "../../src/graph/index.js";
import * as nn from "../../src/layers/index.js";
import { depthwiseConv2d } from "../../src/ops/convolution/depthwiseConv2d.js";
import { relu } from "../../src/ops/activations/relu.js";
import { expectClose, expectIdentical } from "../expect.js";
import { checkGradient } from "../gradient.js";
import { testedBuilds, testEngine } from "../kernel.js";
import { type Depthwise, naiveDepthwise, naiveDepthwiseGradients, outputSize } from "../oracle/depthwise.js";
import { randomFloats, randomIntegers } from "../random.js";

type Given = Depthwise & { readonly relu?: boolean; readonly hasBias?: boolean };

const base: Given = {
  ...{ batch: 2, height: 7, width: 9, channels: 5, kernel: [3, 3], stride: [1, 1], padding: [1, 1], dilation: [1, 1] },
};

/** What an operation takes of a case. */
const optionsOf = ({ stride, padding, dilation, relu = false }: Given) => ({ stride, padding, dilation, relu });

/** Shapes of x, weight and bias. */
function shapesOf(c: Given): number[][] {
  return [
    [c.batch, c.height, c.width, c.channels],
    [...c.kernel, c.channels],
    ...(c.hasBias === false ? [] : [[c.channels]]),
  ];
}

function programOf(engine: Engine, c: Given, fill: (length: number, seed: number) => Float32Array) {
  const graph = new Graph();
  const values = shapesOf(c).map((shape, i) => graph.input(shape, `input ${i}`, "f32", true));
  const y = depthwiseConv2d(values[0]!, values[1]!, values[2], optionsOf(c));
  const upstream = graph.input(y.shape, "upstream");
  const backward = { from: y, gradient: upstream };
  const program = new Program(engine, graph, { outputs: [y], backward, gradients: values });
  const data = [...values, upstream].map((value, i) => fill(value.size, i + 1));
  const write = (): void => [...values, upstream].forEach((value, i) => program.write(value, data[i]!));
  const results = (): Float32Array[] => [program.read(y), ...values.map((value) => program.readGradient(value))];
  return { program, data, write, results, shape: y.shape };
}

function compute(engine: Engine, c: Given, fill: (length: number, seed: number) => Float32Array) {
  const { program, data, write, results, shape } = programOf(engine, c, fill);
  write();
  program.run();
  const actual = results();
  program.dispose();
  const [x, weight] = data as [Float32Array, Float32Array];
  const y = naiveDepthwise(c, x, weight, c.hasBias === false ? undefined : data[2], c.relu);
  const dy = data[data.length - 1]!.map((value, i) => (c.relu && y[i]! <= 0 ? 0 : value));
  const { dx, dw, db } = naiveDepthwiseGradients(c, x, weight, dy);
  expect(shape).toEqual([c.batch, ...outputSize(c), c.channels]);
  return { actual, expected: [y, dx, dw, db].slice(0, actual.length) };
}

const withoutSign = (values: ArrayLike<number>): number[] => Array.from(values, (value) => value + 0);

function expectExact(engine: Engine, c: Given): void {
  const { actual, expected } = compute(engine, c, randomIntegers);
  actual.forEach((got, i) => {
    try {
      expectIdentical(withoutSign(got), withoutSign(expected[i]!));
    } catch (error) {
      throw new Error(`${["y", "dx", "dw", "db"][i]} of ${JSON.stringify(c)}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  });
}

const fits = (c: Given): boolean => Math.min(...outputSize(c)) >= 1;

describe.each(testedBuilds)("depthwise convolution (%s)", async (build) => {
  const engine = await testEngine(build);

  it("is exact for integers, with its gradients, for kernels × strides × paddings × dilations × channels", () => {
    const kernels = [[1, 1], [2, 2], [3, 3], [5, 5], [1, 3], [3, 2], [5, 1], [2, 4]] as const; // prettier-ignore
    const strides = [[1, 1], [2, 2], [1, 2], [3, 1]] as const; // prettier-ignore
    const paddings = [[0, 0], [1, 1], [2, 2], [0, 2], [5, 1]] as const; // prettier-ignore
    const dilations = [[1, 1], [2, 2], [1, 2]] as const; // prettier-ignore
    for (const kernel of kernels) {
      for (const stride of strides) {
        for (const padding of paddings) {
          for (const dilation of dilations) {
            for (const channels of [5, 8]) {
              const c = { ...base, kernel, stride, padding, dilation, channels };
              if (fits(c)) expectExact(engine, c);
            }
          }
        }
      }
    }
  });

  it("is exact for integers for all numbers of channels around the tiles' edges", () => {
    for (const channels of [1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 64, 67, 136]) {
      for (const kernel of [
        [3, 3],
        [2, 2],
        [4, 5],
      ] as const) {
        // prettier-ignore
        for (const stride of [[1, 1], [2, 2]] as const) { // prettier-ignore
          expectExact(engine, { ...base, batch: 1, channels, kernel, stride });
        }
      }
    }
  });

  it("is exact for integers where pixels would push each other out of the cache, and are moved apart", () => {
    for (const channels of [512, 1024]) {
      for (const stride of [1, 2]) {
        expectExact(engine, { ...base, height: 3, width: 5, channels, stride: [stride, 1] });
      }
    }
  });

  it("is exact for integers for all widths around the tiles' edges", () => {
    for (let width = 1; width < 14; width++) {
      for (const stride of [1, 2, 3]) expectExact(engine, { ...base, width, channels: 9, stride: [1, stride] });
    }
  });

  it("is exact for integers where the output is one pixel, one row or one column, and for no images", () => {
    for (const batch of [0, 1, 3]) {
      expectExact(engine, { ...base, batch, height: 3, width: 3, padding: [0, 0] });
      expectExact(engine, { ...base, batch, height: 3, width: 9, padding: [0, 0] });
      expectExact(engine, { ...base, batch, height: 9, width: 3, padding: [0, 0] });
      expectExact(engine, { ...base, batch, height: 1, width: 1, channels: 8 });
      expectExact(engine, { ...base, batch, height: 1, width: 1, padding: [3, 3], stride: [2, 3] });
      expectExact(engine, { ...base, batch, stride: [9, 9], channels: 12 });
    }
  });

  it("is exact for integers under strides so long that much of the input is not seen", () => {
    for (const channels of [3, 8]) {
      for (const stride of [
        [9, 9],
        [12, 40],
        [2 ** 30, 7],
        [40, 2 ** 31 - 1],
      ] as const) {
        // prettier-ignore
        for (const dilation of [[1, 1], [3, 2]] as const) { // prettier-ignore
          expectExact(engine, { ...base, channels, height: 25, width: 23, padding: [2, 1], stride, dilation });
        }
      }
    }
  });

  it("is exact for integers over many partial sums", () => {
    expectExact(engine, { ...base, batch: 7, height: 31, width: 29, channels: 9 });
    expectExact(engine, { ...base, batch: 90, height: 3, width: 3, channels: 4 });
  });

  it("applies ReLU, and leaves out the bias, on the way", () => {
    for (const relu of [false, true]) {
      for (const hasBias of [false, true]) {
        for (const channels of [3, 4, 8, 15]) expectExact(engine, { ...base, relu, hasBias, channels });
      }
    }
  });

  it("is exact for integers for any shape", () => {
    const pair = (min: number, max: number) => fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));
    const shapes = fc.record({
      ...{ batch: fc.integer({ min: 1, max: 3 }), channels: fc.integer({ min: 1, max: 18 }) },
      ...{ height: fc.integer({ min: 1, max: 12 }), width: fc.integer({ min: 1, max: 12 }), kernel: pair(1, 6) },
      ...{ stride: pair(1, 4), padding: pair(0, 3), dilation: pair(1, 4) },
      ...{ relu: fc.boolean(), hasBias: fc.boolean() },
    });
    const property = fc.property(shapes, (c) => {
      fc.pre(fits(c));
      expectExact(engine, c);
    });
    fc.assert(property, { numRuns: 200, seed: 20261 });
  });

  it("gives the same bits, forward and backward, whatever the number of threads", () => {
    for (const stride of [1, 2]) {
      const c: Given = { ...base, batch: 5, height: 13, width: 17, channels: 77, stride: [stride, stride], relu: true };
      const { program, write, results } = programOf(engine, c, randomFloats);
      write();
      program.run();
      const once = results();
      for (const threads of [2, 3, 7]) {
        write();
        for (const call of program.linked.calls) {
          const record = new LinkedProgram(engine.memory, [call]);
          for (let thread = threads - 1; thread >= 0; thread--) engine.runShare(record, 0, thread, threads);
          record.dispose();
        }
        results().forEach((result, i) => expectIdentical(result, once[i]!));
      }
      program.dispose();
    }
  });
});

describe("depthwiseConv2d", async () => {
  const engine = await testEngine();

  it("agrees with float64 within the rounding of its sums", () => {
    const { actual, expected } = compute(engine, { ...base, height: 28, width: 28, channels: 20 }, randomFloats);
    actual.forEach((result, i) => {
      expectClose(result, expected[i]!, { relative: 1e-5, absolute: i < 2 ? 1e-6 : 5e-5 });
    });
  });

  it.each<Given>([
    base,
    { ...base, channels: 8, stride: [2, 1], padding: [0, 2], dilation: [1, 2] },
    { ...base, channels: 3, stride: [2, 3], padding: [2, 1], dilation: [2, 1] },
    { ...base, kernel: [2, 3], hasBias: false },
  ])("has the gradients of the definition: %j", (c) => {
    checkGradient(
      engine,
      shapesOf(c).map((shape) => ({ shape })),
      ([x, weight, bias]) => depthwiseConv2d(x!, weight!, bias, optionsOf(c)),
      ([x, weight, bias]) => naiveDepthwise(c, x!, weight!, bias),
    );
  });

  it("takes in a ReLU that follows", () => {
    const graph = new Graph();
    const [x, weight] = [graph.input([1, 4, 4, 3], "x"), graph.input([3, 3, 3], "weight")];
    const y = relu(depthwiseConv2d(x, weight));
    const program = new Program(engine, graph, { outputs: [y], fuse: true });
    const data = [randomIntegers(48, 1), randomIntegers(27, 2)] as const;
    program.write(x, data[0]);
    program.write(weight, data[1]);
    program.run();
    expect(program.linked.calls.map(({ kernel }) => kernel)).toEqual(["depthwiseConv2d"]);
    const c: Given = { ...base, batch: 1, height: 4, width: 4, channels: 3, padding: [0, 0] };
    expectIdentical(withoutSign(program.read(y)), withoutSign(naiveDepthwise(c, ...data, undefined, true)));
    program.dispose();
  });

  it("is a layer with a kernel for each channel", () => {
    const layer = nn.depthwiseConv2d({ kernelSize: [3, 5], stride: 2, padding: [1, 2] });
    const model = nn.sequential(layer).build(engine, { inputShape: [8, 8, 6] });
    expect(model.outputShape).toEqual([4, 4, 6]);
    expect(model.parameterCount).toBe(3 * 5 * 6 + 6);
    const plain = nn.sequential(nn.depthwiseConv2d({ kernelSize: 3, bias: false }));
    expect(plain.build(engine, { inputShape: [8, 8, 6] }).parameterCount).toBe(54);
    expect(() => plain.build(engine, { inputShape: [8] })).toThrow(ShapeError);
  });

  it("rejects shapes that do not fit, saying what it got and wants", () => {
    const graph = new Graph();
    const make = (...shape: number[]) => graph.input(shape, "input");
    const [x, weight] = [make(2, 5, 6, 3), make(3, 3, 3)];
    const reject = (build: () => unknown, message: string): void => {
      expect(build).toThrow(ShapeError);
      expect(build).toThrow(message);
    };
    reject(
      () => depthwiseConv2d(make(5, 6, 3), weight),
      "x has shape [5, 6, 3], want [batch, height, width, channels]",
    );
    reject(() => depthwiseConv2d(x, make(3, 3, 4)), "weight has shape [3, 3, 4], want [kernelHeight, kernelWidth, 3]");
    reject(() => depthwiseConv2d(x, make(3, 3, 3, 1)), "weight has shape [3, 3, 3, 1]");
    reject(() => depthwiseConv2d(x, weight, make(4)), "bias has shape [4], want [3]");
    reject(() => depthwiseConv2d(x, make(6, 3, 3)), "depthwiseConv2d: the kernel spans 6 rows");
    reject(() => depthwiseConv2d(x, make(0, 3, 3)), "depthwiseConv2d: weight has shape [0, 3, 3], an empty kernel");
    expect(() => depthwiseConv2d(x, weight, undefined, { stride: 0 })).toThrow(ArgumentError);
    expect(() => depthwiseConv2d(x, weight, undefined, { padding: [-1, 0] })).toThrow("depthwiseConv2d: padding");
  });
});
