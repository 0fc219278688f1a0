import { describe, expect, it } from "vitest";
import { expectIdentical } from "../../expect.js";
import { Output, runKernel, testedBuilds, testEngine } from "../../kernel.js";
import { randomFloats } from "../../random.js";

const samples = 11;
const indices = Uint32Array.of(3, 0, 10, 7, 7, 1, 9, 2);

describe.each(testedBuilds)("gather (%s)", async (build) => {
  const engine = await testEngine(build);

  describe.each([1, 7, 8, 9, 16, 31, 784])("of rows of %i columns", (columns) => {
    it.each([
      [0, 0],
      [0, 8],
      [2, 5],
      [7, 1],
    ])("from cursor %i takes %i rows in the order of the table, for any number of threads", (cursor, rows) => {
      const bytes = Uint8Array.from({ length: samples * columns }, (_, i) => (i * 37) % 256);
      const words = randomFloats(samples * columns);
      const common = { indices, cursor: Uint32Array.of(cursor), rows, columns };
      const length = rows * columns;
      const rowOf = (i: number): number => indices[cursor + Math.floor(i / columns)]! * columns + (i % columns);
      for (const threads of [1, 2, 3, 7]) {
        const scaling = { scale: 1 / 255, offset: -0.5 };
        const scaled = runKernel(
          engine,
          "gatherBytes",
          { ...common, source: bytes, y: new Output(length), ...scaling },
          { threads },
        );
        const want = Float32Array.from({ length }, (_, i) =>
          Math.fround(Math.fround(bytes[rowOf(i)]! * Math.fround(1 / 255)) - 0.5),
        );
        expectIdentical(scaled.y!, want);
        const copied = runKernel(
          engine,
          "gatherWords",
          { ...common, source: words, y: new Output(length) },
          { threads },
        );
        expectIdentical(
          copied.y!,
          Float32Array.from({ length }, (_, i) => words[rowOf(i)]!),
        );
      }
    });
  });

  it.each([1, 3])("widens rows of %i bytes to int32", (columns) => {
    const source = Uint8Array.from({ length: samples * columns }, (_, i) => 250 - i);
    const common = { source, indices, cursor: Uint32Array.of(1), rows: 6, columns };
    const expected = [0, 10, 7, 7, 1, 9].flatMap((row) =>
      Array.from({ length: columns }, (_, i) => 250 - row * columns - i),
    );
    for (const threads of [1, 2, 7]) {
      const result = runKernel(engine, "gatherByteLabels", { ...common, y: new Output(6 * columns) }, { threads });
      expect([...new Int32Array(result.bytes("y").buffer)]).toEqual(expected);
    }
  });
});
