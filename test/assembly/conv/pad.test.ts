import { describe, expect, it } from "vitest";
import { expectIdentical } from "../../expect.js";
import { Output, runKernel, testedBuilds, testEngine } from "../../kernel.js";
import { randomFloats } from "../../random.js";

/** In what order the axes batch, height, width, channels of x lie, and how far apart the elements of the innermost. */
const layouts = [
  { lies: "channels last", order: [0, 1, 2, 3], step: 1 },
  { lies: "channels first", order: [0, 3, 1, 2], step: 1 },
  { lies: "rows innermost", order: [0, 3, 2, 1], step: 1 },
  { lies: "columns before rows", order: [0, 2, 1, 3], step: 1 },
  { lies: "channels last, every third", order: [0, 1, 2, 3], step: 3 },
  { lies: "channels first, every other column", order: [3, 0, 1, 2], step: 2 },
] as const;

describe.each(testedBuilds)("convPad (%s)", async (build) => {
  const engine = await testEngine(build);

  it.each([
    [1, 1, 1, 1, 0, 0, 0, 0],
    [2, 3, 4, 1, 1, 1, 1, 1],
    [2, 3, 4, 3, 0, 2, 1, 0],
    [3, 1, 5, 4, 2, 0, 0, 3],
    [1, 2, 9, 17, 1, 1, 2, 2],
    [1, 3, 70, 5, 1, 1, 1, 1],
    [1, 2, 33, 8, 1, 0, 0, 0],
    [2, 2, 36, 7, 0, 1, 1, 0],
    [1, 2, 35, 2, 1, 0, 0, 0],
    [1, 2, 32, 3, 0, 0, 0, 0],
    [1, 2, 16, 6, 1, 0, 0, 0],
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
      for (const { lies, order, step } of layouts) {
        // Where it lies, the axes of x come in another order, the innermost one with gaps; between the elements is NaN.
        const lengths = [batch, height, width, channels] as const;
        const strides = [0, 0, 0, 0];
        let stride: number = step;
        for (const axis of [...order].reverse()) {
          strides[axis] = stride;
          stride *= lengths[axis];
        }
        const laid = new Float32Array(stride).fill(NaN);
        x.forEach((value, i) => {
          let [rest, at] = [i, 0];
          for (let axis = 3; axis >= 0; axis--) {
            at += (rest % lengths[axis]!) * strides[axis]!;
            rest = Math.floor(rest / lengths[axis]!);
          }
          laid[at] = value;
        });
        const [xImage, xRow, xColumn, xChannel] = strides as [number, number, number, number];
        for (const threads of [1, 2, 3, 7]) {
          const y = new Output(expected.length);
          const sizes = { batch, height, width, channels, top, left, paddedHeight, paddedWidth };
          const planes = { depth: 1, front: 0, paddedDepth: 1, xPlane: 0 };
          const fields = { x: laid, y, ...sizes, ...planes, xImage, xRow, xColumn, xChannel };
          const result = runKernel(engine, "convPad", fields, { threads }).y!;
          result.forEach((value, i) => {
            if (!Object.is(value, expected[i])) expect.fail(`${lies}: element ${i} is ${value}, want ${expected[i]}`);
          });
        }
      }
    },
  );

  it.each([
    [2, 3, 1, 0],
    [1, 2, 0, 2],
    [3, 1, 2, 1],
    [2, 4, 1, -2],
    [2, 0, 1, 1],
  ])("copies %i volumes of %i planes with %i planes before and %i after", (batch, depth, front, back) => {
    const [height, width, channels, paddedDepth] = [2, 3, 2, front + depth + back];
    const x = randomFloats(batch * depth * height * width * channels);
    const expected = new Float32Array(batch * paddedDepth * (height + 1) * width * channels);
    for (let b = 0; b < batch; b++) {
      for (let plane = 0; plane < Math.min(depth, paddedDepth - front); plane++) {
        for (let i = 0; i < height * width * channels; i++) {
          const to = (b * paddedDepth + front + plane) * (height + 1) * width * channels + width * channels + i;
          expected[to] = x[(b * depth + plane) * height * width * channels + i]!;
        }
      }
    }
    for (const threads of [1, 2, 3, 7]) {
      const fields = {
        ...{ x, y: new Output(expected.length), batch, depth, height, width, channels, front, top: 1, left: 0 },
        ...{ paddedDepth, paddedHeight: height + 1, paddedWidth: width },
        ...{ xImage: depth * height * width * channels, xPlane: height * width * channels },
        ...{ xRow: width * channels, xColumn: channels, xChannel: 1 },
      };
      expectIdentical(runKernel(engine, "convPad", fields, { threads }).y!, expected);
    }
  });
});
