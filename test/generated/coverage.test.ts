import { describe, expect, it } from "vitest";
import { hiddenOperations, operations } from "../catalogue/operations.js";
import { samplesOf } from "../catalogue/samples.js";
import { isEmpty } from "../catalogue/sample.js";
import { forms, written } from "../catalogue/writtenSamples.js";
import { primitives } from "../oracle/primitives.js";

/** Operations that take no empty batch, and why. */
const neverEmpty: Readonly<Record<string, string>> = {
  batchNormPool: "a fusion rule makes it where there are windows to pool",
  batchNormPoolBackward: "it is the gradient of batchNormPool",
};

describe("the catalogue of operations", () => {
  it("holds every operation that a module defines, since all are exported", () => {
    expect(operations.length).toBeGreaterThan(30);
    expect(hiddenOperations()).toEqual([]);
  });

  it("holds no two operations of one name", () => {
    const names = operations.map(({ name }) => name);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  it.each(operations.map((operation) => [operation.name, operation] as const))(
    "has samples of %s, one of them empty: those of an elementwise operation need not be written",
    (name, operation) => {
      const samples = samplesOf(operation);
      expect(samples.length, `write samples of ${name} in test/catalogue/samples/`).toBeGreaterThan(0);
      expect(samples.some((sample) => !isEmpty(sample) && !sample.isLarge)).toBe(true);
      expect(samples.some(isEmpty), "an empty batch").toBe(!(name in neverEmpty));
    },
  );

  it.each(operations.map((operation) => [operation.name, operation] as const))(
    "has a meaning of %s in float64: its composition, or code of the interpreter",
    (name, operation) => {
      const isKnown = name in primitives || operation.compose !== undefined;
      expect(isKnown, `write ${name} in test/oracle/primitives`).toBe(true);
    },
  );

  it.each(operations.map((operation) => [operation.name, operation] as const))(
    "has a gradient of %s: its own, that of its composition, or a word that it is constant",
    (_, operation) => {
      expect("gradient" in operation || "compose" in operation || operation.isConstant).toBe(true);
    },
  );

  it("speaks of nothing that does not exist", () => {
    const names = new Set(operations.map(({ name }) => name));
    const spoken = [...Object.keys(written), ...Object.keys(forms), ...Object.keys(primitives)];
    expect(spoken.filter((name) => !names.has(name))).toEqual([]);
  });
});
