import { describe, expect, it } from "vitest";
import { expectIdentical } from "../expect.js";
import { simulateThreads, testEngine } from "../kernel.js";
import { randomFloats } from "../random.js";
import { type Given, trainOn } from "./given.js";
import { optimizers } from "./table.js";

const steps = 8;
const shapes: Readonly<Record<string, readonly number[]>> = {
  matrix: [7, 5],
  wide: [3, 40],
  kernel: [2, 3, 4],
  bias: [5],
  gain: [1],
  scalar: [],
  row: [1, 9],
};

const numbers = (shape: readonly number[], seed: number): Float32Array =>
  randomFloats(
    shape.reduce((product, length) => product * length, 1),
    seed,
  );
const entries = Object.entries(shapes);

function given(scale = 1): Given {
  return {
    weights: Object.fromEntries(entries.map(([name, shape], i) => [name, { shape, data: numbers(shape, i + 1) }])),
    gradients: Array.from({ length: steps }, (_, step) =>
      Object.fromEntries(
        entries.map(([name, shape], i) => [name, numbers(shape, 100 * step + i + 50).map((g) => scale * g)]),
      ),
    ),
  };
}

const engine = await testEngine();
const debugEngine = await testEngine("debug");
const threadedEngine = await testEngine();
simulateThreads(threadedEngine, 3);

describe.each(Object.entries(optimizers))("%s", (name, [optimizer, rule]) => {
  const plain = trainOn(engine, optimizer, given()).after;

  it("is its rule in float64 within 2e-5, over tensors of all kinds of shapes", () => {
    const { weights, gradients } = given();
    const { after } = trainOn(debugEngine, optimizer, { weights, gradients });
    for (const [tensor, shape] of entries) {
      const w = Float64Array.from(weights[tensor]!.data);
      const state = new Map<string, Float64Array>();
      gradients.forEach((step, t) => {
        rule(w, step[tensor]!, state, t + 1, shape);
        const found = after[t]![tensor]!;
        // The Newton-Schulz iteration multiplies errors by some ten.
        const tolerance = name === "Muon" ? 2e-4 : 2e-5;
        w.forEach((want, i) => {
          if (!(Math.abs(found[i]! - want) <= tolerance * Math.max(1, Math.abs(want))))
            expect.fail(`step ${t + 1}: ${tensor}[${i}] is ${found[i]}, want ${want}`);
        });
      });
    }
  });

  it("gives the same bits on three threads", () => {
    const { after } = trainOn(threadedEngine, optimizer, given());
    for (const [tensor] of entries) expectIdentical(after.at(-1)![tensor]!, plain.at(-1)![tensor]!);
  });

  it("changes neither weights nor state at a step that is not finite", () => {
    const { weights, gradients } = given();
    const bad = { ...gradients[2]!, bias: Float32Array.of(1, NaN, 1, 1, 1) };
    const options = { onNonFinite: "skip" } as const;
    const disturbed = [...gradients.slice(0, 2), bad, bad, ...gradients.slice(2)];
    const { after } = trainOn(engine, optimizer, { weights, gradients: disturbed }, options);
    for (const [tensor] of entries) {
      expectIdentical(after[3]![tensor]!, plain[1]![tensor]!);
      expectIdentical(after.at(-1)![tensor]!, plain.at(-1)![tensor]!);
    }
  });

  it("stays finite with gradients that are 0, tiny and huge", () => {
    for (const scale of [0, 1e-30, 1e15]) {
      const { weights, gradients } = given(scale);
      const { after } = trainOn(engine, optimizer, { weights, gradients: gradients.slice(0, 3) });
      for (const [tensor] of entries) expect(after.at(-1)![tensor]!.every(Number.isFinite)).toBe(true);
    }
  });
});
