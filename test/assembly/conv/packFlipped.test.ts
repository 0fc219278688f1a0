import { describe, it } from "vitest";
import { expectIdentical } from "../../expect.js";
import { Output, runKernel, testedBuilds, testEngine } from "../../kernel.js";
import { randomFloats } from "../../random.js";

describe.each(testedBuilds)("convPackFlipped (%s)", async (build) => {
  const engine = await testEngine(build);

  it("lays the taps it is given out in panels of 8 input channels, zeros behind the last", () => {
    const kernelTaps = 4;
    for (const inChannels of [1, 3, 4, 7, 8, 9, 16, 20]) {
      for (const outChannels of [1, 2, 3, 4, 5, 8, 11, 16]) {
        for (const order of [[], [2], [3, 2, 1, 0], [0, 3]]) {
          const weight = randomFloats(kernelTaps * inChannels * outChannels);
          const taps = Int32Array.from(order, (tap) => tap * inChannels * outChannels);
          const K = order.length * outChannels;
          const expected = new Float32Array(K * Math.ceil(inChannels / 8) * 8);
          order.forEach((tap, t) => {
            for (let o = 0; o < outChannels; o++) {
              for (let c = 0; c < inChannels; c++) {
                const to = (c >> 3) * K * 8 + (t * outChannels + o) * 8 + (c & 7);
                expected[to] = weight[(tap * inChannels + c) * outChannels + o]!;
              }
            }
          });
          for (const threads of [1, 2, 3, 7]) {
            const packed = new Output(expected.length);
            const fields = { weight, taps, packed, tapCount: order.length, groups: 1, inChannels, outChannels };
            expectIdentical(runKernel(engine, "convPackFlipped", fields, { threads }).packed!, expected);
          }
        }
      }
    }
  });
});
