import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import * as library from "../../src/index.js";
import { FormatError, WasmgradError } from "../../src/index.js";
import { fromRecord, reportException, textOf, toRecord } from "../../src/remote/errors.js";
import { anything, strangeThings } from "./strange.js";

const cloned = (error: unknown): Error => fromRecord(structuredClone(toRecord(error)));

describe("errors sent to another thread", () => {
  it("keep class, name, message, stack and causes", () => {
    const error = new FormatError("cut short", { cause: new RangeError("offset 9") });
    const copy = cloned(error);
    expect(copy).toBeInstanceOf(FormatError);
    expect(copy).toMatchObject({ name: "FormatError", message: "cut short", stack: error.stack });
    expect(copy.cause).toBeInstanceOf(RangeError);
    expect(copy.cause).toMatchObject({ message: "offset 9" });
    expect(cloned(new WasmgradError("base")).constructor).toBe(WasmgradError);
  });

  it("keep every class of the library's", () => {
    const isErrorClass = (value: unknown): value is typeof WasmgradError =>
      typeof value === "function" && (value === WasmgradError || value.prototype instanceof WasmgradError);
    const all = Object.values(library).filter(isErrorClass);
    expect(all.length).toBeGreaterThanOrEqual(8);
    for (const ErrorClass of all) {
      const copy = cloned(new ErrorClass("so it is"));
      expect(copy.constructor).toBe(ErrorClass);
      expect(copy).toMatchObject({ name: ErrorClass.name, message: "so it is" });
    }
  });

  it("come as Error with their name if their class is unknown, whatever they are called", () => {
    for (const name of ["DataError", "constructor", "toString", "__proto__"]) {
      const copy = cloned(Object.assign(new Error("theirs"), { name }));
      expect(copy.constructor).toBe(Error);
      expect(copy).toMatchObject({ name, message: "theirs" });
    }
    expect(cloned(404)).toMatchObject({ name: "Error", message: "404" });
  });

  it("end although causes go round in circles", () => {
    const error = new Error("first");
    error.cause = new Error("second", { cause: error });
    expect(cloned(error).cause).toMatchObject({ message: "second", cause: { message: "first" } });
  });

  it("keep the errors of an AggregateError", () => {
    const copy = cloned(new AggregateError([new TypeError("one"), "two"], "several", { cause: new Error("why") }));
    expect(copy).toBeInstanceOf(AggregateError);
    expect(copy).toMatchObject({ name: "AggregateError", message: "several", cause: { message: "why" } });
    const [one, two] = (copy as AggregateError).errors as Error[];
    expect(one).toBeInstanceOf(TypeError);
    expect([one?.message, two?.message]).toEqual(["one", "two"]);
  });

  it("are known by their message where their class is of another realm", () => {
    const foreign = { name: "TypeError", message: "elsewhere", stack: "at elsewhere" };
    expect(cloned(foreign)).toBeInstanceOf(TypeError);
    expect(cloned(foreign)).toMatchObject(foreign);
  });
});

/** Fails unless a value becomes a record that can be cloned, of bounded size, and an error again. */
function expectRecord(thrown: unknown): void {
  const record = structuredClone(toRecord(thrown));
  expect(JSON.stringify(record).length).toBeLessThan(1_000_000);
  expect(typeof record.name).toBe("string");
  expect(typeof record.message).toBe("string");
  const error = fromRecord(record);
  expect(error).toBeInstanceOf(Error);
  expect(error.message).toBe(record.message);
  expect(toRecord(error)).toMatchObject(record);
}

describe("toRecord, fromRecord and textOf", () => {
  it.each(Object.entries(strangeThings))("take %s", (_, make) => {
    expectRecord(make());
    expect(fromRecord(make())).toBeInstanceOf(Error);
    expect(fromRecord({ name: make(), message: make(), stack: make(), cause: make() })).toBeInstanceOf(Error);
    expect(textOf(make()).length).toBeLessThanOrEqual(10_000);
  });

  it("take anything", () => {
    fc.assert(
      fc.property(anything, (make) => {
        const value = make();
        expectRecord(value);
        expect(fromRecord(value)).toBeInstanceOf(Error);
        expect(typeof textOf(value)).toBe("string");
      }),
      { numRuns: 300 },
    );
  });

  it("take records whose causes go round in circles", () => {
    const record = { name: "Error", message: "round", cause: {}, errors: [{}] };
    record.cause = record;
    record.errors = Array.from({ length: 20 }, () => record);
    expect(fromRecord(record)).toMatchObject({ message: "round", cause: { message: "round" } });
  });

  it("say of long texts how much they leave out", () => {
    const { message } = toRecord(new Error("x".repeat(1_000_000)));
    expect(message).toMatch(/^x{9960}… \(990040 more characters\)$/);
  });

  it("say what was thrown that is no error", () => {
    const messages = ["a string", undefined, null, Symbol("a symbol"), { code: 1 }, [1, 2]].map(
      (thrown) => toRecord(thrown).message,
    );
    expect(messages).toEqual([
      "a string",
      "undefined",
      "null",
      "Symbol(a symbol)",
      "[object Object]",
      "[object Array]",
    ]);
  });
});

describe("reportException", () => {
  it("gives an exception to the host as uncaught", () => {
    const reported: unknown[] = [];
    vi.stubGlobal("reportError", (error: unknown) => reported.push(error));
    reportException("first");
    expect(reported).toEqual(["first"]);

    // In Node, which has no reportError, it becomes an uncaught exception.
    vi.stubGlobal("reportError", undefined);
    const thrown: (() => void)[] = [];
    vi.stubGlobal("queueMicrotask", (task: () => void) => thrown.push(task));
    reportException(new Error("second"));
    vi.unstubAllGlobals();
    expect(thrown).toHaveLength(1);
    expect(thrown[0]).toThrow("second");
  });
});
