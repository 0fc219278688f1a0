import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, type Engine, LinkedProgram, ShapeError } from "../../src/engine/index.js";
import { Graph, Program } from "../../src/graph/index.js";
import { conv2d } from "../../src/ops/convolution/conv2d.js";
import { expectClose, expectIdentical } from "../expect.js";
import { checkGradient } from "../gradient.js";
import { testedBuilds, testEngine } from "../kernel.js";
import { type Convolution, naiveConv, naiveConvGradients, outputSize } from "../oracle/conv.js";
import { randomFloats, randomIntegers } from "../random.js";

type Given = Convolution & { readonly relu?: boolean; readonly hasBias?: boolean };

function label(c: Given): string {
  const { stride = [1, 1], padding = [0, 0], dilation = [1, 1] } = c;
  return (
    `${c.batch}×${c.height}×${c.width}×${c.channels} → ${c.outChannels}, kernel ${c.kernelHeight}×${c.kernelWidth}, ` +
    `stride ${stride.join()}, padding ${padding.join()}, dilation ${dilation.join()}${c.relu ? ", ReLU" : ""}`
  );
}

/** What an operation takes of a case. */
const optionsOf = ({ stride = [1, 1], padding = [0, 0], dilation = [1, 1], relu = false }: Given) => ({
  ...{ stride, padding, dilation, relu },
});

/** Shapes of x, weight and bias. */
function shapesOf(c: Given): number[][] {
  return [
    [c.batch, c.height, c.width, c.channels],
    [c.kernelHeight, c.kernelWidth, c.channels, c.outChannels],
    ...(c.hasBias === false ? [] : [[c.outChannels]]),
  ];
}

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Runs forward and backward of one convolution with given data. */
function compute(engine: Engine, c: Given, fill: (length: number, seed: number) => Float32Array) {
  const graph = new Graph();
  const values = shapesOf(c).map((shape, i) => graph.input(shape, `input ${i}`, "f32", true));
  const [x, weight, bias] = values;
  const y = conv2d(x!, weight!, bias, optionsOf(c));
  const upstream = graph.input(y.shape, "upstream");
  const program = new Program(engine, graph, {
    outputs: [y],
    backward: { from: y, gradient: upstream },
    gradients: values,
  });
  const data = values.map((value, i) => fill(value.size, i + 1));
  const dy = fill(y.size, 9);
  values.forEach((value, i) => program.write(value, data[i]!));
  program.write(upstream, dy);
  program.run();
  const actual = { y: program.read(y), gradients: values.map((value) => program.readGradient(value)) };
  program.dispose();
  const expected = naiveConv(c, data[0]!, data[1]!, data[2], c.relu);
  const masked = dy.map((value, i) => (c.relu && expected[i]! <= 0 ? 0 : value));
  const { dx, dw, db } = naiveConvGradients(c, data[0]!, data[1]!, masked);
  expect(y.shape).toEqual([c.batch, ...outputSize(c), c.outChannels]);
  return { actual, expected: { y: expected, gradients: [dx, dw, db].slice(0, values.length) } };
}

const withoutSign = (values: ArrayLike<number>): number[] => Array.from(values, (value) => value + 0);

function expectExact(engine: Engine, c: Given): void {
  const { actual, expected } = compute(engine, c, randomIntegers);
  const compare = (what: string, got: ArrayLike<number>, want: ArrayLike<number>): void => {
    try {
      expectIdentical(withoutSign(got), withoutSign(want));
    } catch (error) {
      throw new Error(`${what} of ${label(c)}: ${(error as Error).message}`, { cause: error });
    }
  };
  compare("output", actual.y, expected.y);
  actual.gradients.forEach((gradient, i) => compare(["dx", "dw", "db"][i]!, gradient, expected.gradients[i]!));
}

const base: Given = {
  ...{ batch: 2, height: 7, width: 6, channels: 3, kernelHeight: 3, kernelWidth: 3, outChannels: 5 },
};

describe.each(testedBuilds)("conv2d (%s)", async (build) => {
  const engine = await testEngine(build);

  it("is exact for integers, with its gradients, for kernels × strides × paddings × dilations", () => {
    const kernels = [
      [1, 1],
      [2, 2],
      [3, 3],
      [5, 5],
      [1, 3],
      [3, 2],
      [5, 1],
    ] as const;
    const strides = [
      [1, 1],
      [2, 2],
      [3, 3],
      [1, 2],
      [3, 1],
    ] as const;
    for (const [kernelHeight, kernelWidth] of kernels) {
      for (const stride of strides) {
        for (const padding of [
          [0, 0],
          [1, 1],
          [2, 2],
          [0, 3],
          [6, 1],
        ] as const) {
          for (const dilation of [
            [1, 1],
            [2, 2],
            [1, 2],
          ] as const) {
            const c = { ...base, kernelHeight, kernelWidth, stride, padding, dilation };
            const [height, width] = outputSize(c);
            if (height >= 1 && width >= 1) expectExact(engine, c);
          }
        }
      }
    }
  });

  it("is exact for integers for all numbers of channels around the tiles' edges", () => {
    const counts = [1, 2, 3, 4, 5, 7, 8, 9, 16, 17];
    counts.forEach((channels, i) => {
      counts.forEach((outChannels, j) => {
        const padding = [i % 2, j % 2] as const;
        const stride = [1 + (j % 2), 1 + (i % 2)] as const;
        expectExact(engine, { ...base, batch: 1 + ((i + j) % 3), channels, outChannels, padding, stride });
      });
    });
  });

  it("is exact for integers where the output is one pixel, one row or one column, and for no images", () => {
    for (const batch of [0, 1, 3]) {
      expectExact(engine, { ...base, batch, height: 3, width: 3 });
      expectExact(engine, { ...base, batch, height: 3, width: 9 });
      expectExact(engine, { ...base, batch, height: 9, width: 3 });
      expectExact(engine, { ...base, batch, height: 1, width: 1, padding: [1, 1] });
      expectExact(engine, { ...base, batch, height: 1, width: 1, padding: [3, 3], stride: [2, 3] });
      expectExact(engine, { ...base, batch, stride: [9, 9] });
    }
  });

  it("is exact for integers under strides so long that much of the input is not seen", () => {
    for (const batch of [0, 2]) {
      for (const stride of [
        [9, 9],
        [12, 40],
        [2 ** 30, 7],
        [40, 2 ** 31 - 1],
      ] as const) {
        // prettier-ignore
        for (const dilation of [[1, 1], [3, 2]] as const) { // prettier-ignore
          expectExact(engine, { ...base, batch, height: 25, width: 23, padding: [2, 1], stride, dilation });
        }
      }
    }
  });

  it("is exact for integers over many images, blocks of pixels and partial sums", () => {
    expectExact(engine, { ...base, batch: 40, height: 3, width: 2, padding: [1, 1], channels: 1, outChannels: 16 });
    expectExact(engine, { ...base, batch: 3, height: 17, width: 19, padding: [1, 1], outChannels: 9 });
    expectExact(engine, { ...base, batch: 2, height: 40, width: 11, padding: [1, 1], channels: 1, outChannels: 4 });
    expectExact(engine, { ...base, batch: 5, height: 9, width: 9, channels: 20, outChannels: 33, padding: [1, 1] });
  });

  it("applies ReLU, and leaves out the bias, on the way", () => {
    for (const relu of [false, true]) {
      for (const hasBias of [false, true]) {
        for (const outChannels of [3, 8, 12]) {
          expectExact(engine, { ...base, relu, hasBias, outChannels, padding: [1, 1] });
        }
      }
    }
  });

  it("is exact for integers for any shape", () => {
    const size = fc.integer({ min: 1, max: 9 });
    const pair = (min: number, max: number) => fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));
    const shapes = fc.record({
      ...{ batch: fc.integer({ min: 1, max: 3 }), height: size, width: size },
      ...{ channels: fc.integer({ min: 1, max: 10 }), outChannels: fc.integer({ min: 1, max: 18 }) },
      ...{ kernelHeight: fc.integer({ min: 1, max: 5 }), kernelWidth: fc.integer({ min: 1, max: 5 }) },
      ...{ stride: pair(1, 4), padding: pair(0, 3), dilation: pair(1, 3) },
      ...{ relu: fc.boolean(), hasBias: fc.boolean() },
    });
    fc.assert(
      fc.property(shapes, (c) => {
        const [height, width] = outputSize(c);
        fc.pre(height >= 1 && width >= 1);
        expectExact(engine, c);
      }),
      { numRuns: 150, seed: 20260 },
    );
  });
});

describe("conv2d", async () => {
  const engine = await testEngine();

  it("agrees with float64 within the rounding of its sums", () => {
    for (const c of [
      { ...base, batch: 2, height: 14, width: 14, channels: 16, outChannels: 32, padding: [1, 1] as const },
      { ...base, batch: 2, height: 21, width: 15, outChannels: 24, stride: [2, 2] as const, padding: [2, 2] as const },
    ]) {
      const { actual, expected } = compute(engine, c, randomFloats);
      expectClose(actual.y, expected.y, { relative: 1e-5, absolute: 2e-5 });
      actual.gradients.forEach((gradient, i) => {
        expectClose(gradient, expected.gradients[i]!, { relative: 1e-5, absolute: 5e-5 });
      });
    }
  });

  it.each<Given>([
    { ...base, padding: [1, 1] },
    { ...base, stride: [2, 1], padding: [0, 2], dilation: [1, 2] },
    { ...base, channels: 1, outChannels: 4, stride: [2, 3], padding: [2, 1], dilation: [2, 1] },
    { ...base, kernelHeight: 1, kernelWidth: 1, outChannels: 9 },
    { ...base, kernelHeight: 2, kernelWidth: 3, hasBias: false },
  ])("has the gradients of the definition: %j", (c) => {
    checkGradient(
      engine,
      shapesOf(c).map((shape) => ({ shape })),
      ([x, weight, bias]) => conv2d(x!, weight!, bias, optionsOf(c)),
      ([x, weight, bias]) => naiveConv(c, x!, weight!, bias),
    );
  });

  it("has the gradients of the definition through its ReLU", () => {
    const c = { ...base, relu: true };
    const [x, weight, bias] = shapesOf(c).map((shape, i) => randomFloats(product(shape), 50 + i)) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    // Far enough from the kink for central differences.
    const sums = naiveConv(c, x, weight, bias);
    expect(Math.min(...sums.map(Math.abs))).toBeGreaterThan(1e-3);
    checkGradient(
      engine,
      [x, weight, bias].map((data, i) => ({ shape: shapesOf(c)[i]!, data })),
      ([x, weight, bias]) => conv2d(x!, weight!, bias, { relu: true }),
      ([x, weight, bias]) => naiveConv(c, x!, weight!, bias, true),
    );
  });

  it("gives the same bits, forward and backward, whatever the number of threads", () => {
    const c: Given = { ...base, batch: 5, height: 13, width: 11, channels: 5, outChannels: 19, padding: [1, 2] };
    for (const stride of [1, 2] as const) {
      const graph = new Graph();
      const values = shapesOf(c).map((shape, i) => graph.input(shape, `input ${i}`, "f32", true));
      const y = conv2d(values[0]!, values[1]!, values[2], { ...optionsOf(c), stride, relu: true });
      const upstream = graph.input(y.shape, "upstream");
      const backward = { from: y, gradient: upstream };
      const program = new Program(engine, graph, { outputs: [y], backward, gradients: values });
      const inputs = [...values, upstream];
      const results = (): Float32Array[] => [program.read(y), ...values.map((value) => program.readGradient(value))];
      const write = (): void => inputs.forEach((value, i) => program.write(value, randomFloats(value.size, i + 1)));
      write();
      program.run();
      const once = results();
      for (const threads of [2, 3, 7, 70]) {
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

  it("computes no input gradient where x needs none", () => {
    const graph = new Graph();
    const x = graph.input([1, 4, 4, 2], "x");
    const weight = graph.input([3, 3, 2, 3], "weight", "f32", true);
    const y = conv2d(x, weight);
    const program = new Program(engine, graph, { outputs: [], backward: { from: y }, gradients: [weight] });
    expect(program.linked.calls.map(({ kernel }) => kernel)).not.toContain("convPackFlipped");
    program.dispose();
  });

  it("lets NaN and infinity of one pixel reach just the outputs that see it", () => {
    const graph = new Graph();
    const x = graph.input([1, 5, 5, 1], "x");
    const weight = graph.input([3, 3, 1, 8], "weight");
    const y = conv2d(x, weight, undefined, { padding: 1, relu: true });
    const program = new Program(engine, graph, { outputs: [y] });
    const data = new Float32Array(25).fill(1);
    data[0] = NaN;
    program.write(x, data);
    program.write(weight, new Float32Array(72).fill(1));
    program.run();
    const nan = Array.from(program.read(y)).flatMap((value, i) => (Number.isNaN(value) ? [Math.floor(i / 8)] : []));
    expect([...new Set(nan)]).toEqual([0, 1, 5, 6]);
    program.dispose();
  });

  it("rejects shapes that do not fit, saying what it got and wants", () => {
    const graph = new Graph();
    const x = graph.input([2, 5, 6, 3], "x");
    const weight = graph.input([3, 3, 3, 8], "weight");
    const make = (shape: number[]) => graph.input(shape, "input");
    const reject = (build: () => unknown, message: string): void => {
      expect(build).toThrow(ShapeError);
      expect(build).toThrow(message);
    };
    reject(() => conv2d(make([5, 6, 3]), weight), "x has shape [5, 6, 3], want [batch, height, width, channels]");
    reject(() => conv2d(x, make([3, 3, 4, 8])), "weight has shape [3, 3, 4, 8], want [kernelHeight, kernelWidth, 3,");
    reject(() => conv2d(x, make([3, 3, 3])), "weight has shape [3, 3, 3]");
    reject(() => conv2d(x, weight, make([7])), "bias has shape [7], want [8]");
    reject(() => conv2d(x, weight, make([8, 1])), "bias has shape [8, 1], want [8]");
    reject(() => conv2d(x, make([6, 3, 3, 8])), "spans 6 rows");
    reject(() => conv2d(x, make([0, 3, 3, 8])), "empty kernel");
    reject(() => conv2d(x, make([3, 4, 3, 8]), undefined, { dilation: [1, 3], padding: [0, 1] }), "at most the 8 of x");
    expect(() => conv2d(x, weight, undefined, { stride: 0 })).toThrow(ArgumentError);
    expect(() => conv2d(x, weight, undefined, { padding: [-1, 0] })).toThrow(ArgumentError);
    expect(() => conv2d(x, weight, undefined, { dilation: 1.5 })).toThrow(ArgumentError);
  });
});
