import { describe, it } from "vitest";
import { expectIdentical } from "../../expect.js";
import { Output, runKernel, testedBuilds, testEngine } from "../../kernel.js";
import { randomFloats } from "../../random.js";

describe.each(testedBuilds)("convPackFlipped (%s)", async (build) => {
  const engine = await testEngine(build);

  it("lays the taps it is given out in panels of 8 input channels, zeros behind the last, one group after the other", () => {
    const kernelTaps = 4;
    const groups = 3;
    for (const inChannels of [1, 3, 4, 7, 8, 9, 16, 20]) {
      for (const outChannels of [1, 2, 3, 4, 5, 8, 11, 16]) {
        for (const order of [[], [2], [3, 2, 1, 0], [0, 3]]) {
          const weight = randomFloats(kernelTaps * inChannels * groups * outChannels);
          const taps = Int32Array.from(order, (tap) => tap * inChannels * groups * outChannels);
          const K = order.length * outChannels;
          const size = K * Math.ceil(inChannels / 8) * 8;
          const expected = new Float32Array(groups * size);
          order.forEach((tap, t) => {
            for (let column = 0; column < groups * outChannels; column++) {
              const [group, o] = [Math.floor(column / outChannels), column % outChannels];
              for (let c = 0; c < inChannels; c++) {
                const to = group * size + (c >> 3) * K * 8 + (t * outChannels + o) * 8 + (c & 7);
                expected[to] = weight[(tap * inChannels + c) * groups * outChannels + column]!;
              }
            }
          });
          for (const threads of [1, 2, 3, 7]) {
            const packed = new Output(expected.length);
            const fields = { weight, taps, packed, tapCount: order.length, groups, inChannels, outChannels };
            expectIdentical(runKernel(engine, "convPackFlipped", fields, { threads }).packed!, expected);
          }
        }
      }
    }
  });
});
