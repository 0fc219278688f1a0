import { describe, it } from "vitest";
import type { Engine } from "../../../src/engine/index.js";
import { expectIdentical } from "../../expect.js";
import { Output, runKernel, testedBuilds, testEngine } from "../../kernel.js";
import { type Convolution, naiveConv, naiveConvGradients } from "../../oracle/conv.js";
import { randomFloats, randomIntegers } from "../../random.js";

const threadCounts = [1, 2, 3, 7];

interface Geometry extends Convolution {
  readonly outHeight: number;
  readonly outWidth: number;
}

/** Convolutions without padding, whose patches are read from x itself. */
function geometry(c: Convolution): Geometry {
  const { stride = [1, 1], dilation = [1, 1] } = c;
  return {
    ...c,
    outHeight: Math.floor((c.height - dilation[0] * (c.kernelHeight - 1) - 1) / stride[0]) + 1,
    outWidth: Math.floor((c.width - dilation[1] * (c.kernelWidth - 1) - 1) / stride[1]) + 1,
  };
}

/** Fields of the records that say how patches are read, `groupImages` images at a time. */
function patches(c: Convolution, groupImages: number) {
  const { batch, height, width, channels, kernelHeight, kernelWidth, stride = [1, 1], dilation = [1, 1] } = c;
  const { outHeight, outWidth } = geometry(c);
  const run = (dilation[1] === 1 ? kernelWidth : 1) * channels;
  const pieceLength = run % 4 === 0 ? 4 : run % 3 === 0 ? 3 : 1;
  const elements: number[] = [];
  for (let p = 0; p < kernelHeight; p++) {
    for (let q = 0; q < kernelWidth; q++) {
      for (let k = 0; k < channels; k++) elements.push((p * dilation[0] * width + q * dilation[1]) * channels + k);
    }
  }
  const pieces = elements.filter((_, k) => k % pieceLength === 0);
  const strides: Strides = [height * width * channels, stride[0] * width * channels, stride[1] * channels];
  return {
    pieces: Int32Array.from(pieces, (offset) => offset * 4),
    pieceCount: pieces.length,
    pieceLength,
    xPixels: pixels(groupImages, outHeight, outWidth, strides),
    xGroup: groupImages * strides[0],
    groups: batch / groupImages,
    groupPixels: groupImages * outHeight * outWidth,
    ...{ channelGroups: 1, xChannels: channels },
  };
}

type Strides = readonly [image: number, row: number, column: number];

/** Offsets in bytes of the pixels of some images, the last one repeated up to a multiple of 4. */
function pixels(images: number, rows: number, columns: number, strides: Strides): Int32Array {
  const count = images * rows * columns;
  return Int32Array.from({ length: Math.ceil(count / 4) * 4 }, (_, i) => {
    const pixel = Math.min(i, count - 1);
    const [image, inside] = [Math.floor(pixel / (rows * columns)), pixel % (rows * columns)];
    return 4 * (image * strides[0] + Math.floor(inside / columns) * strides[1] + (inside % columns) * strides[2]);
  });
}

function pack(weight: Float32Array, K: number, N: number): Float32Array {
  const packed = new Float32Array(K * Math.ceil(N / 8) * 8);
  for (let k = 0; k < K; k++) {
    for (let n = 0; n < N; n++) packed[(n >> 3) * K * 8 + k * 8 + (n & 7)] = weight[k * N + n]!;
  }
  return packed;
}

const cases: Convolution[] = [];
for (const [channels, outChannels] of [
  [1, 1],
  [1, 8],
  [2, 3],
  [3, 9],
  [4, 16],
  [5, 17],
  [9, 12],
] as const) {
  for (const [kernelHeight, kernelWidth] of [
    [1, 1],
    [3, 3],
    [2, 4],
  ] as const) {
    const shape = { height: 7, width: 8, channels, outChannels, kernelHeight, kernelWidth };
    cases.push({ batch: 2, ...shape }, { batch: 3, ...shape, stride: [2, 3], dilation: [2, 1] });
    cases.push({ batch: 1, ...shape, height: 6, width: 13, stride: [1, 2], dilation: [1, 3] });
  }
}
cases.push({ batch: 0, height: 4, width: 4, channels: 2, outChannels: 3, kernelHeight: 3, kernelWidth: 3 });

interface ForwardOptions {
  readonly threads?: number;
  readonly groupImages?: number;
  readonly strides?: Strides;
  readonly bias?: Float32Array;
  readonly relu?: boolean;
  readonly pieceCount?: number;
}

describe.each(testedBuilds)("conv2d kernels (%s)", async (build) => {
  const engine = await testEngine(build);

  /** Forward; y is dense unless `strides` say otherwise. */
  function forward(
    c: Convolution,
    x: Float32Array,
    weight: Float32Array,
    { threads = 1, groupImages = 1, strides, ...extra }: ForwardOptions = {},
  ): Float32Array {
    const { outHeight, outWidth, outChannels } = geometry(c);
    const K = weight.length / outChannels;
    const [image, row, column] = strides ?? [outHeight * outWidth * outChannels, outWidth * outChannels, outChannels];
    const fields = {
      ...{ x, packed: pack(weight, K, outChannels), bias: 0, relu: false, outChannels, ...patches(c, groupImages) },
      ...{ y: new Output(c.batch * image), yPixels: pixels(groupImages, outHeight, outWidth, [image, row, column]) },
      ...{ yGroup: groupImages * image, ...extra },
    };
    return runKernel(engine, "conv2d", fields, { threads }).y!;
  }

  it("forward is exact for integers with any number of threads", () => {
    for (const c of cases) {
      const x = randomIntegers(c.batch * c.height * c.width * c.channels, 1);
      const weight = randomIntegers(c.kernelHeight * c.kernelWidth * c.channels * c.outChannels, 2);
      const bias = randomIntegers(c.outChannels, 3);
      for (const threads of threadCounts) {
        for (const relu of [false, true]) {
          const groupImages = relu ? Math.max(c.batch, 1) : 1;
          const y = forward(c, x, weight, { threads, groupImages, bias, relu });
          expectIdentical(unsigned(y), unsigned(naiveConv(c, x, weight, bias, relu)));
        }
      }
    }
  });

  it("forward gives the same bits for any number of threads", () => {
    const c = { batch: 3, height: 9, width: 11, channels: 6, kernelHeight: 3, kernelWidth: 3, outChannels: 21 };
    const x = randomFloats(c.batch * c.height * c.width * c.channels, 1);
    const weight = randomFloats(9 * c.channels * c.outChannels, 2);
    const once = forward(c, x, weight);
    for (const threads of [...threadCounts, 40]) expectIdentical(forward(c, x, weight, { threads }), once);
  });

  it("forward writes only the pixels of y that its strides reach, and zeros where a patch is empty", () => {
    const c = { batch: 2, height: 3, width: 2, channels: 3, kernelHeight: 1, kernelWidth: 1, outChannels: 5 };
    const x = randomIntegers(36, 1);
    const weight = randomIntegers(15, 2);
    const [yImage, yRow, yColumn] = [70, 20, 7];
    for (const isEmpty of [false, true]) {
      const y = forward(c, x, weight, { strides: [yImage, yRow, yColumn], ...(isEmpty ? { pieceCount: 0 } : {}) });
      const expected = new Float32Array(140).fill(NaN);
      naiveConv(c, x, weight).forEach((value, i) => {
        const [pixel, n] = [Math.floor(i / 5), i % 5];
        const [image, row, column] = [Math.floor(pixel / 6), Math.floor(pixel / 2) % 3, pixel % 2];
        expected[image * yImage + row * yRow + column * yColumn + n] = isEmpty ? 0 : value;
      });
      expectIdentical(unsigned(y), unsigned(expected));
    }
  });

  it("the weight gradient is exact for integers with any number of threads, blocks and partial sums", () => {
    for (const c of cases) {
      const x = randomIntegers(c.batch * c.height * c.width * c.channels, 1);
      const K = c.kernelHeight * c.kernelWidth * c.channels;
      const { outHeight, outWidth } = geometry(c);
      const dy = randomIntegers(c.batch * outHeight * outWidth * c.outChannels, 2);
      const { dw } = naiveConvGradients(c, x, new Float32Array(K * c.outChannels), dy);
      for (const [groupImages, blockPixels, chunks] of [
        [1, 1000, 1],
        [Math.max(c.batch, 1), 1000, 1],
        [Math.max(c.batch, 1), 5, 3],
        [1, 1, 2],
      ] as const) {
        for (const threads of threadCounts) {
          const options = { groupImages, blockPixels, chunks, threads };
          expectIdentical(unsigned(weightGradient(engine, c, x, dy, options)), unsigned(dw));
        }
      }
    }
  });

  it("the weight gradient has the same bits for any number of threads", () => {
    const c = { batch: 3, height: 9, width: 11, channels: 6, kernelHeight: 3, kernelWidth: 3, outChannels: 21 };
    const x = randomFloats(c.batch * c.height * c.width * c.channels, 1);
    const dy = randomFloats(c.batch * 7 * 9 * c.outChannels, 2);
    const options = { groupImages: 3, blockPixels: 50, chunks: 3 };
    const once = weightGradient(engine, c, x, dy, { ...options, threads: 1 });
    for (const threads of [...threadCounts, 40]) {
      expectIdentical(weightGradient(engine, c, x, dy, { ...options, threads }), once);
    }
  });
});

/** Runs conv2dWeightGradient and, for several chunks, the record that adds them. */
function weightGradient(
  engine: Engine,
  c: Convolution,
  x: Float32Array,
  dy: Float32Array,
  options: { groupImages: number; blockPixels: number; chunks: number; threads: number },
): Float32Array {
  const { groupImages, blockPixels, chunks, threads } = options;
  const { outChannels } = c;
  const K = c.kernelHeight * c.kernelWidth * c.channels;
  const slots = 5;
  const fields = {
    ...{ x, dy, dw: new Output(chunks * K * outChannels), scratch: new Output(slots * blockPixels * 8) },
    ...{ ...patches(c, groupImages), outChannels, blockPixels, chunks, slots },
  };
  const partials = runKernel(engine, "conv2dWeightGradient", fields, { threads }).dw!;
  if (chunks === 1) return partials;
  const reduction = { chunks, M: K, N: outChannels, ldc: outChannels, bias: 0, alpha: 1, beta: 0, relu: false };
  return runKernel(engine, "gemmReduce", { partials, c: new Output(K * outChannels), ...reduction }, { threads }).c!;
}

/** −0 and 0 are the same result. */
function unsigned(values: Float32Array | Float64Array): number[] {
  return Array.from(values, (value) => value + 0);
}
