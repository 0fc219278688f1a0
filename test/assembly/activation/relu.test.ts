import { describe, expect, it } from "vitest";
import { expectIdentical } from "../../expect.js";
import { Output, runKernel, testedBuilds, testEngine } from "../../kernel.js";
import { randomFloats } from "../../random.js";

const sizes = [0, 1, 3, 4, 5, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 1009];
const special = Float32Array.of(-0, 0, NaN, Infinity, -Infinity, 1e-45, -1e-45, 3.4e38, -3.4e38, 1, -1);

describe.each(testedBuilds)("relu (%s)", async (build) => {
  const engine = await testEngine(build);

  it.each(sizes)("is max(x, 0) exactly for %i elements", (count) => {
    const x = randomFloats(count);
    for (const threads of [1, 2, 3]) {
      const { y } = runKernel(engine, "relu", { x, y: new Output(count), count }, { threads });
      expectIdentical(
        y!,
        x.map((value) => (value < 0 ? 0 : value)),
      );
    }
  });

  it.each([0, 16, 20])("keeps NaN and infinities, turns negatives to 0, after %i zeros", (zeros) => {
    const x = new Float32Array(zeros + special.length);
    x.set(special, zeros);
    const { y } = runKernel(engine, "relu", { x, y: new Output(x.length), count: x.length });
    expect(Array.from(y!.subarray(zeros), Math.abs)).toEqual([
      0,
      0,
      NaN,
      Infinity,
      0,
      special[5],
      0,
      special[7],
      0,
      1,
      0,
    ]);
  });

  it.each(sizes)("backward passes dy where y > 0 for %i elements", (count) => {
    const y = randomFloats(count, 1).map((value) => (value < 0 ? 0 : value));
    const dy = randomFloats(count, 2);
    for (const threads of [1, 2, 3]) {
      const { dx } = runKernel(engine, "reluBackward", { y, dy, dx: new Output(count), count }, { threads });
      expectIdentical(
        dx!,
        dy.map((value, i) => (y[i]! > 0 ? value : 0)),
      );
    }
  });
});
