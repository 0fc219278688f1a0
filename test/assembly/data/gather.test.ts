import { describe, expect, it } from "vitest";
import { expectIdentical } from "../../expect.js";
import { Output, runKernel, testedBuilds, testEngine } from "../../kernel.js";
import { randomFloats } from "../../random.js";

const shapes = [
  [0, 5],
  [1, 1],
  [3, 7],
  [5, 8],
  [7, 9],
  [4, 784],
  [17, 33],
] as const;
const rows = 11;
const first = 2;

describe.each(testedBuilds)("gathering a batch (%s)", async (build) => {
  const engine = await testEngine(build);
  const indicesFor = (batch: number) => Uint32Array.from({ length: first + batch + 1 }, (_, i) => (i * 7 + 3) % rows);
  const common = (batch: number, rowLength: number) => ({
    indices: indicesFor(batch),
    cursor: Uint32Array.of(first),
    y: new Output(batch * rowLength),
    batch,
    rowLength,
    rows,
  });
  const expected = (batch: number, rowLength: number, source: ArrayLike<number>): number[] =>
    Array.from({ length: batch * rowLength }, (_, at) => {
      const row = indicesFor(batch)[first + Math.floor(at / rowLength)]!;
      return source[row * rowLength + (at % rowLength)]!;
    });

  it.each(shapes)("scales bytes to floats exactly: %i rows of %i", (batch, rowLength) => {
    const source = Uint8Array.from({ length: rows * rowLength }, (_, i) => i * 37);
    const scale = Math.fround(1 / 255);
    for (const threads of [1, 2, 3, 7]) {
      const fields = { source, ...common(batch, rowLength), scale, offset: -0.5 };
      expectIdentical(
        runKernel(engine, "gatherBytes", fields, { threads }).y!,
        expected(batch, rowLength, source).map((value) => Math.fround(Math.fround(value * scale) - 0.5)),
      );
    }
  });

  it.each(shapes)("copies 4-byte elements: %i rows of %i", (batch, rowLength) => {
    const source = randomFloats(rows * rowLength);
    for (const threads of [1, 2, 3, 7]) {
      const fields = { source, ...common(batch, rowLength) };
      expectIdentical(runKernel(engine, "gatherWords", fields, { threads }).y!, expected(batch, rowLength, source));
    }
  });

  it.each([0, 1, 5, 16, 33])("widens %i byte labels to int32", (batch) => {
    const source = Uint8Array.from({ length: rows }, (_, i) => 255 - i);
    for (const threads of [1, 2, 3]) {
      const result = runKernel(engine, "gatherByteLabels", { source, ...common(batch, 1) }, { threads });
      expectIdentical(new Int32Array(result.bytes("y").buffer), expected(batch, 1, source));
    }
  });

  if (build === "debug") {
    it("traps on an index that is no row", () => {
      const fields = { source: randomFloats(rows), ...common(1, 1), rows: 2 };
      expect(() => runKernel(engine, "gatherWords", fields)).toThrow();
    });
  }
});
