import { describe, expect, it } from "vitest";
import type { Engine } from "../../../src/engine/index.js";
import { expectIdentical } from "../../expect.js";
import { Output, runKernel, testedBuilds, testEngine } from "../../kernel.js";
import { maxPool, maxPoolGradient, type Pool, pooledSize } from "../../oracle/maxPool.js";
import { randomIntegers } from "../../random.js";

const pools: Pool[] = [
  { shape: [1, 2, 2, 1], kernel: [2, 2], stride: [2, 2], padding: [0, 0] },
  { shape: [0, 4, 4, 4], kernel: [2, 2], stride: [2, 2], padding: [0, 0] },
  ...[1, 3, 4, 5, 8, 16, 20, 33].map((channels): Pool => ({
    shape: [2, 5, 7, channels],
    kernel: [2, 2],
    stride: [2, 2],
    padding: [0, 0],
  })),
  { shape: [3, 4, 6, 32], kernel: [2, 2], stride: [2, 2], padding: [0, 0] },
  { shape: [3, 4, 6, 16], kernel: [2, 2], stride: [2, 2], padding: [0, 0], relu: true },
  { shape: [2, 5, 5, 6], kernel: [2, 2], stride: [2, 2], padding: [0, 0], relu: true },
  { shape: [2, 5, 5, 4], kernel: [2, 2], stride: [1, 1], padding: [0, 0] },
  { shape: [2, 7, 7, 4], kernel: [3, 3], stride: [2, 2], padding: [1, 1] },
  { shape: [2, 7, 6, 5], kernel: [3, 3], stride: [1, 1], padding: [1, 1], relu: true },
  { shape: [1, 9, 8, 3], kernel: [3, 2], stride: [2, 3], padding: [1, 0] },
  { shape: [2, 6, 6, 4], kernel: [2, 2], stride: [3, 3], padding: [1, 1] },
  { shape: [1, 15, 17, 1], kernel: [15, 17], stride: [1, 1], padding: [0, 0] },
  { shape: [1, 3, 4, 7], kernel: [1, 1], stride: [1, 1], padding: [0, 0] },
];

function sizes(pool: Pool) {
  const [batch, height, width, channels] = pool.shape;
  const [outHeight, outWidth] = pooledSize(pool);
  const geometry = {
    ...{ batch, height, width, channels, outHeight, outWidth },
    ...{ kernelHeight: pool.kernel[0], kernelWidth: pool.kernel[1] },
    ...{ strideHeight: pool.stride[0], strideWidth: pool.stride[1] },
    ...{ paddingHeight: pool.padding[0], paddingWidth: pool.padding[1] },
  };
  return { geometry, inputs: batch * height * width * channels, outputs: batch * outHeight * outWidth * channels };
}

/** Forward, then backward with small integers as dy, whose sums are exact. */
function run(engine: Engine, pool: Pool, x: Float32Array, dy: Float32Array, threads: number) {
  const { geometry, inputs, outputs } = sizes(pool);
  const winners = new Uint8Array(outputs).fill(99);
  const relu = pool.relu ?? false;
  const options = { threads, inPlace: ["winners"] };
  const forward = runKernel(engine, "maxPool", { ...geometry, x, y: new Output(outputs), winners, relu }, options);
  const fields = { ...geometry, winners: forward.bytes("winners"), dy, dx: new Output(inputs) };
  const alone = runKernel(engine, "maxPool", { ...geometry, x, y: new Output(outputs), winners: 0, relu });
  expectIdentical(alone.y!, forward.y!);
  return { y: forward.y!, dx: runKernel(engine, "maxPoolBackward", fields, { threads }).dx! };
}

describe.each(testedBuilds)("max pooling (%s)", async (build) => {
  const engine = await testEngine(build);

  it.each(pools.map((pool) => ({ pool, text: JSON.stringify(pool) })))(
    "takes the first largest of each window and sends dy back to it: $text",
    ({ pool }) => {
      const { inputs, outputs } = sizes(pool);
      const x = randomIntegers(inputs, 1, 3);
      const dy = randomIntegers(outputs, 2);
      const expected = maxPool(x, pool);
      for (const threads of [1, 2, 3, 7]) {
        const { y, dx } = run(engine, pool, x, dy, threads);
        expectIdentical(y, expected.y);
        expect(Array.from(dx)).toEqual(maxPoolGradient(inputs, expected.source, dy).map((value) => value + 0));
      }
    },
  );

  it.each(pools.map((pool) => ({ pool, text: JSON.stringify(pool) })))(
    "passes NaN on, and takes infinities of both signs: $text",
    ({ pool }) => {
      const { inputs, outputs } = sizes(pool);
      const x = randomIntegers(inputs, 1, 3);
      const specials = [NaN, Infinity, -Infinity, NaN, -Infinity, -Infinity];
      for (let i = 0; i < inputs; i += 5) x[i] = specials[(i / 5) % specials.length]!;
      const dy = randomIntegers(outputs, 2);
      const expected = maxPool(x, pool);
      const { y, dx } = run(engine, pool, x, dy, 1);
      expectIdentical(y, expected.y);
      expect(Array.from(dx)).toEqual(maxPoolGradient(inputs, expected.source, dy).map((value) => value + 0));
    },
  );

  it("gives −Infinity and the gradient to the first position where all of a window is −Infinity", () => {
    const pool: Pool = { shape: [1, 2, 2, 16], kernel: [2, 2], stride: [2, 2], padding: [0, 0] };
    const { y, dx } = run(engine, pool, new Float32Array(64).fill(-Infinity), new Float32Array(16).fill(2), 1);
    expect(y.every((value) => value === -Infinity)).toBe(true);
    expectIdentical(dx, [...new Array<number>(16).fill(2), ...new Array<number>(48).fill(0)]);
  });
});
