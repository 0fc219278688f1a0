import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { parseIdx, readIdx } from "../../src/data/index.js";
import { ArgumentError, FormatError } from "../../src/engine/index.js";
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
