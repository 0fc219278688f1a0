import { define, type Inputs, onesLike, reshaped, type Value } from "../../graph/index.js";
import { multiply } from "../elementwise/multiply.js";
import { labelledRows, readRows, rowsOf } from "../rows.js";
import { scale } from "../elementwise/scale.js";
import { softmax, softmaxBackward } from "../activations/softmax.js";
import { sum } from "../reductions/sum.js";

/** Whether the loss is the mean over all rows, or one for each. */
interface Attributes {
  readonly isMean: boolean;
}

/** dLoss·(softmax(logits) − onehot(label)), over the number of rows of a mean, from what the loss kept. Its gradient begins again from the logits. */
export const softmaxCrossEntropyBackwardOperation = /* @__PURE__ */ define({
  name: "softmaxCrossEntropyBackward",
  inputs: ["exponentials", "inverseSums", "labels", "dLoss", "logits"],
  outputs: ["dx"],
  forGradient: ["logits"],
  otherTypes: ["labels"],
  attributes: { isMean: true },
  shape: ({ exponentials }) => ({ dx: exponentials.shape }),
  lower(emit, { inputs: { exponentials, inverseSums, labels, dLoss }, outputs: { dx }, attributes: { isMean } }) {
    const { rows, columns: classes } = rowsOf("softmaxCrossEntropy", dx);
    const divided = { dLossRow: Number(!isMean), divisor: isMean ? rows : 1 };
    emit.record("softmaxCrossEntropyBackward", {
      ...{ exponentials, inverseSums, labels, dLoss, dx, rows, classes, ...divided },
    });
  },
  gradient({ inputs: { dLoss, logits, ...kept }, attributes, upstreams: { dx: u } }) {
    const { isMean } = attributes;
    const perUnit = multiply(u, backward({ ...kept, logits, dLoss: onesLike(dLoss) }, attributes));
    const throughSoftmax = softmaxBackward(softmax(logits), u);
    if (!isMean) {
      const ofRow = reshaped(dLoss, [...dLoss.shape, 1]);
      return { dLoss: sum(perUnit, { axes: -1 }), logits: multiply(throughSoftmax, ofRow) };
    }
    return {
      dLoss: reshaped(sum(perUnit), [1]),
      // Of an empty batch it is empty, whatever the factor.
      logits: scale(multiply(throughSoftmax, dLoss), 1 / Math.max(kept.labels.size, 1)),
    };
  },
});

type Kept = Inputs<"exponentials" | "inverseSums" | "labels" | "dLoss" | "logits">;

function backward(inputs: Kept, attributes: Attributes): Value {
  return softmaxCrossEntropyBackwardOperation.apply(inputs, attributes).dx;
}

/** Keeps e^(x − max) of every logit, and the inverse of its sum over each row. */
export const softmaxCrossEntropyOperation = /* @__PURE__ */ define({
  name: "softmaxCrossEntropy",
  inputs: ["logits", "labels"],
  otherTypes: ["labels"],
  kept: ["exponentials", "inverseSums"],
  attributes: { isMean: true },
  options: () => ({}),
  fit: (): Attributes => ({ isMean: true }),
  shape({ logits, labels }, { isMean }) {
    const { rows } = labelledRows("softmaxCrossEntropy", logits, labels);
    return { y: isMean ? [1] : labels.shape, exponentials: logits.shape, inverseSums: [rows] };
  },
  lower(emit, { inputs: { logits, labels }, outputs: { y, exponentials, inverseSums }, attributes: { isMean } }) {
    const { rows, columns: classes } = rowsOf("softmaxCrossEntropy", logits);
    const loss = isMean ? emit.scratch(4 * rows, "loss of each row") : y;
    const { data, stride } = readRows(emit, logits);
    const kept = { exponentials, inverseSums };
    emit.record("softmaxCrossEntropy", { logits: data, labels, loss, ...kept, rows, classes, logitsRow: stride });
    if (isMean) emit.record("sum", { x: loss, y, count: rows, factor: 1 / rows });
  },
  gradient({
    inputs: { logits, labels },
    outputs: { exponentials, inverseSums },
    attributes,
    upstreams: { y: dLoss },
  }) {
    return { logits: backward({ exponentials, inverseSums, labels, dLoss, logits }, attributes) };
  },
});

/**
 * Mean over all rows of −ln softmax(logits)[label], in one kernel: logits [..., C], int32 labels [...] → [1]. The gradient is
 * (softmax(logits) − onehot(label))/rows. A label outside 0 … C − 1 gives NaN. `crossEntropy` has options and takes probabilities,
 * too. Throws ShapeError for other shapes.
 */
export function softmaxCrossEntropy(logits: Value, labels: Value): Value {
  return softmaxCrossEntropyOperation.call({ logits, labels }).y;
}
