import { describe, it } from "vitest";
import { relu } from "../../src/ops/relu.js";
import { checkGradient } from "../gradient.js";
import { testEngine } from "../kernel.js";

describe("relu", async () => {
  const engine = await testEngine();

  it.each([1, 7, 100])("has the gradient of max(x, 0) for %i elements", (count) => {
    checkGradient(
      engine,
      [{ shape: [count] }],
      ([x]) => relu(x!),
      ([x]) => x!.map((value) => Math.max(value, 0)),
    );
  });
});
