import { describe, expect, it } from "vitest";
import { excerpt, excerptOfShape } from "../../src/engine/index.js";

describe("excerpt", () => {
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

describe("excerptOfShape", () => {
  it("shows at most eight dimensions", () => {
    expect(excerptOfShape([])).toBe("[]");
    expect(excerptOfShape([2, 3])).toBe("[2, 3]");
    expect(excerptOfShape(Array<number>(255).fill(4))).toBe("[4, 4, 4, 4, 4, 4, 4, 4, … 255 dimensions]");
  });
});
