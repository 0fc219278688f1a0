import { describe, expect, it } from "vitest";
import { ArgumentError } from "../../src/engine/index.js";
import { constant, cosine, inverseSquareRoot, power, step } from "../../src/optim/schedules.js";

const at = (number: number, totalSteps = 100, epoch = 1): { step: number; epoch: number; totalSteps: number } => ({
  step: number,
  epoch,
  totalSteps,
});

describe("schedules", () => {
  it("constant is 1", () => expect(constant()(at(7))).toBe(1));

  it("inverseSquareRoot is 1/√t", () => {
    expect([1, 4, 100].map((t) => inverseSquareRoot()(at(t)))).toEqual([1, 0.5, 0.1]);
  });

  it("cosine goes from 1 to `final` as (1 + cos)/2, within 1e-14", () => {
    for (let t = 1; t <= 101; t++) {
      const want = 0.1 + (0.9 * (1 + Math.cos((Math.PI * (t - 1)) / 100))) / 2;
      expect(Math.abs(cosine({ final: 0.1 })(at(t)) - want)).toBeLessThan(1e-14);
    }
  });

  it("step multiplies by the factor every so many epochs", () => {
    const schedule = step({ everyEpochs: 2, factor: 0.5 });
    expect([1, 2, 3, 4, 5].map((epoch) => schedule(at(1, 100, epoch)))).toEqual([1, 1, 0.5, 0.5, 0.25]);
  });

  it("power agrees with exact powers and with Math.pow to 1e-13", () => {
    expect(power(2, 40)).toBe(2 ** 40);
    expect(power(0.999, 0)).toBe(1);
    for (const n of [1, 2, 3, 10, 1000, 12345]) {
      expect(Math.abs(power(0.999, n) / 0.999 ** n - 1)).toBeLessThan(1e-12);
    }
  });

  it("reject what is no number", () => {
    expect(() => step({ everyEpochs: 0 })).toThrow(ArgumentError);
    expect(() => step({ factor: NaN })).toThrow(ArgumentError);
    expect(() => cosine({ final: 2 })).toThrow(ArgumentError);
  });
});
