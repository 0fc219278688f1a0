import { describe, it } from "vitest";
import { erf } from "../../src/ops/erf.js";
import { exp } from "../../src/ops/exp.js";
import { log } from "../../src/ops/log.js";
import { sigmoid } from "../../src/ops/sigmoid.js";
import { tanh } from "../../src/ops/tanh.js";
import { checkGradient } from "../gradient.js";
import { testEngine } from "../kernel.js";
import * as oracle from "../oracle/special.js";
import { randomFloats } from "../random.js";

describe("elementwise functions", async () => {
  const engine = await testEngine();
  const cases = [
    ["exp", exp, Math.exp],
    ["sigmoid", sigmoid, oracle.sigmoid],
    ["tanh", tanh, Math.tanh],
    ["erf", erf, oracle.erf],
  ] as const;

  it.each(cases)("%s has the right values and gradient", (_name, operation, f) => {
    for (const shape of [[1], [7], [3, 5, 4]]) {
      checkGradient(
        engine,
        [{ shape }],
        ([x]) => operation(x!),
        ([x]) => x!.map(f),
      );
    }
  });

  it("log has the right values and gradient", () => {
    checkGradient(
      engine,
      [{ shape: [37], data: randomFloats(37).map((value) => 1.5 + value) }],
      ([x]) => log(x!),
      ([x]) => x!.map(Math.log),
    );
  });
});
