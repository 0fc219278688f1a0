import { define, type Inputs, onesLike, reshaped, type Value } from "../../graph/index.js";
import { multiply } from "../elementwise/multiply.js";
import { labelledRows, readRows } from "../rows.js";
import { scale } from "../elementwise/scale.js";
import { softmax, softmaxBackward } from "../activations/softmax.js";
import { sum } from "../reductions/sum.js";

/** dLoss·(softmax(logits) − onehot(label))/B from what the loss kept. Its gradient begins again from the logits. */
export const softmaxCrossEntropyBackwardOperation = /* @__PURE__ */ define({
  name: "softmaxCrossEntropyBackward",
  inputs: ["exponentials", "inverseSums", "labels", "dLoss", "logits"],
  outputs: ["dx"],
  forGradient: ["logits"],
  otherTypes: ["labels"],
  shape: ({ exponentials }) => ({ dx: exponentials.shape }),
  lower(emit, { inputs: { exponentials, inverseSums, labels, dLoss }, outputs: { dx } }) {
    const [rows, classes] = dx.shape as [number, number];
    emit.record("softmaxCrossEntropyBackward", { exponentials, inverseSums, labels, dLoss, dx, rows, classes });
  },
  gradient({ inputs: { dLoss, logits, ...kept }, upstreams: { dx: u } }) {
    const [rows] = logits.shape as [number, number];
    const perUnit = backward({ ...kept, logits, dLoss: onesLike(dLoss) });
    const throughSoftmax = softmaxBackward(softmax(logits), u);
    return {
      dLoss: reshaped(sum(multiply(u, perUnit)), [1]),
      // Of an empty batch it is empty, whatever the factor.
      logits: scale(multiply(throughSoftmax, dLoss), 1 / Math.max(rows, 1)),
    };
  },
});

function backward(inputs: Inputs<"exponentials" | "inverseSums" | "labels" | "dLoss" | "logits">): Value {
  return softmaxCrossEntropyBackwardOperation.apply(inputs).dx;
}

/** Keeps e^(x − max) of every logit, and the inverse of its sum over each row. */
export const softmaxCrossEntropyOperation = /* @__PURE__ */ define({
  name: "softmaxCrossEntropy",
  inputs: ["logits", "labels"],
  otherTypes: ["labels"],
  kept: ["exponentials", "inverseSums"],
  shape({ logits, labels }) {
    const { rows } = labelledRows("softmaxCrossEntropy", logits, labels);
    return { y: [1], exponentials: logits.shape, inverseSums: [rows] };
  },
  lower(emit, { inputs: { logits, labels }, outputs: { y, exponentials, inverseSums } }) {
    const [rows, classes] = logits.shape as [number, number];
    const loss = emit.scratch(4 * rows, "loss of each row");
    const { data, stride } = readRows(emit, logits);
    const kept = { exponentials, inverseSums };
    emit.record("softmaxCrossEntropy", { logits: data, labels, loss, ...kept, rows, classes, logitsRow: stride });
    emit.record("sum", { x: loss, y, count: rows, factor: 1 / rows });
  },
  gradient({ inputs: { logits, labels }, outputs: { exponentials, inverseSums }, upstreams: { y: dLoss } }) {
    return { logits: backward({ exponentials, inverseSums, labels, dLoss, logits }) };
  },
});

/**
 * Mean over the batch of −ln softmax(logits)[label]: logits [B, C], int32 labels [B] → [1]. The gradient is
 * (softmax(logits) − onehot(label))/B. A label outside 0 … C − 1 gives NaN. Throws ShapeError for other shapes.
 */
export function softmaxCrossEntropy(logits: Value, labels: Value): Value {
  return softmaxCrossEntropyOperation.call({ logits, labels }).y;
}
