import { describe, expect, it } from "vitest";
import { ArgumentError } from "../../src/engine/index.js";
import { power } from "../../src/optim/power.js";
import { constant, cosine, inverseSquareRoot, type Progress, step } from "../../src/optim/schedules.js";

/** Step `number` of a trainer in its first fit, which has 100 steps. */
const at = (number: number, epoch = 1): Progress => ({
  step: number,
  epoch,
  run: { step: number, steps: 100, epoch, epochs: 10 },
});

describe("schedules", () => {
  it("constant is 1", () => expect(constant()(at(7))).toBe(1));

  it("inverseSquareRoot is 1/√t", () => {
    expect([1, 4, 100].map((t) => inverseSquareRoot()(at(t)))).toEqual([1, 0.5, 0.1]);
  });

  it("cosine goes from 1 to `final` as (1 + cos)/2, within 1e-14, and stays there", () => {
    for (let t = 1; t <= 120; t++) {
      const want = 0.1 + (0.9 * (1 + Math.cos((Math.PI * Math.min(t - 1, 100)) / 100))) / 2;
      expect(Math.abs(cosine({ final: 0.1 })(at(t)) - want)).toBeLessThan(1e-14);
      const alone = { step: t, epoch: 1, run: undefined };
      expect(Math.abs(cosine({ final: 0.1, steps: 100 })(alone) - want)).toBeLessThan(1e-14);
    }
  });

  it("step multiplies by the factor every so many epochs, or steps", () => {
    const byEpochs = step({ everyEpochs: 2, factor: 0.5 });
    expect([1, 2, 3, 4, 5].map((epoch) => byEpochs(at(1, epoch)))).toEqual([1, 1, 0.5, 0.5, 0.25]);
    const bySteps = step({ everySteps: 2, factor: 0.5 });
    expect([1, 2, 3, 4, 5].map((t) => bySteps({ step: t, epoch: 1, run: undefined }))).toEqual([1, 1, 0.5, 0.5, 0.25]);
  });

  it("that follow a fit say outside one what to use instead", () => {
    const alone = { step: 1, epoch: 1, run: undefined };
    expect(() => cosine()(alone)).toThrow(ArgumentError);
    expect(() => cosine()(alone)).toThrow(/trainStep.*schedules\.cosine\(\{ steps \}\)/);
    expect(() => step()(alone)).toThrow(/trainStep.*schedules\.step\(\{ everySteps \}\)/);
    expect(inverseSquareRoot()(alone)).toBe(1);
  });

  it("power agrees with exact powers and with Math.pow to 1e-13", () => {
    expect(power(2, 40)).toBe(2 ** 40);
    expect(power(0.999, 0)).toBe(1);
    for (const n of [1, 2, 3, 10, 1000, 12345]) {
      expect(Math.abs(power(0.999, n) / 0.999 ** n - 1)).toBeLessThan(1e-12);
    }
  });

  it.each([
    ["everyEpochs", () => step({ everyEpochs: 0 })],
    ["everyEpochs", () => step({ everyEpochs: null as unknown as number })],
    ["everySteps", () => step({ everySteps: 1.5 })],
    ["not both", () => step({ everySteps: 1, everyEpochs: 1 })],
    ["factor", () => step({ factor: NaN })],
    ["final", () => cosine({ final: 2 })],
    ["steps", () => cosine({ steps: 0 })],
    ["did you mean final", () => cosine({ finl: 0 } as object)],
    ["wants an object", () => step(3 as unknown as object)],
  ])("refuse what is out of range, naming it: %s", (name, make) => {
    expect(make).toThrow(ArgumentError);
    expect(make).toThrow(name);
  });
});
