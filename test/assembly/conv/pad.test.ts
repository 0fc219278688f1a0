import { describe, it } from "vitest";
import { expectIdentical } from "../../expect.js";
import { Output, runKernel, testedBuilds, testEngine } from "../../kernel.js";
import { randomFloats } from "../../random.js";

describe.each(testedBuilds)("convPad (%s)", async (build) => {
  const engine = await testEngine(build);

  it.each([
    [1, 1, 1, 1, 0, 0, 0, 0],
    [2, 3, 4, 1, 1, 1, 1, 1],
    [2, 3, 4, 3, 0, 2, 1, 0],
    [3, 1, 5, 4, 2, 0, 0, 3],
    [1, 2, 9, 17, 1, 1, 2, 2],
    [1, 3, 70, 5, 1, 1, 1, 1],
    [2, 4, 5, 2, 1, 1, -2, -3],
    [0, 3, 3, 2, 1, 1, 1, 1],
    [2, 0, 3, 2, 1, 1, 1, 1],
    [2, 3, 0, 2, 1, 1, 1, 1],
  ])(
    "copies %i × %i × %i × %i with %i rows above, %i columns before, %i below, %i after",
    (batch, height, width, channels, top, left, bottom, right) => {
      const [paddedHeight, paddedWidth] = [top + height + bottom, left + width + right];
      const x = randomFloats(batch * height * width * channels);
      const expected = new Float32Array(batch * paddedHeight * paddedWidth * channels);
      for (let b = 0; b < batch; b++) {
        for (let i = 0; i < Math.min(height, paddedHeight - top); i++) {
          for (let j = 0; j < Math.min(width, paddedWidth - left); j++) {
            for (let c = 0; c < channels; c++) {
              const to = ((b * paddedHeight + top + i) * paddedWidth + left + j) * channels + c;
              expected[to] = x[((b * height + i) * width + j) * channels + c]!;
            }
          }
        }
      }
      for (const threads of [1, 2, 3, 7]) {
        const y = new Output(expected.length);
        const fields = { x, y, batch, height, width, channels, top, left, paddedHeight, paddedWidth };
        expectIdentical(runKernel(engine, "convPad", fields, { threads }).y!, expected);
      }
    },
  );
});
