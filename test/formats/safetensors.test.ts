import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, FormatError } from "../../src/engine/index.js";
import { parseSafetensors, serializeSafetensors } from "../../src/formats/safetensorsFile.js";
import { detached, inOtherRealm } from "../arrays.js";
import { expectIdentical } from "../expect.js";

const text = new TextEncoder();

/** A file with the header given as an object or text, and `dataBytes` bytes of data. */
function fileOf(header: unknown, dataBytes = 0): Uint8Array {
  const json = typeof header === "string" ? text.encode(header) : text.encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

const tensor = (begin: number, end: number, shape = [(end - begin) / 4]): unknown => ({
  dtype: "F32",
  shape,
  data_offsets: [begin, end],
});

describe("serializeSafetensors", () => {
  it("writes the header's length, the header padded to 8 bytes, and the data", () => {
    const bytes = serializeSafetensors(new Map([["a", { shape: [2, 1], data: Float32Array.of(1, -2) }]]), { k: "v" });
    const json = '{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}';
    const headerBytes = Math.ceil(json.length / 8) * 8;
    expect(bytes.length).toBe(8 + headerBytes + 8);
    expect([...bytes.subarray(0, 8)]).toEqual([headerBytes, 0, 0, 0, 0, 0, 0, 0]);
    expect(new TextDecoder().decode(bytes.subarray(8, 8 + headerBytes))).toBe(json.padEnd(headerBytes));
    expect([...bytes.subarray(-8)]).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
  });

  it("keeps the order of the tensors, even of those with names like integers", () => {
    const one = { shape: [1], data: Float32Array.of(1) };
    const names = ["10", "b", "2", "a", "__proto__"];
    const bytes = serializeSafetensors(new Map(names.map((name) => [name, one])));
    const header = new TextDecoder().decode(bytes.subarray(8));
    const positions = names.map((name) => header.indexOf(`"${name}"`));
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    expect(parseSafetensors(bytes, "f").tensors.size).toBe(5);
  });

  it("rejects a shape that the data does not have, and the reserved name", () => {
    const data = new Float32Array(5);
    expect(() => serializeSafetensors(new Map([["w", { shape: [2, 3], data }]]))).toThrow(
      new ArgumentError("tensor w: shape [2, 3] wants 6 values, got 5"),
    );
    expect(() => serializeSafetensors(new Map([["__metadata__", { shape: [5], data }]]))).toThrow(ArgumentError);
  });
});

describe("parseSafetensors", () => {
  it("gives back, bit for bit, what was serialized", () => {
    const shapeAndSeed = fc.record({
      shape: fc.array(fc.nat(4), { maxLength: 4 }),
      values: fc.array(fc.float(), { minLength: 256, maxLength: 256 }),
    });
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().filter((name) => name !== "__metadata__"),
          shapeAndSeed,
        ),
        fc.dictionary(fc.string(), fc.string()),
        (contents, metadata) => {
          const tensors = new Map(
            Object.entries(contents).map(([name, { shape, values }]) => {
              const size = shape.reduce((product, length) => product * length, 1);
              return [name, { shape, data: Float32Array.from(values.slice(0, size)) }];
            }),
          );
          const parsed = parseSafetensors(serializeSafetensors(tensors, metadata), "f");
          expect(parsed.metadata).toEqual(new Map(Object.entries(metadata)));
          expect([...parsed.tensors.keys()].toSorted()).toEqual([...tensors.keys()].toSorted());
          for (const [name, { shape, data }] of tensors) {
            expect(parsed.tensors.get(name)!.shape).toEqual(shape);
            expectIdentical(parsed.tensors.get(name)!.data, data);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it("reads data in any order, scalars, empty tensors, an unpadded header and a view into a larger buffer", () => {
    const file = fileOf({ b: tensor(4, 12), a: tensor(0, 4, []), none: tensor(4, 4, [3, 0]), end: tensor(12, 12) }, 12);
    expect(file.length % 4).not.toBe(0);
    file.set(new Uint8Array(Float32Array.of(1, 2, 3).buffer), file.length - 12);
    const larger = new Uint8Array(file.length + 3);
    larger.set(file, 1);
    const { tensors, metadata } = parseSafetensors(larger.subarray(1, 1 + file.length), "f");
    expect(tensors.get("a")).toEqual({ shape: [], data: Float32Array.of(1) });
    expect(tensors.get("b")).toEqual({ shape: [2], data: Float32Array.of(2, 3) });
    expect(tensors.get("none")).toEqual({ shape: [3, 0], data: new Float32Array() });
    expect(metadata).toEqual(new Map());
  });

  it("reads a file without tensors", () => {
    expect(parseSafetensors(serializeSafetensors(new Map()), "f").tensors.size).toBe(0);
  });

  const wrongLength = (length: bigint): Uint8Array => {
    const bytes = fileOf({});
    new DataView(bytes.buffer).setBigUint64(0, length, true);
    return bytes;
  };
  it.each([
    ["an empty file", new Uint8Array(), "found 0 bytes"],
    ["a length that is cut short", new Uint8Array(7), "found 7 bytes"],
    ["a header above 100 MB", wrongLength(100_000_001n), "at most 100000000 bytes, found the length 100000001"],
    ["a header beyond 2^53 bytes", wrongLength(2n ** 64n - 1n), "found the length 18446744073709551615"],
    ["a header that is cut short", wrongLength(3n), "a header of 3 bytes, but the file ends after 2"],
    ["an empty header", fileOf(""), "found an empty header"],
    ["a header that is not UTF-8", Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0xff), "in UTF-8"],
    ["a header that does not start with {", fileOf(" {}"), 'starts with "{", found " {}"'],
    ["an array as header", fileOf([]), 'starts with "{"'],
    ["a header that is not JSON", fileOf('{"a":}'), "a header in JSON"],
    ["two tensors of one name", fileOf(`{"a":${JSON.stringify(tensor(0, 0))},"\\u0061":1}`), 'found "a" twice'],
    ["a key twice in a tensor", fileOf('{"a":{"dtype":"I8","dtype":"F32"}}'), 'found "dtype" twice'],
    ["a key twice in the metadata", fileOf('{"__metadata__":{"k":"1","k":"2"}}'), 'found "k" twice'],
    ["metadata that is no object", fileOf({ __metadata__: ["a"] }), 'to be an object, found ["a"]'],
    ["metadata of other than strings", fileOf({ __metadata__: { epoch: 3 } }), 'found 3 under "epoch"'],
    ["a tensor that is no object", fileOf({ a: 5 }), "expected an object, found 5"],
    ["no dtype", fileOf({ a: { shape: [0], data_offsets: [0, 0] } }), 'expected dtype "F32"'],
    ["another dtype", fileOf({ a: { dtype: "F16", shape: [2], data_offsets: [0, 4] } }, 4), 'found "F16"'],
    ["no shape", fileOf({ a: { dtype: "F32", data_offsets: [0, 0] } }), "expected a shape"],
    ["a negative length", fileOf({ a: tensor(0, 4, [-1]) }, 4), "a shape of non-negative integers, found [-1]"],
    ["a fractional length", fileOf({ a: tensor(0, 4, [1.5]) }, 4), "a shape of non-negative integers, found [1.5]"],
    ["a length beyond 2^53", fileOf({ a: tensor(0, 4, [2 ** 60]) }, 4), "a shape of non-negative integers"],
    ["a shape that overflows", fileOf({ a: tensor(0, 4, [2 ** 40, 2 ** 40]) }, 4), "for the shape"],
    ["no offsets", fileOf({ a: { dtype: "F32", shape: [0] } }), "data_offsets of two"],
    ["three offsets", fileOf({ a: { dtype: "F32", shape: [0], data_offsets: [0, 0, 0] } }), "data_offsets of two"],
    ["a negative offset", fileOf({ a: tensor(-4, 0) }), "data_offsets of two non-negative integers, found [-4,0]"],
    ["offsets that descend", fileOf({ a: tensor(4, 0, [1]) }, 4), "that do not descend, found [4,0]"],
    ["offsets beyond the data", fileOf({ a: tensor(0, 8) }, 4), "within the 4 bytes of data, found [0,8]"],
    ["a misaligned tensor", fileOf({ a: tensor(2, 6) }, 6), "data aligned to 4 bytes, found [2,6]"],
    [
      "a shape that is too large for its bytes",
      fileOf({ a: tensor(0, 4, [2]) }, 4),
      "expected 8 bytes for the shape [2]",
    ],
    [
      "a shape that is too small for its bytes",
      fileOf({ a: tensor(0, 8, []) }, 8),
      "expected 4 bytes for the shape []",
    ],
    [
      "an unknown key",
      fileOf({ a: { ...(tensor(0, 0) as object), scale: 2 } }),
      'only dtype, shape and data_offsets, found ["scale"]',
    ],
    ["tensors that overlap", fileOf({ a: tensor(0, 8), b: tensor(4, 12) }, 12), 'tensors "a" and "b" overlap'],
    ["a tensor twice in the data", fileOf({ a: tensor(0, 4), b: tensor(0, 4) }, 4), 'tensors "a" and "b" overlap'],
    ["a gap at the start", fileOf({ a: tensor(4, 8) }, 8), 'tensor "a" at byte 0 of the data, found 4'],
    [
      "a gap between tensors",
      fileOf({ a: tensor(0, 4), b: tensor(8, 12) }, 12),
      'tensor "b" at byte 4 of the data, found 8',
    ],
    ["bytes behind the tensors", fileOf({ a: tensor(0, 4) }, 5), "to end with its tensors, found 1 bytes after them"],
  ])("rejects %s, naming the file", (_, bytes, message) => {
    const parse = (): unknown => parseSafetensors(bytes, "model.safetensors");
    expect(parse).toThrow(FormatError);
    expect(parse).toThrow("model.safetensors: ");
    expect(parse).toThrow(message);
  });

  it("rejects every proper prefix of a file", () => {
    const bytes = serializeSafetensors(new Map([["w", { shape: [3], data: Float32Array.of(1, 2, 3) }]]), { a: "b" });
    for (let length = 0; length < bytes.length; length++) {
      expect(() => parseSafetensors(bytes.subarray(0, length), "f")).toThrow(FormatError);
    }
  });

  it.each([
    ["6,000 open brackets", '{"a":' + "[".repeat(6000)],
    ["6,000 open brackets where a dtype belongs", '{"a":{"dtype":' + "[".repeat(6000)],
    ["6,000 open braces", '{"a":'.repeat(6000)],
    ["6,000 nested arrays", `{"a":{"shape":${"[".repeat(6000)}${"]".repeat(6000)}}}`],
    ["6,000 nested objects in the metadata", `{"__metadata__":${'{"a":'.repeat(6000)}1${"}".repeat(6000)}}`],
    ["a name without end", `{"${"x".repeat(1e6)}`],
    ["a name of a million letters", `{"${"x".repeat(1e6)}":1}`],
    [
      "a name twice, of a million letters",
      `{${`"${"x".repeat(1e6)}":${JSON.stringify(tensor(0, 0))}`.repeat(2).replace('}"', '},"')}}`,
    ],
    [
      "a dtype of a million letters",
      JSON.stringify({ a: { dtype: "x".repeat(1e6), shape: [0], data_offsets: [0, 0] } }),
    ],
    ["a shape of a million lengths", JSON.stringify({ a: tensor(0, 4, Array<number>(1e6).fill(1)) })],
    ["a shape of 60 lengths that does not fit", JSON.stringify({ a: tensor(0, 4, Array<number>(60).fill(9)) })],
    ["a length of a million digits", `{"a":{"shape":[${"1".repeat(1e6)}]}}`],
    ["an unknown key of a million letters", JSON.stringify({ a: { ["x".repeat(1e6)]: 1 } })],
    ["metadata of a million letters that is no text", `{"__metadata__":{"a":[${'"x",'.repeat(1e6)}1]}}`],
    ["a million backslashes", `{"${"\\".repeat(1e6)}`],
    ["a header that ends early", '{"a":{"dtype":"F32"'],
    ["text behind the header", "{} {}"],
    ["a comma before the end", `{"a":${JSON.stringify(tensor(0, 0))},}`],
    ["numbers that are not JSON", '{"a":{"dtype":"F32","shape":[01],"data_offsets":[0,4]}}'],
    ["a key that is no text", "{1:2}"],
    ["a letter that JSON escapes", '{"a\nb":{}}'],
  ])("rejects %s in a short message", (_, header) => {
    const parse = (): unknown => parseSafetensors(fileOf(header, 4), "model.safetensors");
    expect(parse).toThrow(FormatError);
    expect(parse).toThrow(/^model\.safetensors: .{1,400}$/s);
  });

  it("takes names and metadata that mean something to objects for what they are: names", () => {
    const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "1", "0"];
    const one = { shape: [1], data: Float32Array.of(1) };
    const bytes = serializeSafetensors(
      new Map(names.map((name) => [name, one])),
      Object.fromEntries([["__proto__", "x"]]),
    );
    const { tensors, metadata } = parseSafetensors(bytes, "f");
    expect([...tensors.keys()]).toEqual(names);
    expect(tensors.get("__proto__")).toEqual(one);
    expect([...metadata]).toEqual([["__proto__", "x"]]);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
    expect("x" in {}).toBe(false);
  });

  it("reads white space, escapes and numbers as JSON has them", () => {
    const header =
      '{ "\\u0061\\"\\\\" :\n\t{"data_offsets":[0,\r4e0],"shape":[ 1.0 ],"dtype":"F\\u00332" } , "b":' +
      '{"dtype":"F32","shape":[],"data_offsets":[4,8]} }  ';
    const { tensors } = parseSafetensors(fileOf(header, 8), "f");
    expect([...tensors.keys()]).toEqual(['a"\\', "b"]);
  });

  it("takes bytes in whatever holds them, and numbers of any type, and leaves both as they were", () => {
    const data = [1, 2, 3];
    const values = [data, Int8Array.from(data), Float64Array.from(data), inOtherRealm(() => Float32Array.of(1, 2, 3))];
    for (const value of values) {
      const bytes = serializeSafetensors(new Map([["w", { shape: [3], data: value }]]));
      const padded = Buffer.concat([Buffer.of(9), bytes]);
      const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
      shared.set(bytes);
      for (const file of [bytes, padded.subarray(1), bytes.buffer, shared, shared.buffer, new DataView(bytes.buffer)]) {
        const { tensors } = parseSafetensors(file, "f");
        expect(tensors.get("w")!.data).toEqual(Float32Array.from(data));
        tensors.get("w")!.data.fill(0);
      }
      expect(padded.subarray(1).equals(bytes)).toBe(true);
    }
    expect(() => serializeSafetensors(new Map([["w", { shape: [2], data: [1, "2"] as never }]]))).toThrow(
      ArgumentError,
    );
    expect(() => parseSafetensors(detached(new Uint8Array(9)), "f")).toThrow("f must still have its memory");
  });
});
