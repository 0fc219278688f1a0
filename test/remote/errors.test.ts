import { describe, expect, it } from "vitest";
import { FormatError, WasmgradError } from "../../src/index.js";
import { fromRecord, toRecord } from "../../src/remote/errors.js";

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
});
