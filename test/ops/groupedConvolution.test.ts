import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, type Engine, LinkedProgram, ShapeError } from "../../src/engine/index.js";
import { Graph, Program, type Shape, sizeOf, type Value } from "../../src/graph/index.js";
import { ops } from "../../src/index.js";
import { expectIdentical } from "../expect.js";
import { testedBuilds, testEngine } from "../kernel.js";
import {
  convolution,
  convolutionInputGradient,
  convolutionWeightGradient,
  type GroupedConvolution,
  outputShape,
} from "../oracle/convolution.js";
import { randomFloats, randomIntegers } from "../random.js";

const convolutions = [ops.conv1d, ops.conv2d, ops.conv3d] as const;
const transposed = [ops.convTranspose1d, ops.convTranspose2d, ops.convTranspose3d] as const;

const ofRank = (rank: number, c: Partial<GroupedConvolution> & Pick<GroupedConvolution, "x" | "weight">) => {
  const each = (value: number): number[] => Array<number>(rank).fill(value);
  const padding = c.padding ?? each(0);
  return { stride: each(1), dilation: each(1), groups: 1, paddingAfter: padding, ...c, padding };
};

interface Computed {
  readonly y: Float32Array;
  /** Of x, weight and bias. */
  readonly gradients: readonly Float32Array[];
}

/** What a convolution gives, forward and backward. @param threads shares of each record, where records are to be cut */
function compute(
  engine: Engine,
  apply: (values: readonly Value[]) => Value,
  data: readonly (readonly [Shape, Float32Array])[],
  dy: (y: Value) => Float32Array,
  threads = 1,
): Computed {
  const graph = new Graph();
  const values = data.map(([shape], i) => graph.input(shape, `input ${i}`, "f32", true));
  const y = apply(values);
  const upstream = graph.input(y.shape, "upstream");
  const program = new Program(engine, graph, {
    ...{ outputs: [y], backward: { from: y, gradient: upstream }, gradients: values },
  });
  const write = (): void => {
    values.forEach((value, i) => program.write(value, data[i]![1]));
    program.write(upstream, dy(y));
  };
  write();
  program.run();
  if (threads > 1) {
    write();
    for (const call of program.linked.calls) {
      const record = new LinkedProgram(engine.memory, [call]);
      for (let thread = threads - 1; thread >= 0; thread--) engine.runShare(record, 0, thread, threads);
      record.dispose();
    }
  }
  const result = { y: program.read(y), gradients: values.map((value) => program.readGradient(value)) };
  program.dispose();
  return result;
}

const withoutSign = (values: ArrayLike<number>): number[] => Array.from(values, (value) => value + 0);
const columnSums = (dy: ArrayLike<number>, channels: number): Float64Array => {
  const sums = new Float64Array(channels);
  for (let i = 0; i < dy.length; i++) sums[i % channels]! += dy[i]!;
  return sums;
};

function expectExact(
  actual: Computed,
  y: ArrayLike<number>,
  gradients: readonly ArrayLike<number>[],
  label: string,
): void {
  const pairs = [[actual.y, y], ...actual.gradients.map((gradient, i) => [gradient, gradients[i]!])] as const;
  pairs.forEach(([got, want], i) => {
    try {
      expectIdentical(withoutSign(got), withoutSign(want));
    } catch (error) {
      throw new Error(`${["y", "dx", "dw", "dbias"][i]} of ${label}: ${(error as Error).message}`, { cause: error });
    }
  });
}

/** Integers give exact results, whatever the order of sums. */
function expectConvolution(engine: Engine, c: GroupedConvolution): void {
  const { stride, padding, dilation, groups } = c;
  const outChannels = c.weight.at(-1)!;
  const data = [c.x, c.weight, [outChannels]].map((shape, i) => [shape, randomIntegers(sizeOf(shape), i + 1)] as const);
  const [x, weight, bias] = data.map(([, numbers]) => numbers) as [Float32Array, Float32Array, Float32Array];
  const dy = randomIntegers(sizeOf(outputShape(c)), 9);
  const f = convolutions[stride.length - 1]!;
  const options = { stride, padding, dilation, groups } as never;
  const actual = compute(
    engine,
    ([x, weight, bias]) => f(x!, weight!, bias, options),
    data,
    () => dy,
  );
  const gradients = [
    convolutionInputGradient(c, weight, dy),
    convolutionWeightGradient(c, x, dy),
    columnSums(dy, outChannels),
  ];
  expectExact(actual, convolution(c, x, weight, bias), gradients, JSON.stringify(c));
}

/** A transposed convolution is the input gradient of the convolution `c`, which ends with its padding or before it. */
function expectTransposed(engine: Engine, c: GroupedConvolution, outputPadding: readonly number[]): void {
  const { stride, padding, dilation, groups } = c;
  const shape = outputShape(c);
  const outChannels = c.x.at(-1)!;
  const data = [shape, c.weight, [outChannels]].map(
    (shape, i) => [shape, randomIntegers(sizeOf(shape), i + 1)] as const,
  );
  const [x, weight, bias] = data.map(([, numbers]) => numbers) as [Float32Array, Float32Array, Float32Array];
  const dy = randomIntegers(sizeOf(c.x), 9);
  const f = transposed[stride.length - 1]!;
  const options = { stride, padding, dilation, groups, outputPadding } as never;
  const actual = compute(
    engine,
    ([x, weight, bias]) => f(x!, weight!, bias, options),
    data,
    (y) => {
      expect(y.shape).toEqual(c.x);
      return dy;
    },
  );
  const y = convolutionInputGradient(c, weight, x).map((value, i) => value + bias[i % outChannels]!);
  const gradients = [convolution(c, dy, weight), convolutionWeightGradient(c, dy, x), columnSums(dy, outChannels)];
  expectExact(actual, y, gradients, JSON.stringify({ ...c, outputPadding }));
}

describe.each(testedBuilds)("convolutions (%s)", async (build) => {
  const engine = await testEngine(build);

  it("in groups are exact for integers, for channels in and out of a group around the tiles' edges", () => {
    for (const groups of [2, 3]) {
      for (const inChannels of [1, 2, 3, 4, 9]) {
        for (const outChannels of [1, 2, 7, 8, 9, 17]) {
          const weight = [2, 3, inChannels, groups * outChannels];
          const c = ofRank(2, { x: [2, 4, 5, groups * inChannels], weight, groups, padding: [1, 0] });
          expectConvolution(engine, c);
        }
      }
    }
  });

  it("of each channel, with several outputs for one, are exact for integers", () => {
    for (const channels of [2, 3, 5, 8]) {
      for (const multiplier of [1, 2, 3, 9]) {
        const settings = { groups: channels, stride: [2, 1], padding: [1, 2], dilation: [1, 2] };
        const weight = [3, 2, 1, channels * multiplier];
        expectConvolution(engine, ofRank(2, { x: [2, 5, 4, channels], weight, ...settings }));
        const signal = { x: [2, 7, channels], weight: [3, 1, channels * multiplier], groups: channels };
        expectConvolution(engine, ofRank(1, { ...signal, stride: [2], padding: [2] }));
        const volume = { x: [1, 3, 2, 3, channels], weight: [2, 1, 2, 1, channels * multiplier], groups: channels };
        expectConvolution(engine, ofRank(3, volume));
      }
    }
  });

  it("along any number of axes are exact for integers for any shape, and so are transposed ones", () => {
    const shapes = fc.integer({ min: 1, max: 3 }).chain((rank) => {
      const each = (min: number, max: number) =>
        fc.array(fc.integer({ min, max }), { minLength: rank, maxLength: rank });
      return fc.record({
        ...{ batch: fc.integer({ min: 0, max: 3 }), lengths: each(0, 6), kernel: each(1, 3) },
        ...{ stride: each(1, 3), padding: each(0, 2), dilation: each(1, 3), end: each(0, 2) },
        ...{ groups: fc.integer({ min: 1, max: 3 }), inChannels: fc.integer({ min: 0, max: 5 }) },
        outChannels: fc.integer({ min: 0, max: 9 }),
      });
    });
    const property = fc.property(
      shapes,
      ({ batch, lengths, kernel, groups, inChannels, outChannels, end, ...rest }) => {
        const rank = lengths.length;
        const x = [batch, ...lengths, groups * inChannels];
        const c = ofRank(rank, { x, weight: [...kernel, inChannels, groups * outChannels], groups, ...rest });
        fc.pre(outputShape(c).every((length, i) => i === 0 || length > 0));
        expectConvolution(engine, c);
        // The transposed one gives the shortest x that has this output, and so many positions more.
        const outputPadding = end.map((more, i) => Math.min(more, Math.max(c.stride[i]!, c.dilation[i]!) - 1));
        const shortest = lengths.map((_, i) => {
          const reach = c.dilation[i]! * (kernel[i]! - 1) + 1;
          return (outputShape(c)[i + 1]! - 1) * c.stride[i]! + reach - 2 * c.padding[i]!;
        });
        const wanted = shortest.map((length, i) => length + outputPadding[i]!);
        if (wanted.some((length) => length < 1)) return;
        const paddingAfter = c.padding.map((length, i) => length - outputPadding[i]!);
        expectTransposed(engine, { ...c, x: [batch, ...wanted, groups * inChannels], paddingAfter }, outputPadding);
      },
    );
    fc.assert(property, { numRuns: 150, seed: 20262 });
  });

  it("give the same bits, forward and backward, whatever the number of threads", () => {
    const settings = { groups: 3, stride: 2, padding: 1 };
    const cases: readonly [Shape[], (values: readonly Value[]) => Value][] = [
      [
        [
          [3, 9, 11, 12],
          [3, 3, 4, 33],
        ],
        ([x, weight]) => ops.conv2d(x!, weight!, undefined, settings),
      ],
      [
        [
          [3, 9, 11, 6],
          [3, 3, 1, 18],
        ],
        ([x, weight]) => ops.conv2d(x!, weight!, undefined, { groups: 6 }),
      ],
      [
        [
          [2, 5, 4, 6, 3],
          [3, 2, 3, 1, 9],
        ],
        ([x, weight]) => ops.conv3d(x!, weight!, undefined, settings),
      ],
      [
        [
          [3, 5, 6, 12],
          [3, 3, 5, 12],
        ],
        ([x, weight]) => ops.convTranspose2d(x!, weight!, undefined, settings),
      ],
    ];
    for (const [shapes, apply] of cases) {
      const data = shapes.map((shape, i) => [shape, randomFloats(sizeOf(shape), i + 1)] as const);
      const run = (threads: number) => compute(engine, apply, data, (y) => randomFloats(y.size, 7), threads);
      const once = run(1);
      for (const threads of [2, 3, 7]) {
        const again = run(threads);
        expectIdentical(again.y, once.y);
        again.gradients.forEach((gradient, i) => expectIdentical(gradient, once.gradients[i]!));
      }
    }
  });
});

describe("convolutions", async () => {
  const engine = await testEngine();
  const graph = new Graph();
  const make = (...shape: number[]): Value => graph.input(shape, "input");
  const run = (y: Value, inputs: readonly (readonly [Value, ArrayLike<number>])[]): number[] => {
    const program = new Program(engine, graph, { outputs: [y] });
    for (const [value, data] of inputs) program.write(value, Float32Array.from(data));
    program.run();
    const result = Array.from(program.read(y));
    program.dispose();
    return result;
  };

  it("that are causal see nothing that comes after: output i of 1, 10, 100 … is what has been so far", () => {
    const [x, weight] = [make(1, 5, 1), make(2, 1, 1)];
    const data = [
      [x, [1, 10, 100, 1000, 10000]],
      [weight, [2, 3]],
    ] as const;
    const causal = (more: object): number[] =>
      run(ops.conv1d(x, weight, undefined, { padding: "causal", ...more }), data);
    expect(causal({})).toEqual([3, 32, 320, 3200, 32000]);
    expect(causal({ dilation: 2 })).toEqual([3, 30, 302, 3020, 30200]);
    expect(causal({ stride: 2 })).toEqual([3, 320, 32000]);
  });

  it('that are transposed give size · stride under padding "same", the adjoint of the convolution\'s', () => {
    for (const [stride, kernel] of [
      [2, 3],
      [3, 1],
      [1, 4],
      [2, 4],
    ] as const) {
      // prettier-ignore
      const y = ops.convTranspose1d(make(2, 5, 4), make(kernel, 3, 4), undefined, { stride, padding: "same" });
      expect(y.shape).toEqual([2, 5 * stride, 3]);
    }
    const [x, weight] = [make(1, 3, 1), make(3, 1, 1)];
    const y = ops.convTranspose1d(x, weight, undefined, { stride: 2, padding: "same" });
    // "same" of a signal of 6 pads 0 before and 1 after: tap k of output i lies at 2i + k.
    expect(run(y, [[x, [1, 10, 100]], [weight, [1, 2, 3]]])).toEqual([1, 2, 13, 20, 130, 200]); // prettier-ignore
  });

  it("refuse what does not fit, saying what they got and want", () => {
    const reject = (build: () => unknown, kind: new (message: string) => Error, message: string): void => {
      expect(build).toThrow(kind);
      expect(build).toThrow(message);
    };
    const [signal, image] = [make(2, 5, 6), make(2, 5, 5, 6)];
    reject(
      () => ops.conv1d(image, make(3, 6, 4)),
      ShapeError,
      "conv1d: x has shape [2, 5, 5, 6], want [batch, length, channels]",
    );
    reject(
      () => ops.conv1d(signal, make(3, 3, 4)),
      ShapeError,
      "conv1d: weight has shape [3, 3, 4], want [kernelLength, 6, outChannels]",
    );
    reject(() => ops.conv1d(signal, make(6, 6, 4)), ShapeError, "conv1d: the kernel spans 6 positions");
    reject(() => ops.conv3d(image, make(3, 6, 4)), ShapeError, "want [batch, depth, height, width, channels]");
    reject(
      () => ops.conv2d(image, make(3, 3, 6, 4), undefined, { groups: 4 }),
      ShapeError,
      "want channels that divide into 4 groups",
    );
    reject(
      () => ops.conv2d(image, make(3, 3, 6, 4), undefined, { groups: 2 }),
      ShapeError,
      "want [kernelHeight, kernelWidth, 3, outChannels]",
    );
    reject(
      () => ops.conv2d(image, make(3, 3, 2, 4), undefined, { groups: 3 }),
      ShapeError,
      "want outChannels that divide into 3 groups",
    );
    reject(() => ops.conv2d(image, make(3, 3, 6, 4), undefined, { groups: 0 }), ArgumentError, "conv2d: groups");
    reject(
      () => ops.conv1d(signal, make(3, 6, 4), undefined, { stride: [1, 1] as never }),
      ArgumentError,
      "stride must be a number or [length]",
    );
    reject(
      () => ops.conv2d(image, make(3, 3, 6, 4), undefined, { padding: "causal" as never }),
      ArgumentError,
      '"same" or "valid", got "causal"',
    );
    reject(
      () => ops.convTranspose1d(signal, make(3, 4, 5)),
      ShapeError,
      "want [kernelLength, outChannels / groups, 6]",
    );
    reject(() => ops.convTranspose1d(signal, make(3, 4, 6), make(6)), ShapeError, "bias has shape [6], want [4]");
    reject(
      () => ops.convTranspose1d(make(2, 1, 6), make(1, 4, 6), undefined, { padding: 1 }),
      ShapeError,
      "would be -1 long",
    );
    reject(
      () => ops.convTranspose1d(signal, make(3, 4, 6), undefined, { outputPadding: 1 }),
      ArgumentError,
      "outputPadding must be less than 1 with stride 1 and dilation 1, got 1",
    );
    reject(
      () => ops.convTranspose1d(signal, make(3, 4, 6), undefined, { stride: 2, padding: "same", outputPadding: 1 }),
      ArgumentError,
      'less than 1 with padding "same"',
    );
  });
});
