import { describe as group, expect, it } from "vitest";
import { ArgumentError, floatsOf, integersOf, samplesOf, takeFloats } from "../../src/engine/index.js";
import { detached, inOtherRealm, outOfBounds } from "../arrays.js";

/** Values that are 1, 2, 3 by number. */
const ones = [
  ["an array", [1, 2, 3]],
  ["an array of another realm", inOtherRealm(() => [1, 2, 3])],
  ["an Int8Array", Int8Array.of(1, 2, 3)],
  ["an Int16Array with an offset", Int16Array.of(0, 1, 2, 3).subarray(1)],
  ["a Uint16Array", Uint16Array.of(1, 2, 3)],
  ["an Int32Array", Int32Array.of(1, 2, 3)],
  ["a Uint32Array", Uint32Array.of(1, 2, 3)],
  ["a Float64Array", Float64Array.of(1, 2, 3)],
  ["a Float32Array", Float32Array.of(1, 2, 3)],
  ["a Float32Array of another realm", inOtherRealm(() => Float32Array.of(0, 1, 2, 3).subarray(1))],
] as const;
const bytes = [
  ["a Uint8Array", Uint8Array.of(1, 2, 3)],
  ["a Uint8ClampedArray", Uint8ClampedArray.of(1, 2, 3)],
  ["a Node Buffer", Buffer.from([0, 1, 2, 3]).subarray(1)],
  ["a Uint8Array of another realm", inOtherRealm(() => Uint8Array.of(1, 2, 3))],
] as const;

const refused: readonly (readonly [string, unknown, string])[] = [
  ["bigints", BigInt64Array.of(1n), "must hold numbers, got bigints in a BigInt64Array; write Float32Array.from"],
  ["a bigint", [1n], "got the bigint 1 at [0]"],
  ["a string", "123", 'got "123"'],
  ["a string among numbers", [1, "2"], 'got "2" at [1]'],
  ["a long string", ["x".repeat(1e6)], `got "${"x".repeat(40)}…" at [0]`],
  ["null", [1, null], "got null at [1]"],
  ["a hole", Object.assign([1], { length: 2 }), "got undefined at [1]"],
  ["a boolean", [true], "got true at [0]"],
  ["an object", { length: 3, 0: 1, 1: 2, 2: 3 }, "got an object of class Object"],
  ["a set", new Set([1]), "got an object of class Set"],
  ["undefined", undefined, "got undefined"],
  ["a buffer that does not say what it holds", new ArrayBuffer(4), "class ArrayBuffer"],
  ["a DataView", new DataView(new ArrayBuffer(4)), "class DataView"],
  ["a detached array", detached(Float32Array.of(1)), "must still have its memory"],
  ["a view that its buffer no longer holds", outOfBounds(), "must still have its memory"],
  ["a detached row", [detached(Float32Array.of(1))], "must still have its memory"],
];

group.each([
  ["floatsOf", (value: unknown) => floatsOf(value as never, "the data")],
  ["integersOf", (value: unknown) => integersOf(value as never, "the data")],
  ["samplesOf", (value: unknown) => samplesOf(value as never, "the data").data],
] as const)("%s", (_, take) => {
  it.each(ones)("takes the numbers of %s", (__, value) => {
    expect([...take(value)]).toEqual([1, 2, 3]);
  });

  it.each(bytes)("takes the bytes of %s, as a plain array", (__, value) => {
    expect([...take(value)]).toEqual([1, 2, 3]);
    expect(Object.getPrototypeOf(Object.getPrototypeOf(take(value)))).toBe(Object.getPrototypeOf(Uint8Array.prototype));
  });

  it.each(refused)("refuses %s", (__, value, message) => {
    expect(() => take(value)).toThrow(ArgumentError);
    expect(() => take(value)).toThrow(message);
    expect(() => take(value)).toThrow(/^the data must/);
  });

  it("takes nothing from an empty array, and leaves what it is given as it was", () => {
    expect(take([]).length).toBe(0);
    const value = [3, 1, 2];
    take(value).fill(0);
    expect(value).toEqual([3, 1, 2]);
  });
});

group("floatsOf", () => {
  it("keeps the memory of float32 numbers, and copies others", () => {
    const floats = Float32Array.of(9, 1, 2);
    expect(floatsOf(floats.subarray(1), "the data")).toEqual(Float32Array.of(1, 2));
    expect(floatsOf(floats, "the data").buffer).toBe(floats.buffer);
    const foreign = inOtherRealm(() => Float32Array.of(1));
    expect(floatsOf(foreign, "the data").buffer).toBe(foreign.buffer);
    expect(floatsOf(foreign, "the data")).toBeInstanceOf(Float32Array);
  });

  it("rounds to float32, keeps NaN and infinities, and refuses what would become infinite", () => {
    const largest = 3.4028234663852886e38;
    const numbers = [0.1, NaN, -Infinity, largest, -0, 1e-50];
    for (const value of [numbers, Float64Array.from(numbers)]) {
      expect(floatsOf(value, "the data")).toEqual(Float32Array.of(0.1, NaN, -Infinity, largest, -0, 0));
    }
    for (const value of [[0, -3.5e38], Float64Array.of(0, -3.5e38)]) {
      expect(() => floatsOf(value, "the data")).toThrow(
        new ArgumentError("the data must be numbers that a float32 can hold, got -3.5e+38 at [1]"),
      );
    }
    // Where rounding turns to infinity, half a unit above the largest.
    const limit = 2 ** 128 - 2 ** 103;
    expect(Math.fround(limit)).toBe(Infinity);
    expect(() => floatsOf([limit], "the data")).toThrow("got 3.4028235677973366e+38 at [0]");
    expect(floatsOf([limit - 2 ** 80], "the data")[0]).toBe(Math.fround(largest));
  });

  it("believes the memory, not a property that says otherwise", () => {
    const lying = Object.defineProperty(Float32Array.of(1, 2), "length", { value: 1000 });
    expect(floatsOf(lying, "the data").length).toBe(2);
  });
});

group("nested arrays", () => {
  it.each([
    [
      "of numbers",
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      [2, 3],
    ],
    ["of typed rows", [Float64Array.of(1, 2, 3), Int8Array.of(4, 5, 6)], [2, 3]],
    ["three deep", [[[1, 2]], [[3, 4]], [[5, 6]]], [3, 1, 2]],
    ["of one column", [[1], [2], [3], [4], [5], [6]], [6, 1]],
    [
      "of another realm",
      inOtherRealm(() => [
        [1, 2, 3],
        [4, 5, 6],
      ]),
      [2, 3],
    ],
  ])("%s are taken row by row, with their shape", (_, value, shape) => {
    const numbers = Float32Array.of(1, 2, 3, 4, 5, 6);
    expect(takeFloats(value, "the data")).toEqual({ data: numbers, shape });
    expect(samplesOf(value, "the data")).toEqual({ data: numbers, shape });
  });

  it("that are flat say nothing of a shape, nor do typed arrays", () => {
    for (const value of [[1, 2], Float64Array.of(1, 2), Float32Array.of(1, 2)]) {
      expect(takeFloats(value, "the data")).toEqual({ data: Float32Array.of(1, 2), shape: undefined });
    }
  });

  it("of bytes stay bytes where samples are meant, and are numbers elsewhere", () => {
    const rows = [Uint8Array.of(1, 2), Buffer.from([3, 4]), Uint8ClampedArray.of(5, 6)];
    expect(samplesOf(rows, "the data")).toEqual({ data: Uint8Array.of(1, 2, 3, 4, 5, 6), shape: [3, 2] });
    expect(floatsOf(rows, "the data")).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
    for (const mixed of [
      [rows[0]!, [1, 2]],
      [[1, 2], rows[0]!],
      [rows[0]!, Float32Array.of(1, 2)],
    ]) {
      expect(() => samplesOf(mixed, "the data")).toThrow(/must be rows of one type, got [\w ]+ at \[\d\]/);
    }
  });

  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  let deep: unknown = 1;
  for (let depth = 0; depth < 10_000; depth++) deep = [deep];
  let large: unknown = new Float32Array(2 ** 16);
  for (let depth = 0; depth < 20; depth++) large = Array(16).fill(large);
  it.each([
    ["of other lengths", [[1, 2], [3]], "must be nested regularly, got 1 numbers or rows at [1] where others have 2"],
    ["that begin empty", [[], [1]], "got 1 numbers or rows at [1] where others have 0"],
    ["beside numbers", [[1, 2], 3], "got 3 at [1]"],
    ["behind numbers", [1, [2]], "got an array of 1 at [1]"],
    ["of other depths", [[[1]], [Float32Array.of(1)]], undefined],
    ["with typed rows too early", [[[1]], Float32Array.of(1)], "must be nested regularly"],
    [
      "that hold other than numbers",
      [
        [1, 2],
        [3, "4"],
      ],
      'got "4" at [1][1]',
    ],
    ["of numbers that are too large", [[1], [1e39]], "got 1e+39 at [1][0]"],
    ["that contain themselves", cyclic, "nested more than 32 deep"],
    ["nested without end", deep, "nested more than 32 deep"],
    ["that share rows to an unholdable size", large, "no memory for"],
  ])("%s: taken or refused, with the place", (_, value, message) => {
    const take = (): unknown => takeFloats(value as never, "the data");
    if (message === undefined) expect(take).not.toThrow();
    else expect(take).toThrow(message);
  });
});

group("integersOf", () => {
  it("keeps the memory of int32 numbers and bytes", () => {
    const integers = Int32Array.of(-1, 2);
    expect(integersOf(integers, "the data").buffer).toBe(integers.buffer);
    const pixels = Uint8ClampedArray.of(1, 255);
    expect(integersOf(pixels, "the data")).toEqual(Uint8Array.of(1, 255));
    expect(integersOf(pixels, "the data").buffer).toBe(pixels.buffer);
  });

  it.each([
    ["a fraction", [0, 1.5], "whole numbers that an int32 can hold, got 1.5 at [1]"],
    ["NaN", Float32Array.of(NaN), "got NaN at [0]"],
    ["infinity", [Infinity], "got Infinity at [0]"],
    ["more than an int32", Uint32Array.of(0, 2 ** 31), "got 2147483648 at [1]"],
    ["less than an int32", [-(2 ** 31) - 1], "got -2147483649 at [0]"],
    ["nested arrays", [[1], [2]], "one row of whole numbers, got arrays nested as [2, 1]"],
  ])("refuses %s", (_, value, message) => {
    expect(() => integersOf(value, "the data")).toThrow(ArgumentError);
    expect(() => integersOf(value, "the data")).toThrow(message);
  });

  it("takes the whole range of int32", () => {
    for (const value of [[-(2 ** 31), 2 ** 31 - 1], Float64Array.of(-(2 ** 31), 2 ** 31 - 1)]) {
      expect(integersOf(value, "the data")).toEqual(Int32Array.of(-(2 ** 31), 2 ** 31 - 1));
    }
  });
});
