import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as data from "../../src/data/index.js";
import { ArgumentError } from "../../src/engine/index.js";
import { detached, inOtherRealm, outOfBounds } from "../arrays.js";

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
    ["labels of another shape", { targetShape: [3] }, "targets must hold 6 values for 2 samples of shape"],
    ["a negative label", { targets: [0, -1] }, "got -1 for sample 1; with an ignoreIndex such a label may mark"],
    ["too few weights", { sampleWeights: [1] }, "sampleWeights must hold 2 values"],
    ["a negative weight", { sampleWeights: [1, -2] }, "finite numbers of at least 0, got -2 for sample 1"],
    ["NaN in a plain array of inputs", { inputs: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NaN] }, "got NaN in sample 1"],
    ["NaN in a plain array of labels", { targets: [0, NaN] }, "whole numbers that an int32 can hold, got NaN at [1]"],
    ["a fraction among labels", { targets: [0, 1.5] }, "without a targetShape are class labels: they must be whole"],
    [
      "labels in 64-bit integers",
      { targets: BigInt64Array.of(0n, 1n) as never },
      "targets must hold numbers, got bigints",
    ],
    ["labels that are no int32", { targets: Uint32Array.of(0, 2 ** 31) }, "got 2147483648 at [1]"],
    ["text as inputs", { inputs: "0101" as never }, "inputs must be numbers: a typed array such as a Float32Array"],
    ["a buffer that does not say what it holds", { inputs: new ArrayBuffer(12) as never }, "inputs must be numbers"],
    ["no inputs", { inputs: undefined as never }, "inputs must be numbers"],
    ["no targets", { targets: undefined as never }, "must be numbers"],
    [
      "a shape that is a number",
      { inputShape: 6 as never },
      "inputShape must be an array of lengths such as [28, 28, 1]",
    ],
    ["no shape", { inputShape: undefined as never }, "inputShape must be an array of lengths"],
    ["a shape of text", { inputShape: ["2", "3"] as never }, "inputShape[0] must be an integer"],
    ["detached inputs", { inputs: detached(new Float32Array(12)) }, "inputs must still have its memory"],
    ["detached labels", { targets: detached(new Uint8Array(2)) }, "targets must still have its memory"],
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
    ["classes of regression targets", { targets: new Float32Array(9).fill(0.5), classes: 3 }, "must be whole numbers"],
    ["an ignoreIndex of regression targets", { ignoreIndex: 3 }, "ignoreIndex needs labels"],
    ["targets that are no whole samples", { targets: new Float32Array(8) }, "targets must hold 9 values"],
  ])("rejects %s", (_, change, message) => {
    expect(() => data.dataset({ ...regression, ...change })).toThrow(message);
  });
});

describe("what dataset takes", () => {
  const inputs = [0, 1, 2, 3, 4, 5];
  it.each([
    ["a Float64Array", Float64Array.from(inputs)],
    ["an Int16Array with an offset", Int16Array.of(9, ...inputs).subarray(1)],
    ["an Int8Array", Int8Array.from(inputs)],
    ["a Uint32Array", Uint32Array.from(inputs)],
    ["a plain array", inputs],
    ["a Float32Array of another realm", inOtherRealm(() => Float32Array.of(0, 1, 2, 3, 4, 5))],
    [
      "nested arrays",
      [
        [0, 1, 2],
        [3, 4, 5],
      ],
    ],
    [
      "nested arrays of another realm",
      inOtherRealm(() => [
        [0, 1, 2],
        [3, 4, 5],
      ]),
    ],
    ["rows of floats", [Float32Array.of(0, 1, 2), Float64Array.of(3, 4, 5)]],
  ])("%s: its numbers are the inputs", (_, value) => {
    const set = data.dataset({ inputs: value, inputShape: [3], targets: [0, 1] });
    expect(set.inputs).toEqual(Float32Array.from(inputs));
    expect(set).toMatchObject({ length: 2, inputShape: [3], targets: Int32Array.of(0, 1), targetShape: [] });
  });

  it.each([
    ["a Uint8ClampedArray, as of a canvas", Uint8ClampedArray.from(inputs)],
    ["a Node Buffer", Buffer.from(inputs)],
    ["a Uint8Array of another realm", inOtherRealm(() => Uint8Array.of(0, 1, 2, 3, 4, 5))],
    ["a view of shared memory", new Uint8Array(sharedCopy(inputs))],
  ])("%s: bytes that stand for value/255, in the same memory", (_, value) => {
    const { inputs: taken } = data.dataset({ inputs: value, inputShape: [3], targets: [0, 1] });
    expect(taken).toEqual(Uint8Array.from(inputs));
    expect(taken.buffer).toBe(value.buffer);
    expect(Object.getPrototypeOf(taken)).toBe(Uint8Array.prototype);
  });

  it("rows of bytes: bytes", () => {
    const rows = [Uint8Array.of(0, 1, 2), Buffer.of(3, 4, 5)];
    expect(data.dataset({ inputs: rows, inputShape: [3], targets: [0, 1] }).inputs).toEqual(Uint8Array.from(inputs));
  });

  it.each([
    ["an array of whole numbers", [0, 2]],
    ["an Int8Array", Int8Array.of(0, 2)],
    ["an Int16Array", Int16Array.of(0, 2)],
    ["a Uint16Array", Uint16Array.of(0, 2)],
    ["a Uint32Array", Uint32Array.of(0, 2)],
    ["an Int32Array of another realm", inOtherRealm(() => Int32Array.of(0, 2))],
    ["a Uint8ClampedArray", Uint8ClampedArray.of(0, 2)],
    ["a Node Buffer", Buffer.of(0, 2)],
  ])("%s: its numbers are labels", (_, targets) => {
    const set = data.dataset({ inputs, inputShape: [3], targets });
    expect([...set.targets]).toEqual([0, 2]);
    expect(set.targets).not.toBeInstanceOf(Float32Array);
    expect(set.targetShape).toEqual([]);
    expect(data.dataset({ inputs, inputShape: [3], targets, classes: 3 }).targets).toEqual(set.targets);
  });

  it.each([
    ["a Float32Array", Float32Array.of(0, 2), undefined, []],
    ["a Float64Array", Float64Array.of(0, 2), undefined, []],
    ["a plain array with a targetShape", [0, 2], [1], [1]],
    ["columns", [[0], [2]], undefined, [1]],
    ["nested arrays with a targetShape", [[0], [2]], [1, 1], [1, 1]],
    ["typed rows", [Int8Array.of(0), Int8Array.of(2)], undefined, [1]],
  ])("%s: its numbers are values", (_, targets, given, targetShape) => {
    const set = data.dataset({ inputs, inputShape: [3], targets, ...(given && { targetShape: given }) });
    expect(set.targets).toEqual(Float32Array.of(0, 2));
    expect(set.targetShape).toEqual(targetShape);
  });

  it("floats beside classes: labels, which must be whole", () => {
    for (const targets of [Float32Array.of(0, 2), Float64Array.of(0, 2), [0, 2]]) {
      expect(data.dataset({ inputs, inputShape: [3], targets, classes: 3 }).targets).toEqual(Int32Array.of(0, 2));
    }
    const fraction = { inputs, inputShape: [3], targets: Float64Array.of(0, 0.5), classes: 3 };
    expect(() => data.dataset(fraction)).toThrow(
      "targets must be whole numbers that an int32 can hold, got 0.5 at [1]",
    );
    const columns = data.dataset({ inputs, inputShape: [3], targets: [[0], [1]], classes: 3 });
    expect([columns.targets, columns.targetShape]).toEqual([Int32Array.of(0, 1), [1]]);
  });

  it("several labels a sample, some of them to be ignored; tokens; weights", () => {
    const tokens = Int32Array.of(5, 6, 7, 8);
    const targets = Int32Array.of(1, -100, 0, 2);
    const set = data.dataset({
      ...{ inputs: tokens, inputShape: [2], targets, targetShape: [2], classes: 3, ignoreIndex: -100 },
      sampleWeights: [0.5, 2],
    });
    expect(set.inputs).toBe(tokens);
    expect(set.targets).toBe(targets);
    expect(set.sampleWeights).toEqual(Float32Array.of(0.5, 2));
    expect(data.slice(set, 1)).toMatchObject({
      ...{ length: 1, inputs: Int32Array.of(7, 8), targets: Int32Array.of(0, 2), sampleWeights: Float32Array.of(2) },
      ignoreIndex: -100,
    });
  });

  it("images nested by height, width and channels, or each in one row", () => {
    const image = (first: number): number[][][] => [0, 2, 4].map((i) => [[first + i], [first + i + 1]]);
    const rows = [
      [0, 1, 2, 3, 4, 5],
      [6, 7, 8, 9, 10, 11],
    ];
    const expected = Float32Array.from({ length: 12 }, (_, i) => i);
    for (const nested of [[image(0), image(6)], rows]) {
      expect(data.dataset({ inputs: nested, inputShape: [3, 2, 1], targets: [0, 1] }).inputs).toEqual(expected);
    }
    const one = data.dataset({ inputs: image(0), inputShape: [3, 2, 1], targets: [0] });
    expect(one.inputs).toEqual(expected.slice(0, 6));
  });

  it.each([
    [
      "features before samples",
      [
        [0, 1],
        [2, 3],
        [4, 5],
      ],
      [3],
      "inputs must be nested as [2, 3], got [3, 2]",
    ],
    [
      "channels first",
      [[[[1, 2]], [[3, 4]], [[5, 6]]]],
      [1, 2, 3],
      "nested as [1, 1, 2, 3] or [1, 6], got [1, 3, 1, 2]",
    ],
    [
      "rows of other lengths",
      [
        [0, 1, 2],
        [3, 4],
      ],
      [3],
      "inputs must be nested regularly",
    ],
    ["a number too large for a float32", [0, 1, 2, 3, 4, 1e300], [3], "inputs must be numbers that a float32 can hold"],
  ])("not %s", (_, value, inputShape, message) => {
    const targets = inputShape.length > 1 ? [0] : [0, 1];
    const make = (): unknown => data.dataset({ inputs: value, inputShape, targets });
    expect(make).toThrow(ArgumentError);
    expect(make).toThrow(message);
  });

  it.each([undefined, null, 5, "inputs"])("not %s instead of options", (options) => {
    expect(() => data.dataset(options as never)).toThrow(ArgumentError);
  });

  it("changes nothing of the caller's", () => {
    const given = { inputs: [3, 1, 2], inputShape: [1], targets: [2, 1, 0] };
    const { inputs: taken, targets } = data.dataset(given);
    taken.fill(9);
    targets.fill(9);
    expect(given).toEqual({ inputs: [3, 1, 2], inputShape: [1], targets: [2, 1, 0] });
  });
});

function sharedCopy(bytes: readonly number[]): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(bytes.length);
  new Uint8Array(buffer).set(bytes);
  return buffer;
}

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

  it.each([
    ["a set with another length", { ...set, length: 1000 }, "inputs must hold 2000 values for 1000 samples"],
    ["a set without a shape", { ...set, inputShape: undefined }, "inputShape must be an array of lengths"],
    ["inputs that it cannot read", { ...set, inputs: outOfBounds() }, "inputs must still have its memory"],
    [
      "numbers that dataset would convert",
      { ...set, inputs: new Float64Array(6) },
      "data.dataset converts other numbers",
    ],
    [
      "no set",
      undefined,
      "the data set must be a data set, got undefined; data.dataset({ inputs, inputShape, targets }) makes one",
    ],
  ])("refuses %s", (_, wrong, message) => {
    expect(() => data.slice(wrong as never, 0, 1)).toThrow(ArgumentError);
    expect(() => data.slice(wrong as never, 0, 1)).toThrow(message);
  });

  it("of a set of Node Buffers is a view too", () => {
    const buffers = { length: 2, inputs: Buffer.of(1, 2), inputShape: [1], targets: Buffer.of(0, 1), targetShape: [] };
    const last = data.slice(buffers, 1);
    buffers.inputs[1] = 7;
    expect(last.inputs).toEqual(Uint8Array.of(7));
  });
});
