import { Graph, type Value } from "../../../src/graph/index.js";
import { ops } from "../../../src/index.js";
import type { Call, Calls } from "../call.js";

type Options = Readonly<Record<string, unknown>>;

/** A call of a loss of so many values of one shape, with its options beside weights and reduction. */
function pairs(run: Call["run"], options: Options = {}, count = 2, shape: readonly number[] = [2, 3]): Call {
  return {
    run,
    values: () => {
      const graph = new Graph();
      const values = Array.from({ length: count }, (_, i) => graph.input(shape, `value ${i}`));
      return [...values, { reduction: "mean", weights: graph.input(shape.slice(0, 1), "weights"), ...options }];
    },
  };
}

/** A call of a loss of scores [2, 3] and labels [2]. */
function choice(run: Call["run"], options: Options): Call {
  const values = (): readonly unknown[] => {
    const prediction = new Graph().input([2, 3], "scores");
    const target = prediction.graph.input([2], "labels", "i32");
    return [prediction, target, { reduction: "mean", weights: [1, 2], classWeights: [1, 2, 3], ...options }];
  };
  return { run, values };
}

function ctcValues(): readonly unknown[] {
  const prediction = new Graph().input([2, 4, 3], "logarithms");
  const target: Value = prediction.graph.input([2, 2], "labels", "i32");
  const lengths = { inputLengths: [3, 4], targetLengths: [1, 2] };
  return [prediction, target, { reduction: "mean", weights: [1, 2], blank: 0, zeroInfinity: true, ...lengths }];
}

function vectors(): readonly unknown[] {
  const graph = new Graph();
  const [first, second] = [0, 1].map((i) => graph.input([2, 3], `vectors ${i}`));
  return [first, second, graph.input([2], "signs"), { reduction: "none", weights: [1, 2], margin: 0.1 }];
}

function queries(): readonly unknown[] {
  const graph = new Graph();
  const [query, key, negatives] = [0, 1, 2].map((i) => graph.input([2, 3], `vectors ${i}`));
  return [query, key, { reduction: "sum", weights: [1, 2], temperature: 0.5, negatives }];
}

/** Right calls of losses. */
export const calls: Calls = {
  "ops.binaryCrossEntropy": pairs(ops.binaryCrossEntropy),
  "ops.binaryCrossEntropyWithLogits": pairs(ops.binaryCrossEntropyWithLogits, { posWeight: [1, 2, 3] }),
  "ops.cosineEmbedding": { run: ops.cosineEmbedding, values: vectors },
  "ops.crossEntropy": choice(ops.crossEntropy, { ignoreIndex: -1, labelSmoothing: 0.1 }),
  "ops.ctc": { run: ops.ctc, values: ctcValues },
  "ops.focal": pairs(ops.focal, { alpha: 0.3, gamma: 1 }),
  "ops.gaussianNll": pairs(ops.gaussianNll, { full: true, epsilon: 1e-5 }, 3),
  "ops.halfSumOfSquares": pairs(ops.halfSumOfSquares),
  "ops.hinge": pairs(ops.hinge),
  "ops.hingeEmbedding": pairs(ops.hingeEmbedding, { margin: 1 }),
  "ops.huber": pairs(ops.huber, { delta: 2 }),
  "ops.infoNce": { run: ops.infoNce, values: queries },
  "ops.klDivergence": pairs(ops.klDivergence, { reduction: "batchMean", logTarget: true }),
  "ops.marginRanking": pairs(ops.marginRanking, { margin: 1 }, 3),
  "ops.meanAbsoluteError": pairs(ops.meanAbsoluteError),
  "ops.meanSquaredError": pairs(ops.meanSquaredError),
  "ops.multiMargin": choice(ops.multiMargin, { margin: 2, p: 2 }),
  "ops.multilabelSoftMargin": pairs(ops.multilabelSoftMargin, { classWeights: [1, 2, 3] }),
  "ops.nll": choice(ops.nll, { ignoreIndex: 1 }),
  "ops.poissonNll": pairs(ops.poissonNll, { logInput: false, full: true, epsilon: 1e-6 }),
  "ops.smoothL1": pairs(ops.smoothL1, { beta: 0.5 }),
  "ops.softMargin": pairs(ops.softMargin),
  "ops.tripletMargin": pairs(ops.tripletMargin, { margin: 2, p: 1, epsilon: 0, swap: true }, 3),
};
