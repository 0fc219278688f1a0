import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mnist, parseIdx, readIdx } from "../../src/data/index.js";
import { WasmgradError } from "../../src/engine/index.js";
import { parseSafetensors, serializeSafetensors } from "../../src/formats/safetensorsFile.js";
import { idxOfBytes } from "../data/idx.js";

/** Changes to a file such as hands, disks and networks make. Places are fractions of its length. */
type Mutation =
  | { readonly kind: "set" | "insert"; readonly at: number; readonly bytes: readonly number[] }
  | { readonly kind: "cut" | "repeat"; readonly at: number; readonly length: number }
  | { readonly kind: "text"; readonly at: number; readonly text: string };

const at = fc.double({ min: 0, max: 1, noNaN: true });
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({
    kind: fc.constantFrom("set" as const, "insert" as const),
    at,
    bytes: fc.array(fc.oneof(fc.nat(255), fc.constantFrom(0, 255)), { minLength: 1, maxLength: 8 }),
  }),
  fc.record({ kind: fc.constantFrom("cut" as const, "repeat" as const), at, length: fc.integer({ min: 1, max: 64 }) }),
  // What JSON is made of, and names that objects have.
  fc.record({
    kind: fc.constant("text" as const),
    at,
    text: fc.constantFrom(
      ...'{ } [ ] , : " \\ - 1e999 null __proto__ 9007199254740993 \\u0000'.split(" "),
      "[".repeat(5000),
    ),
  }),
);

function mutate(bytes: Uint8Array, changes: readonly Mutation[]): Uint8Array {
  let result = Array.from(bytes);
  for (const change of changes) {
    const start = Math.floor(change.at * result.length);
    const head = result.slice(0, start);
    switch (change.kind) {
      case "set":
        result = [...head, ...change.bytes, ...result.slice(start + change.bytes.length)];
        break;
      case "insert":
        result = [...head, ...change.bytes, ...result.slice(start)];
        break;
      case "cut":
        result = [...head, ...result.slice(start + change.length)];
        break;
      case "repeat":
        result = [...head, ...result.slice(start, start + change.length), ...result.slice(start)];
        break;
      case "text":
        result = [...head, ...new TextEncoder().encode(change.text), ...result.slice(start)];
    }
  }
  return Uint8Array.from(result);
}

/** What reading a damaged file may end in. */
async function expectWellBehaved(read: () => unknown): Promise<void> {
  try {
    await read();
  } catch (error) {
    expect(error).toBeInstanceOf(WasmgradError);
    expect((error as Error).message).toMatch(/^file: /);
    expect((error as Error).message.length).toBeLessThan(1000);
  }
}

const safetensors = serializeSafetensors(
  new Map([
    ["0.weight", { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
    ["__proto__", { shape: [1], data: Float32Array.of(7) }],
  ]),
  { format: "wasmgrad" },
);
const idx = idxOfBytes([3, 4], Array(12).fill(5));
const doubles = Uint8Array.of(0, 0, 0x0e, 1, 0, 0, 0, 1, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0);
const options = { seed: 1, numRuns: 4000 };

describe("a file with a few changes is read, or refused with a short error that names it", () => {
  const changes = fc.array(mutation, { minLength: 1, maxLength: 3 });

  it("safetensors", async () => {
    const property = fc.asyncProperty(changes, (list) =>
      expectWellBehaved(() => parseSafetensors(mutate(safetensors, list), "file")),
    );
    await fc.assert(property, options);
  });

  it("the header of safetensors, its length put right", async () => {
    const headerEnd = 8 + Number(new DataView(safetensors.buffer).getBigUint64(0, true));
    const property = fc.asyncProperty(changes, (list) => {
      const header = mutate(safetensors.subarray(8, headerEnd), list);
      const length = new Uint8Array(BigUint64Array.of(BigInt(header.length)).buffer);
      const file = Buffer.concat([length, header, safetensors.subarray(headerEnd)]);
      return expectWellBehaved(() => parseSafetensors(file, "file"));
    });
    await fc.assert(property, options);
  });

  it.each([
    ["IDX", idx],
    ["IDX of doubles", doubles],
  ])("%s, plain and within gzip", async (_, file) => {
    const property = fc.asyncProperty(changes, async (list) => {
      await expectWellBehaved(() => parseIdx(mutate(file, list), "file"));
      await expectWellBehaved(() => readIdx(gzipSync(mutate(file, list)), "file"));
    });
    await fc.assert(property, { ...options, numRuns: 400 });
  });

  it("gzip", async () => {
    const zipped = gzipSync(idx);
    const property = fc.asyncProperty(changes, (list) =>
      expectWellBehaved(() => readIdx(mutate(zipped, list), "file")),
    );
    await fc.assert(property, { ...options, numRuns: 400 });
    expect(gunzipSync(zipped).equals(idx)).toBe(true);
  });

  it("the files of MNIST", async () => {
    const files = { images: idxOfBytes([2, 1, 1], [1, 2]), labels: idxOfBytes([2], [0, 9]) };
    const property = fc.asyncProperty(changes, changes, async (ofImages, ofLabels) => {
      const given = new Map(
        ["train", "t10k"].flatMap((set) => [
          [`${set}-images-idx3-ubyte`, mutate(files.images, ofImages)],
          [`${set}-labels-idx1-ubyte`, mutate(files.labels, ofLabels)],
        ]),
      );
      await mnist(given).catch((error: unknown) => {
        expect(error).toBeInstanceOf(WasmgradError);
        expect((error as Error).message.length).toBeLessThan(1000);
      });
    });
    await fc.assert(property, { ...options, numRuns: 400 });
  });
});
