import { describe, it } from "vitest";
import { expectIdentical } from "../../expect.js";
import { Output, runKernel, testedBuilds, testEngine } from "../../kernel.js";
import { maxPool2dOracle, pooledLengths } from "../../oracle/maxPool2d.js";
import { randomFloats } from "../../random.js";

const threadCounts = [1, 2, 3, 7];

describe.each(testedBuilds)("max pooling kernels (%s)", async (build) => {
  const engine = await testEngine(build);

  it.each([
    [1, 3, 3, 1],
    [2, 7, 5, 3],
    [3, 6, 6, 5],
    [5, 4, 9, 8],
  ])(
    "stay within their buffers and agree for any number of threads: [%i, %i, %i, %i]",
    (batch, height, width, channels) => {
      const options = { kernelSize: [3, 2], stride: [2, 1], padding: [1, 1] } as const;
      const shape = { batch, height, width, channels };
      const [outHeight, outWidth] = pooledLengths({ ...shape, ...options });
      const size = batch * outHeight * outWidth * channels;
      const x = randomFloats(batch * height * width * channels);
      const dy = randomFloats(size, 2);
      const geometry = {
        ...shape,
        ...{ outHeight, outWidth, kernelWidth: 2 },
        ...{ strideHeight: 2, strideWidth: 1, paddingHeight: 1, paddingWidth: 1 },
      };
      const expected = maxPool2dOracle(x, { ...shape, ...options });
      const gradients = threadCounts.map((threads) => {
        const pooling = { ...geometry, kernelHeight: 3, relu: false };
        const buffers = { x, y: new Output(size), winner: new Output(size) };
        const { y, winner } = runKernel(engine, "maxPool2d", { ...buffers, ...pooling }, { threads });
        expectIdentical(y!, expected.y);
        const codes = new Int32Array(winner!.buffer);
        return runKernel(
          engine,
          "maxPool2dBackward",
          { dy, winner: codes, dx: new Output(x.length), ...geometry },
          { threads },
        ).dx!;
      });
      for (const dx of gradients) expectIdentical(dx, gradients[0]!);
    },
  );

  it.each([
    [1, 2, 2, 4],
    [1, 1, 5, 4],
    [2, 7, 5, 8],
    [3, 6, 6, 12],
    [5, 4, 9, 16],
  ])(
    "of 2×2 windows stay within their buffers for any number of threads: [%i, %i, %i, %i]",
    (batch, height, width, channels) => {
      const shape = { batch, height, width, channels };
      const size = batch * Math.floor(height / 2) * Math.floor(width / 2) * channels;
      const x = randomFloats(batch * height * width * channels);
      const dy = randomFloats(size, 2);
      const options = { kernelSize: [2, 2], stride: [2, 2], padding: [0, 0] } as const;
      const expected = maxPool2dOracle(x, { ...shape, ...options });
      const want = new Float32Array(x.length);
      expected.winner.forEach((at, i) => (want[at] = dy[i]!));
      for (const threads of threadCounts) {
        const winners = new Uint8Array(size).fill(77);
        const fields = { x, y: new Output(size), winner: winners, ...shape, relu: false };
        const forward = runKernel(engine, "maxPool2x2", fields, { threads, inPlace: ["winner"] });
        expectIdentical(forward.y!, expected.y);
        // An image of one row has no windows: its gradient is cleared by nobody, and the operation never asks for it.
        if (height < 2) continue;
        const winner = forward.bytes("winner");
        const { dx } = runKernel(
          engine,
          "maxPool2x2Backward",
          { dy, winner, dx: new Output(x.length), ...shape },
          { threads },
        );
        expectIdentical(
          dx!.map((value) => value + 0),
          want,
        );
      }
    },
  );
});
