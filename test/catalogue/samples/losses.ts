import { apart, type Fixed, fixed, generic, labels, positive, type Tensor } from "../sample.js";
import type { Forms, Written, Writtens } from "../written.js";

/** Numbers that do not vary, such as targets whose loss is not smooth in them. */
function still({ shape, data }: Tensor): Fixed {
  return fixed({ shape, data });
}

/** 1 and −1 by turns. */
function signs(shape: readonly number[]): Fixed {
  const { data } = generic(shape);
  return fixed({ shape, data: data.map((_, i) => (i % 3 === 1 ? -1 : 1)) });
}

/** Labels of which one in five is −100. */
function someLabels(count: number, classes: number): Fixed {
  const { shape, data } = labels(count, classes);
  return fixed({ shape, data: (data as Int32Array).map((label, i) => (i % 5 === 1 ? -100 : label)) });
}

/** From 0.1 to 0.9. */
function probabilities(shape: readonly number[], seed = 1): Tensor {
  return { shape, data: generic(shape, seed).data.map((x) => 0.5 + 0.4 * x) };
}

/** Samples of a loss of element and target: each reduction, weights, an empty batch. */
function pairs(
  of: (shape: readonly number[]) => Written["inputs"],
  options: readonly Readonly<Record<string, unknown>>[] = [{}],
): readonly Written[] {
  return [
    ...options.map((given) => ({ inputs: of([4, 3]), options: given })),
    { inputs: { ...of([4, 3]), weights: positive([4], 8) }, options: { ...options[0], reduction: "sum" } },
    { inputs: { ...of([2, 3]), weights: positive([2, 1], 8) }, options: { ...options.at(-1), reduction: "none" } },
    { inputs: of([0, 3]), options: options[0]! },
  ];
}

const plain = (shape: readonly number[]): Written["inputs"] => ({
  prediction: generic(shape),
  target: generic(shape, 2),
});
const signed = (shape: readonly number[]): Written["inputs"] => ({ prediction: generic(shape), target: signs(shape) });
const logits = (shape: readonly number[]): Written["inputs"] => ({
  prediction: generic(shape),
  target: probabilities(shape, 2),
});
const vectors = (shape: readonly number[]): Written["inputs"] => ({
  first: generic(shape),
  second: generic(shape, 2),
  target: signs(shape.slice(0, -1)),
});

/** Samples of a choice between three classes: with weights of classes and of places, leading axes, nothing at all. */
function choices(options: readonly Readonly<Record<string, unknown>>[]): readonly Written[] {
  return [
    ...options.map((given) => ({ inputs: { prediction: [5, 3], target: labels(5, 3) }, options: given })),
    ...options.map((given) => ({
      inputs: {
        prediction: generic([2, 3, 3], 4),
        target: { ...labels(6, 3), shape: [2, 3] },
        classWeights: positive([3], 5),
      },
      options: given,
    })),
    {
      inputs: { prediction: [5, 3], target: labels(5, 3), weights: positive([5], 6) },
      options: { ...options[0], reduction: "none" },
    },
    { inputs: { prediction: [0, 3], target: labels(0, 3) }, options: { ...options[0], reduction: "sum" } },
  ];
}

const ctcInputs = (batch: number, steps: number, targetLengths: readonly number[]) => ({
  logarithms: generic([batch, steps, 3]),
  labels: fixed({
    shape: [batch, 2],
    data: Int32Array.from({ length: 2 * batch }, (_, i) => 1 + (i % 3 === 1 ? 1 : 0)),
  }),
  inputLengths: fixed({ shape: [batch], data: Int32Array.from({ length: batch }, (_, i) => steps - (i % 2)) }),
  targetLengths: fixed({ shape: [batch], data: Int32Array.from(targetLengths) }),
});

export const written: Writtens = {
  softmaxCrossEntropy: [
    { inputs: { logits: [3, 4], labels: labels(3, 4) } },
    { inputs: { logits: [1, 2], labels: labels(1, 2) } },
    { inputs: { logits: [17, 5], labels: labels(17, 5) } },
    { inputs: { logits: [2, 3, 4], labels: { ...labels(6, 4), shape: [2, 3] } } },
    { inputs: { logits: [2, 3, 4], labels: { ...labels(6, 4), shape: [2, 3] } }, attributes: { isMean: false } },
    { inputs: { logits: [0, 4], labels: labels(0, 4) } },
  ],
  accuracy: [
    { inputs: { scores: apart([5, 3]), labels: labels(5, 3) } },
    { inputs: { scores: apart([2, 3, 3]), labels: { ...someLabels(6, 3), shape: [2, 3] } } },
    { inputs: { scores: [0, 3], labels: labels(0, 3) } },
  ],
  meanSquaredError: [
    ...pairs(plain),
    { inputs: { prediction: [2, 3], target: [2, 3], weights: [2, 3] }, options: {} },
    { inputs: { prediction: [5, 1100], target: generic([5, 1100], 2) }, options: {}, isLarge: true },
  ],
  halfSumOfSquares: pairs(plain),
  meanAbsoluteError: pairs((shape) => ({ prediction: apart(shape), target: still(generic(shape, 3)) })),
  huber: pairs(plain, [{}, { delta: 0.37 }]),
  smoothL1: pairs(plain, [{ beta: 0.37 }, { beta: 0 }]),
  binaryCrossEntropy: pairs((shape) => ({ prediction: probabilities(shape), target: probabilities(shape, 2) })),
  binaryCrossEntropyWithLogits: [
    ...pairs(logits),
    { inputs: { ...logits([2, 3]), posWeight: positive([3]) }, options: { reduction: "none" } },
  ],
  focal: pairs(logits, [{}, { alpha: -1, gamma: 1 }]),
  softMargin: pairs(signed),
  multilabelSoftMargin: [
    ...pairs(logits).filter(({ inputs }) => inputs["weights"] === undefined),
    { inputs: { ...logits([2, 3]), classWeights: positive([3]), weights: positive([2], 4) }, options: {} },
  ],
  klDivergence: pairs(
    (shape) => ({ prediction: generic(shape), target: probabilities(shape, 2) }),
    [{}, { reduction: "batchMean" }, { logTarget: true }],
  ),
  poissonNll: pairs(
    (shape) => ({ prediction: positive(shape), target: still(positive(shape, 2)) }),
    [{}, { full: true }, { logInput: false }],
  ),
  gaussianNll: [
    ...pairs((shape) => ({ ...plain(shape), variance: positive(shape, 3) }), [{}, { full: true, epsilon: 1e-3 }]),
    { inputs: { ...plain([2, 3]), variance: positive([2], 3) }, options: {} },
  ],
  hinge: pairs(signed),
  hingeEmbedding: pairs(signed, [{}, { margin: 0.3 }]),
  marginRanking: pairs(
    (shape) => ({ first: generic(shape), second: generic(shape, 2), target: signs(shape) }),
    [{ margin: 0.1 }],
  ),
  cosineEmbedding: [
    { inputs: vectors([5, 3]), options: { margin: -0.5 } },
    { inputs: { ...vectors([5, 3]), weights: positive([5]) }, options: { margin: 0.1, reduction: "none" } },
    { inputs: vectors([0, 3]), options: { reduction: "sum" } },
  ],
  tripletMargin: [
    ...[{}, { p: 1 }, { p: 3, margin: 2, swap: true }].map((options) => ({
      inputs: { anchor: generic([4, 3]), positive: generic([4, 3], 2), negative: generic([4, 3], 3) },
      options,
    })),
    {
      inputs: { anchor: [2, 3], positive: generic([2, 3], 2), negative: generic([2, 3], 3), weights: positive([2]) },
      options: { reduction: "none" },
    },
    { inputs: { anchor: [0, 3], positive: [0, 3], negative: [0, 3] }, options: { reduction: "sum" } },
  ],
  infoNce: [
    { inputs: { query: generic([4, 3]), key: generic([4, 3], 2) }, options: { temperature: 0.7 } },
    {
      inputs: {
        query: generic([2, 3]),
        key: generic([2, 3], 2),
        negatives: generic([3, 3], 3),
        weights: positive([2]),
      },
      options: { temperature: 0.5, reduction: "none" },
    },
    { inputs: { query: [0, 3], key: [0, 3], negatives: [2, 3] }, options: { reduction: "sum" } },
  ],
  nll: choices([{}, { ignoreIndex: 1 }]),
  crossEntropy: [
    ...choices([{}, { ignoreIndex: 1, labelSmoothing: 0.2 }]),
    { inputs: { prediction: [5, 3], target: someLabels(5, 3) }, options: {} },
    { inputs: { prediction: [5, 3], target: probabilities([5, 3], 2) }, options: {} },
    {
      inputs: { prediction: [5, 3], target: probabilities([5, 3], 2), classWeights: positive([3]) },
      options: { labelSmoothing: 0.2 },
    },
  ],
  multiMargin: choices([{}, { margin: 0.3, p: 2 }]),
  ctcPaths: [
    { inputs: ctcInputs(2, 4, [2, 1]), attributes: { blank: 0 } },
    { inputs: ctcInputs(1, 1, [0]), attributes: { blank: 0 } },
    { inputs: ctcInputs(0, 2, []), attributes: { blank: 0 } },
  ],
  ctc: [
    { inputs: { prediction: generic([2, 4, 3]), target: ctcInputs(2, 4, [2, 2]).labels }, options: {} },
    {
      inputs: {
        prediction: generic([2, 4, 3]),
        target: ctcInputs(2, 4, [2, 2]).labels,
        weights: positive([2]),
        targetLengths: fixed({ shape: [2], data: Int32Array.of(1, 2) }),
        inputLengths: fixed({ shape: [2], data: Int32Array.of(3, 4) }),
      },
      options: { reduction: "none", zeroInfinity: true },
    },
    { inputs: { prediction: [0, 2, 3], target: ctcInputs(0, 2, []).labels }, options: { reduction: "sum" } },
  ],
};

export const forms: Forms = {
  // The clamps bend where probabilities are 0 or 1.
  raised: [{ positive: "x" }],
  probabilityLoss: [{ tensor: (input, shape) => probabilities(shape, input.length) }],
};
