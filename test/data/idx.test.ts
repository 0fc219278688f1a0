import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parseIdx, readIdx } from "../../src/data/index.js";
import { ArgumentError, bytesOf, FormatError } from "../../src/engine/index.js";
import { detached, inOtherRealm } from "../arrays.js";
import { idxOfBytes, temporaryFolder } from "./idx.js";

const small = idxOfBytes([2, 3], [1, 2, 3, 4, 5, 255]);

function changed(change: (bytes: Uint8Array) => void): Uint8Array {
  const bytes = small.slice();
  change(bytes);
  return bytes;
}

describe("parseIdx", () => {
  it("reads unsigned bytes with their shape", () => {
    expect(parseIdx(small, "f")).toEqual({ shape: [2, 3], data: Uint8Array.of(1, 2, 3, 4, 5, 255) });
  });

  it.each([
    [0x09, [0xff], Int8Array.of(-1)],
    [0x0b, [0xff, 0xfe, 0x01, 0x02], Int16Array.of(-2, 258)],
    [0x0c, [0x01, 0x02, 0x03, 0x04, 0xff, 0xff, 0xff, 0xff], Int32Array.of(0x01020304, -1)],
    [0x0d, [0x3f, 0x80, 0, 0, 0xc0, 0x20, 0, 0], Float32Array.of(1, -2.5)],
    [0x0e, [0x3f, 0xf0, 0, 0, 0, 0, 0, 0], Float64Array.of(1)],
  ])("reads big-endian elements of type %i", (type, bytes, expected) => {
    const file = Uint8Array.of(0, 0, type, 1, 0, 0, 0, expected.length, ...bytes);
    expect(parseIdx(file, "f")).toEqual({ shape: [expected.length], data: expected });
  });

  it("reads an array without elements, and a view into a larger buffer", () => {
    expect(parseIdx(idxOfBytes([0, 5], []), "f")).toEqual({ shape: [0, 5], data: new Uint8Array() });
    const larger = Uint8Array.of(9, 9, 9, ...small, 9);
    expect(parseIdx(larger.subarray(3, 3 + small.length), "f")).toEqual(parseIdx(small, "f"));
  });

  it.each([
    ["an empty file", new Uint8Array(), "found nothing"],
    ["a file of another kind", changed((bytes) => bytes.set([0x89, 0x50])), "starts with 00 00"],
    ["an unknown element type", changed((bytes) => bytes.set([0x0a], 2)), "found 00 00 0a 02"],
    ["no dimensions", changed((bytes) => bytes.set([0], 3)), "found 00 00 08 00"],
    ["lengths that are cut short", small.subarray(0, 11), "in the first 12 bytes, found the end of the file after 11"],
    [
      "elements that are cut short",
      small.subarray(0, -1),
      "expected 6 bytes for the shape [2, 3], found 5: the file is cut",
    ],
    [
      "bytes behind the array",
      Uint8Array.of(...small, 0),
      "expected 6 bytes for the shape [2, 3], found 7: bytes follow",
    ],
    ["a length that is too large", changed((bytes) => bytes.set([0xff], 4)), "found 6: the file is cut short"],
  ])("rejects %s, naming the file", (_, bytes, message) => {
    const parse = (): unknown => parseIdx(bytes, "digits.idx");
    expect(parse).toThrow(FormatError);
    expect(parse).toThrow("digits.idx: expected");
    expect(parse).toThrow(message);
  });

  it.each([
    ["Buffer", Buffer.concat([Buffer.of(9), small, Buffer.of(9)]).subarray(1, -1)],
    ["ArrayBuffer", small.slice().buffer],
    ["SharedArrayBuffer", new Uint8Array(new SharedArrayBuffer(small.length)).fill(0).buffer],
    ["DataView", new DataView(small.slice().buffer)],
    ["Uint8ClampedArray", new Uint8ClampedArray(small)],
    ["Uint8Array of another realm", inOtherRealm(() => new Uint8Array(18))],
  ])("copies out of a %s, which stays as it was", (_, given) => {
    const bytes = bytesOf(given, "the test");
    bytes.set(small);
    const { data } = parseIdx(given, "f");
    expect(data).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 255));
    data.fill(0);
    expect(bytes).toEqual(small);
  });

  it("does not turn the bytes of a Buffer's wider elements round", () => {
    const file = Buffer.from([0, 0, 0x0d, 1, 0, 0, 0, 2, 0x3f, 0x80, 0, 0, 0xc0, 0x20, 0, 0]);
    const before = Buffer.from(file);
    expect(parseIdx(file, "f").data).toEqual(Float32Array.of(1, -2.5));
    expect(file.equals(before)).toBe(true);
  });

  it("refuses what holds no bytes", () => {
    for (const wrong of ["path", undefined, [0, 0, 8, 1], detached(small.slice())]) {
      expect(() => parseIdx(wrong as never, "digits.idx")).toThrow(ArgumentError);
      expect(() => parseIdx(wrong as never, "digits.idx")).toThrow("digits.idx must");
    }
  });

  const largest = 2 ** 32 - 1;
  it.each([
    ["beyond 2^53", [largest, largest, largest]],
    ["that wraps 2^64 to its size", [2 ** 31, 2 ** 31, 4, 1]],
    ["beyond the largest number", Array<number>(255).fill(largest)],
  ])("rejects a size %s, shortly", (_, shape) => {
    const parse = (): unknown => parseIdx(idxOfBytes(shape, []), "digits.idx");
    expect(parse).toThrow(FormatError);
    expect(parse).toThrow(/^digits\.idx: expected (?:[\d.e+]+|Infinity) bytes for the shape .{1,200}found 0/);
  });

  it("reads an empty array whose other lengths are beyond any number", () => {
    const shape = [...Array<number>(254).fill(largest), 0];
    expect(parseIdx(idxOfBytes(shape, []), "f")).toEqual({ shape, data: new Uint8Array() });
  });

  it("rejects every proper prefix of a file", () => {
    for (let length = 0; length < small.length; length++) {
      expect(() => parseIdx(small.subarray(0, length), "f")).toThrow(FormatError);
    }
  });
});

describe("readIdx", () => {
  const folder = temporaryFolder();

  it.each([
    ["plain", small],
    ["gzipped", new Uint8Array(gzipSync(small))],
  ])("reads a %s file by its path or from its bytes", async (name, bytes) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    expect(await readIdx(path)).toEqual(parseIdx(small, "f"));
    expect(await readIdx(bytes)).toEqual(parseIdx(small, "f"));
  });

  it("names the file in errors", async () => {
    const path = join(folder, "bad");
    writeFileSync(path, "PNG");
    await expect(readIdx(path)).rejects.toThrow(`${path}: expected an IDX file`);
    await expect(readIdx(small.subarray(1))).rejects.toThrow("the given bytes: expected an IDX file");
    await expect(readIdx(small.subarray(1), "upload")).rejects.toThrow("upload: expected an IDX file");
  });

  it("reads a file wherever it is: a URL, any bytes, a Blob or File", async () => {
    const path = join(folder, "a file");
    writeFileSync(path, small);
    const zipped = gzipSync(small);
    const shared = new Uint8Array(new SharedArrayBuffer(zipped.length));
    shared.set(zipped);
    const sources = [
      pathToFileURL(path),
      Buffer.concat([Buffer.of(9), small]).subarray(1),
      zipped,
      shared,
      shared.buffer,
      new DataView(small.slice().buffer),
      new Blob([small]),
      new File([zipped], "images.gz"),
    ];
    for (const source of sources) expect(await readIdx(source)).toEqual(parseIdx(small, "f"));
    expect(zipped.equals(gzipSync(small))).toBe(true);
    await expect(readIdx(new File(["PNG"], "images.png"))).rejects.toThrow("images.png: expected an IDX file");
    await expect(readIdx([0, 0, 8] as never)).rejects.toThrow(ArgumentError);
  });

  describe("of a gzip file that is larger than its header says", () => {
    /** Counts what is unpacked. */
    let unpacked = 0;
    beforeEach(() => {
      unpacked = 0;
      const Original = DecompressionStream;
      vi.stubGlobal("DecompressionStream", function (format: CompressionFormat) {
        const { readable, writable } = new Original(format);
        const counter = new TransformStream<Uint8Array, Uint8Array>({
          transform(chunk, controller) {
            unpacked += chunk.length;
            controller.enqueue(chunk);
          },
        });
        return { readable: readable.pipeThrough(counter), writable };
      });
    });
    afterEach(() => void vi.unstubAllGlobals());

    const zeros = new Uint8Array(100e6);
    it.each([
      [
        "an array of six bytes",
        Buffer.concat([small, zeros]),
        "expected 6 bytes for the shape [2, 3], found more: bytes",
      ],
      ["no array at all", zeros, "expected an IDX file"],
    ])("unpacks little more than that: %s", async (_, content, message) => {
      const zipped = gzipSync(content, { level: 1 });
      const reading = readIdx(zipped, "bomb.gz");
      await expect(reading).rejects.toThrow(FormatError);
      await expect(reading).rejects.toThrow(`bomb.gz: ${message}`);
      expect(unpacked).toBeLessThan(2e6);
    });

    it("unpacks what the header does say", async () => {
      const { data } = await readIdx(gzipSync(idxOfBytes([1000, 1000], new Uint8Array(1e6).fill(7))));
      expect(data.length).toBe(1e6);
      expect(unpacked).toBe(1e6 + 12);
    });
  });

  it("takes the end of a gzip file for what it is: further members belong to it", async () => {
    const members = Buffer.concat([gzipSync(small.subarray(0, 5)), gzipSync(small.subarray(5))]);
    expect(await readIdx(members)).toEqual(parseIdx(small, "f"));
    await expect(readIdx(Buffer.concat([members, gzipSync("more")]))).rejects.toThrow(
      "found 10: bytes follow the array",
    );
  });

  it("rejects a gzip stream that is cut short or corrupt", async () => {
    const zipped = new Uint8Array(gzipSync(small));
    const corrupt = zipped.slice();
    corrupt[12]! ^= 0xff;
    for (const bytes of [zipped.subarray(0, -5), corrupt]) {
      const reading = readIdx(bytes, "images.gz");
      await expect(reading).rejects.toThrow(FormatError);
      await expect(reading).rejects.toThrow("images.gz: expected a whole gzip stream");
    }
  });

  it("says which file is missing", async () => {
    const path = join(folder, "absent");
    await expect(readIdx(path)).rejects.toThrow(ArgumentError);
    await expect(readIdx(path)).rejects.toThrow(`cannot read ${path}`);
  });
});
