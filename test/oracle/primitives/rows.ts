import type { Shape } from "../../../src/graph/index.js";
import { hits, logSoftmax, softmax } from "../loss.js";
import { type Numbers, type Primitives, sum } from "../primitive.js";

/** What f gives for each row along the last axis, given the index of its first element. */
function alongRows(length: number, columns: number, f: (start: number) => (i: number) => number): Float64Array {
  const result = new Float64Array(length);
  for (let start = 0; start < length; start += columns) {
    const element = f(start);
    for (let i = start; i < start + columns; i++) result[i] = element(i);
  }
  return result;
}

function columnsOf(shape: Shape | undefined): number {
  return shape!.at(-1)!;
}

/** The exponentials of a row, its maximum taken away, and the inverse of their sum. */
function exponentialsOf(logits: Numbers, columns: number): { exponentials: Float64Array; inverseSums: Float64Array } {
  const exponentials = alongRows(logits.length, columns, (start) => {
    const largest = Math.max(...Array.from({ length: columns }, (_, i) => logits[start + i]!));
    return (i) => Math.exp(logits[i]! - largest);
  });
  const inverseSums = Float64Array.from(
    { length: logits.length / columns },
    (_, row) => 1 / sum(columns, (i) => exponentials[row * columns + i]!),
  );
  return { exponentials, inverseSums };
}

/** Along the last axis, and losses. */
export const primitives: Primitives = {
  softmaxRows: ({ inputs: { x }, shapes }) => ({ y: softmax(x!, columnsOf(shapes["x"])) }),
  logSoftmaxRows: ({ inputs: { x }, shapes }) => ({ y: logSoftmax(x!, columnsOf(shapes["x"])) }),
  softmaxBackward({ inputs: { y, dy }, shapes }) {
    const columns = columnsOf(shapes["y"]);
    const dx = alongRows(y!.length, columns, (start) => {
      const mean = sum(columns, (i) => y![start + i]! * dy![start + i]!);
      return (i) => y![i]! * (dy![i]! - mean);
    });
    return { dx };
  },
  logSoftmaxBackward({ inputs: { y, dy }, shapes }) {
    const columns = columnsOf(shapes["y"]);
    const dx = alongRows(y!.length, columns, (start) => {
      const total = sum(columns, (i) => dy![start + i]!);
      return (i) => dy![i]! - Math.exp(y![i]!) * total;
    });
    return { dx };
  },
  softmaxCrossEntropy({ inputs: { logits, labels }, shapes, attributes }) {
    const columns = columnsOf(shapes["logits"]);
    const y = logSoftmax(logits!, columns);
    const losses = Float64Array.from(labels!, (label, row) => -(y[row * columns + label] ?? NaN));
    const mean = sum(losses.length, (row) => losses[row]!) / losses.length;
    return { y: attributes["isMean"] ? [mean] : losses, ...exponentialsOf(logits!, columns) };
  },
  softmaxCrossEntropyBackward({ inputs: { exponentials, inverseSums, labels, dLoss }, shapes, attributes }) {
    const columns = columnsOf(shapes["exponentials"]);
    const dx = alongRows(exponentials!.length, columns, (start) => {
      const row = start / columns;
      const hit = start + labels![row]!;
      const upstream = attributes["isMean"] ? dLoss![0]! / labels!.length : dLoss![row]!;
      return (i) => upstream * (exponentials![i]! * inverseSums![row]! - (i === hit ? 1 : 0));
    });
    return { dx };
  },
  accuracy({ inputs: { scores, labels }, shapes }) {
    return { y: [hits(scores!, labels!, columnsOf(shapes["scores"])).reduce((a, b) => a + b, 0)] };
  },
};
