import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as data from "../../src/data/index.js";
import { ArgumentError } from "../../src/engine/index.js";

const labelled = { inputs: new Uint8Array(12), inputShape: [2, 3], targets: Uint8Array.of(0, 4) };
const regression = {
  inputs: Float32Array.from({ length: 6 }, (_, i) => i),
  inputShape: [2],
  targets: Float32Array.from({ length: 9 }, (_, i) => -i),
  targetShape: [3],
};

describe("dataset", () => {
  it("keeps what it is given and counts the samples", () => {
    const set = data.dataset({ ...labelled, classes: 5 });
    expect(set).toEqual({ ...labelled, length: 2, targetShape: [], classes: 5 });
    expect(set.inputs).toBe(labelled.inputs);
    expect(data.dataset(regression)).toEqual({ ...regression, length: 3 });
    expect(data.dataset(labelled)).not.toHaveProperty("classes");
  });

  it.each([
    ["an empty data set", { inputs: new Uint8Array(), targets: new Uint8Array() }, "at least one sample, got none"],
    ["a length of 0", { length: 0 }, "inputs must hold 0 values for 0 samples of shape [2, 3], got 12"],
    ["inputs that are no whole samples", { inputs: new Uint8Array(13) }, "inputs must hold 12 values"],
    ["a length that inputs do not have", { length: 3 }, "inputs must hold 18 values for 3 samples"],
    ["a fractional length", { length: 1.5 }, "length must be an integer of at least 0, got 1.5"],
    ["a length of NaN", { length: NaN }, "got NaN"],
    ["an infinite length", { length: Infinity }, "got Infinity"],
    ["too few labels", { targets: new Uint8Array(1) }, "targets must hold 2 values for 2 samples"],
    ["too many labels", { targets: new Int32Array(3) }, "targets must hold 2 values"],
    ["a label beyond the classes", { classes: 4 }, "labels from 0 to 3, got 4 for sample 1"],
    ["a negative label", { targets: Int32Array.of(-1, 0) }, "labels of at least 0, got -1 for sample 0"],
    ["no class", { classes: 0 }, "classes must be an integer of at least 1, got 0"],
    ["classes of NaN", { classes: NaN }, "classes must be an integer"],
    ["infinitely many classes", { classes: Infinity }, "classes must be an integer"],
    ["a scalar input shape", { inputShape: [] }, "inputShape must have at least one dimension"],
    ["an empty dimension", { inputShape: [2, 0] }, "inputShape[1] must be an integer of at least 1, got 0"],
    ["an infinite dimension", { inputShape: [Infinity] }, "inputShape[0] must be an integer"],
    ["labels with a shape", { targetShape: [1] }, "targetShape must be [], got [1]"],
    ["inputs in a plain array", { inputs: [0, NaN] as never }, "a Uint8Array or Float32Array, got Array"],
    ["targets in a plain array", { targets: [0, NaN] as never }, "of labels or a Float32Array, got Array"],
    ["targets in 64-bit floats", { targets: new Float64Array(2) as never }, "got Float64Array"],
  ])("rejects %s", (_, change, message) => {
    const make = (): unknown => data.dataset({ ...labelled, ...change });
    expect(make).toThrow(ArgumentError);
    expect(make).toThrow(message);
  });

  it.each([
    [
      "NaN inputs",
      { inputs: Float32Array.of(0, 0, 0, NaN, 0, 0) },
      "inputs must be finite numbers, got NaN in sample 1",
    ],
    ["infinite targets", { targets: new Float32Array(9).fill(-Infinity, 8) }, "got -Infinity in sample 2"],
    ["classes of regression targets", { classes: 3 }, "classes needs labels"],
    ["targets that are no whole samples", { targets: new Float32Array(8) }, "targets must hold 9 values"],
  ])("rejects %s", (_, change, message) => {
    expect(() => data.dataset({ ...regression, ...change })).toThrow(message);
  });
});

describe("slice", () => {
  const set = data.dataset(regression);

  it("is a view of the samples from start to before end", () => {
    const middle = data.slice(set, 1, 2);
    expect(middle).toMatchObject({ length: 1, inputShape: [2], targetShape: [3] });
    expect([...middle.inputs]).toEqual([2, 3]);
    expect([...middle.targets]).toEqual([-3, -4, -5]);
    expect(middle.inputs.buffer).toBe(set.inputs.buffer);
    expect(data.slice(set, 1).length).toBe(2);
  });

  it("of a slice is the slice of the sum of the starts", () => {
    const length = 20;
    const whole = data.dataset({ inputs: new Uint8Array(length), inputShape: [1], targets: new Uint8Array(length) });
    fc.assert(
      fc.property(fc.nat(length - 1), fc.nat(length - 1), (a, b) => {
        fc.pre(a + b < length);
        expect(data.slice(data.slice(whole, a), b)).toEqual(data.slice(whole, a + b));
      }),
    );
  });

  it.each([
    [-1, 2],
    [3, 4],
    [1, 1],
    [2, 1],
    [0, 4],
    [0.5, 1],
    [NaN, 1],
    [0, NaN],
  ])("rejects the range from %f to %f of 3 samples", (start, end) => {
    expect(() => data.slice(set, start, end)).toThrow(ArgumentError);
  });
});
