import { describe, it } from "vitest";
import { expectClose, expectIdentical } from "../../expect.js";
import { type KernelArgument, Output, runKernel, testedBuilds, testEngine } from "../../kernel.js";
import { statisticsOf } from "../../oracle/batchNorm.js";
import { randomFloats, randomIntegers } from "../../random.js";

/** [elements of each channel, channels, width of a wide row, wide rows in a chunk] */
const cases = [
  [2, 4, 4, 1],
  [7, 4, 4, 3],
  [9, 1, 16, 2],
  [50, 3, 12, 5],
  [33, 20, 20, 8],
  [40, 17, 68, 4],
  [10, 300, 300, 4],
  [5, 516, 516, 128],
] as const;

describe.each(testedBuilds)("batch normalisation's passes (%s)", async (build) => {
  const engine = await testEngine(build);
  const run = (
    kernel: Parameters<typeof runKernel>[1],
    fields: Record<string, KernelArgument>,
    inPlace: string[] = [],
  ) => {
    const results = [1, 2, 3, 7].map((threads) => runKernel(engine, kernel, fields, { threads, inPlace }));
    for (const result of results) {
      for (const name of Object.keys(fields)) {
        if (fields[name] instanceof Output || inPlace.includes(name))
          expectIdentical(result[name]!, results[0]![name]!);
      }
    }
    return results[0]!;
  };

  it.each(cases)(
    "sum integers exactly, within their buffers: %i of %i channels as rows of %i in chunks of %i",
    (...shape) => {
      const [rows, channels, width, chunkRows] = shape;
      const count = rows * channels;
      const x = randomIntegers(count, 1);
      const dy = randomIntegers(count, 2);
      const wideRows = Math.floor(count / width);
      const chunks = Math.ceil(wideRows / chunkRows);
      const wide = { x, count, channels, width };
      const { partials } = run("batchNormStatistics", { ...wide, partials: new Output(3 * width * chunks), chunkRows });
      const expected = new Float32Array(3 * width * chunks);
      const table = new Float32Array(3 * width).map((_, i) =>
        i < width ? (i % channels) - 1 : i < 2 * width ? 1 : 0.5,
      );
      const reduced = [false, true].map((relu) => {
        const fields = { ...wide, dy, table, partials: new Output(2 * width * chunks), chunkRows, relu };
        return run("batchNormBackwardReduce", fields).partials!;
      });
      const expectedOfReduced = [new Float32Array(2 * width * chunks), new Float32Array(2 * width * chunks)];
      for (let row = 0; row < wideRows; row++) {
        const chunk = Math.floor(row / chunkRows);
        for (let lane = 0; lane < width; lane++) {
          const value = x[row * width + lane]!;
          const k = x[chunk * chunkRows * width + lane]!;
          expected[3 * chunk * width + lane] = k;
          expected[(3 * chunk + 1) * width + lane]! += value - k;
          expected[(3 * chunk + 2) * width + lane]! += (value - k) ** 2;
          const centered = value - table[lane]!;
          expectedOfReduced.forEach((sums, relu) => {
            const g = relu === 1 && !(centered + 0.5 > 0) ? 0 : dy[row * width + lane]!;
            sums[2 * chunk * width + lane]! += g;
            sums[(2 * chunk + 1) * width + lane]! += g * centered;
          });
        }
      }
      expectClose(partials!, expected, {});
      reduced.forEach((sums, relu) => expectClose(sums, expectedOfReduced[relu]!, {}));

      const running = { runningMean: new Float32Array(channels), runningVariance: new Float32Array(channels) };
      const finished = run(
        "batchNormFinish",
        {
          ...wide,
          ...running,
          partials: partials!,
          chunkRows,
          totals: new Output(4 * width),
          gamma: new Float32Array(channels).fill(2),
          beta: new Float32Array(channels).fill(3),
          table: new Output(3 * width),
          saved: new Output(2 * channels),
          epsilon: 0.01,
          momentum: 1,
        },
        ["runningMean", "runningVariance"],
      );
      const { mean, variance } = statisticsOf(x, channels);
      const inverse = variance.map((value) => 1 / Math.sqrt(value + 0.01));
      expectClose(finished["runningMean"]!, mean, { absolute: 1e-6 });
      expectClose(
        finished["runningVariance"]!,
        variance.map((value) => (value * rows) / (rows - 1)),
        { relative: 1e-6 },
      );
      expectClose(finished["saved"]!.subarray(0, channels), inverse, { relative: 1e-6 });
      const scales = finished["table"]!.subarray(width, 2 * width);
      expectClose(
        scales,
        scales.map((_, lane) => 2 * inverse[lane % channels]!),
        { relative: 1e-6 },
      );
    },
  );

  it.each(cases)(
    "apply the table to %i of %i channels as rows of %i, the last of them cut",
    (rows, channels, width) => {
      const count = rows * channels;
      const x = randomFloats(count, 1);
      const dy = randomFloats(count, 2);
      const lanes = (seed: number) => {
        const values = [seed, seed + 1, seed + 2].map((s) => randomFloats(channels, s));
        return Float32Array.from(
          { length: 3 * width },
          (_, i) => values[Math.floor(i / width)]![(i % width) % channels]!,
        );
      };
      const [table, coefficients] = [lanes(10), lanes(20)];
      const at = (values: Float32Array, which: number, i: number) => values[which * width + (i % channels)]!;
      const wide = { x, count, channels, width, table };
      for (const relu of [false, true]) {
        const y = Float64Array.from(x, (value, i) => (value - at(table, 0, i)) * at(table, 1, i) + at(table, 2, i));
        expectClose(
          run("batchNormApply", { ...wide, y: new Output(count), relu }).y!,
          y.map((value) => (relu ? Math.max(value, 0) : value)),
          { absolute: 5e-7 },
        );
        const { dx } = run("batchNormBackwardApply", { ...wide, dy, coefficients, dx: new Output(count), relu });
        const expected = y.map((value, i) => {
          const g = relu && !(value > 0) ? 0 : dy[i]!;
          return (
            at(coefficients, 0, i) * g + at(coefficients, 1, i) * (x[i]! - at(table, 0, i)) + at(coefficients, 2, i)
          );
        });
        expectClose(dx!, expected, { absolute: 5e-7 });
      }
    },
  );
});
