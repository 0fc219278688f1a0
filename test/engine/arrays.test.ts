import { describe as group, expect, it } from "vitest";
import { ArgumentError, bytesOf, typedArrayKind } from "../../src/engine/index.js";
import { detached, inOtherRealm, outOfBounds } from "../arrays.js";

const given = Uint8Array.of(9, 1, 2, 3, 4, 9);

group("bytesOf", () => {
  it.each([
    ["a Uint8Array", given.subarray(1, 5)],
    ["a Node Buffer", Buffer.from(given.buffer, 1, 4)],
    ["a Uint8ClampedArray", new Uint8ClampedArray(given.buffer, 1, 4)],
    ["a DataView", new DataView(given.buffer, 1, 4)],
    ["an ArrayBuffer", given.slice(1, 5).buffer],
    ["a SharedArrayBuffer", shared(1, 2, 3, 4)],
    ["a view of shared memory", new Uint8Array(shared(9, 1, 2, 3, 4), 1)],
    ["wider numbers", new Int16Array(given.slice(1, 5).buffer)],
    ["bigints", BigInt64Array.of(0x04030201n)],
    ["a Uint8Array of another realm", inOtherRealm(() => Uint8Array.of(9, 1, 2, 3, 4).subarray(1))],
    ["a DataView of another realm", inOtherRealm(() => new DataView(Uint8Array.of(9, 1, 2, 3, 4).buffer, 1))],
    ["an ArrayBuffer of another realm", inOtherRealm(() => Uint8Array.of(1, 2, 3, 4).buffer)],
  ])("gives those of %s, as a plain view of the same memory", (_, value) => {
    const bytes = bytesOf(value, "the file");
    expect([...bytes].slice(0, 4)).toEqual([1, 2, 3, 4]);
    expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
    expect(bytes.buffer).toBe(ArrayBuffer.isView(value) ? value.buffer : value);
    expect(bytes.slice().buffer).not.toBe(bytes.buffer);
  });

  it("believes the memory, not a property that says otherwise", () => {
    const lying = Uint8Array.of(1, 2);
    Object.defineProperties(lying, { length: { value: 9 }, byteLength: { value: 9 }, byteOffset: { value: 1 } });
    expect(bytesOf(lying, "the file")).toEqual(Uint8Array.of(1, 2));
  });

  it.each([
    ["a detached Uint8Array", detached(Uint8Array.of(1))],
    ["a detached DataView", detached(new DataView(new ArrayBuffer(1)))],
    ["a detached ArrayBuffer", detached(Uint8Array.of(1)).buffer],
    ["a view that its buffer no longer holds", outOfBounds()],
  ])("refuses %s", (_, value) => {
    expect(() => bytesOf(value, "the file")).toThrow(ArgumentError);
    expect(() => bytesOf(value, "the file")).toThrow("the file must still have its memory");
  });

  it.each([
    ["an array", [1, 2], "an array of 2"],
    ["text", "bytes", '"bytes"'],
    ["null", null, "null"],
    ["undefined", undefined, "undefined"],
    ["what looks like bytes", { byteLength: 4 }, "an object of class Object"],
    ["what inherits from bytes", Object.create(Uint8Array.prototype), "an object of class Uint8Array"],
    ["an object without a class", Object.create(null), "an object of class unknown"],
    ["a promise of bytes", Promise.resolve(given), "an object of class Promise"],
    [
      "an object that throws when it is asked",
      new Proxy({}, { get: (): never => expect.fail("asked") }),
      "an object of class unknown",
    ],
  ])("refuses %s", (_, value: unknown, found) => {
    const take = (): unknown => bytesOf(value as never, "the file");
    expect(take).toThrow(ArgumentError);
    expect(take).toThrow(`the file must be bytes: a Uint8Array or another view, or an ArrayBuffer; got ${found}`);
  });
});

group("typedArrayKind", () => {
  it("tells typed arrays by what they are", () => {
    expect(typedArrayKind(Buffer.alloc(1))).toBe("Uint8Array");
    expect(typedArrayKind(inOtherRealm(() => new Float32Array(1)))).toBe("Float32Array");
    for (const value of [new DataView(new ArrayBuffer(1)), { [Symbol.toStringTag]: "Uint8Array" }, [1], undefined]) {
      expect(typedArrayKind(value)).toBeUndefined();
    }
  });
});

function shared(...bytes: number[]): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(bytes.length);
  new Uint8Array(buffer).set(bytes);
  return buffer;
}
