import { define, type Value } from "../graph/index.js";
import { labelledRows } from "./rows.js";

/** dLoss·(softmax(logits) − onehot(label))/B from what the loss kept. */
const softmaxCrossEntropyBackwardOperation = /* @__PURE__ */ define({
  name: "softmaxCrossEntropyBackward",
  inputs: ["exponentials", "inverseSums", "labels", "dLoss"],
  outputs: ["dx"],
  shape: ({ exponentials }) => ({ dx: exponentials.shape }),
  lower(emit, { inputs: { exponentials, inverseSums, labels, dLoss }, outputs: { dx } }) {
    const [rows, classes] = dx.shape as [number, number];
    emit.record("softmaxCrossEntropyBackward", { exponentials, inverseSums, labels, dLoss, dx, rows, classes });
  },
});

/** Keeps e^(x − max) of every logit, and the inverse of its sum over each row. */
export const softmaxCrossEntropyOperation = /* @__PURE__ */ define({
  name: "softmaxCrossEntropy",
  inputs: ["logits", "labels"],
  kept: ["exponentials", "inverseSums"],
  shape({ logits, labels }) {
    const { rows } = labelledRows("softmaxCrossEntropy", logits, labels);
    return { y: [1], exponentials: logits.shape, inverseSums: [rows] };
  },
  lower(emit, { inputs: { logits, labels }, outputs: { y, exponentials, inverseSums } }) {
    const [rows, classes] = logits.shape as [number, number];
    const loss = emit.scratch(4 * rows, "loss of each row");
    emit.record("softmaxCrossEntropy", { logits, labels, loss, exponentials, inverseSums, rows, classes });
    emit.record("sum", { x: loss, y, count: rows, factor: 1 / rows });
  },
  gradient({ inputs: { labels }, outputs: { exponentials, inverseSums }, upstreams: { y: dLoss } }) {
    const inputs = { exponentials, inverseSums, labels, dLoss };
    return { logits: softmaxCrossEntropyBackwardOperation.apply(inputs).dx };
  },
});

/**
 * Mean over the batch of −ln softmax(logits)[label]: logits [B, C], int32 labels [B] → [1]. The gradient is
 * (softmax(logits) − onehot(label))/B. A label outside 0 … C − 1 gives NaN. Throws ShapeError for other shapes.
 */
export function softmaxCrossEntropy(logits: Value, labels: Value): Value {
  return softmaxCrossEntropyOperation.apply({ logits, labels }).y;
}
