import { describe as group, expect, it } from "vitest";
import { describe, excerpt, excerptOfShape } from "../../src/engine/index.js";

group("describe", () => {
  it("names the class or type", () => {
    class Tensor {
      readonly shape = [];
    }
    const values = [1, "a", null, undefined, [], new Tensor(), new Float32Array(), (): void => undefined];
    expect(values.map(describe)).toEqual([
      ..."number string null undefined Array Tensor Float32Array function".split(" "),
    ]);
  });

  it("says nothing long or wrong of objects whose class does", () => {
    const long = { constructor: { name: "x".repeat(1000) } };
    expect(describe(long).length).toBe(40);
    expect(describe({ constructor: { name: 5 } })).toBe("object");
    expect(describe({ constructor: null })).toBe("object");
  });
});

group("excerpt", () => {
  it.each([["a\n"], [5], [null], [[1, [2, "3"], {}]], [{ a: { b: [true] }, '"': 1 }]])(
    "is the JSON of %j, which is short",
    (value) => expect(excerpt(value)).toBe(JSON.stringify(value)),
  );

  it.each([
    ["long text", "x".repeat(1e6)],
    ["a long array", Array(1e6).fill(7)],
    ["an object with a long key", { ["k".repeat(1e6)]: 1 }],
    ["many members", Object.fromEntries(Array.from({ length: 1e4 }, (_, i) => [`k${i}`, i]))],
    ["deep nesting", Array.from({ length: 1e5 }).reduce<unknown>((inner) => [inner], 1)],
    ["characters that JSON makes long", "\u0000".repeat(100)],
  ])("is cut of %s", (_, value) => {
    expect(excerpt(value).length).toBe(81);
    expect(excerpt(value).endsWith("…")).toBe(true);
    expect(excerpt(value, 10).length).toBe(11);
  });
});

group("excerptOfShape", () => {
  it("shows at most eight dimensions", () => {
    expect(excerptOfShape([])).toBe("[]");
    expect(excerptOfShape([2, 3])).toBe("[2, 3]");
    expect(excerptOfShape(Array<number>(255).fill(4))).toBe("[4, 4, 4, 4, 4, 4, 4, 4, … 255 dimensions]");
  });
});
