import type { Buffer, Operation, Value } from "../graph/index.js";
import { labelledRows, type Rows } from "./rows.js";

/** For backward: e^(x − max) of every logit, and the inverse of its sum over each row. */
interface Kept {
  readonly exponentials: Buffer;
  readonly inverseSums: Buffer;
}

const operation: Operation<Rows, Kept | undefined> = {
  name: "softmaxCrossEntropy",
  takesIntegers: true,
  forward(emit, { inputs: [logits, labels], attributes: { rows, columns }, output }) {
    const loss = emit.scratch(4 * rows, "loss of each row");
    const kept = emit.training
      ? {
          exponentials: emit.scratch(4 * rows * columns, "exponentials"),
          inverseSums: emit.scratch(4 * rows, "inverse sums"),
        }
      : undefined;
    emit.record("softmaxCrossEntropy", {
      logits: emit.data(logits!),
      labels: emit.data(labels!),
      loss,
      exponentials: kept?.exponentials ?? 0,
      inverseSums: kept?.inverseSums ?? 0,
      rows,
      classes: columns,
    });
    emit.record("sum", { x: loss, y: emit.data(output), count: rows, factor: 1 / rows });
    return kept;
  },
  backward(emit, { inputs: [logits, labels], attributes: { rows, columns } }, kept, dy) {
    emit.contribute([logits!], ([dx]) => {
      emit.record("softmaxCrossEntropyBackward", {
        exponentials: kept!.exponentials,
        inverseSums: kept!.inverseSums,
        labels: emit.data(labels!),
        dLoss: dy,
        dx: dx!,
        rows,
        classes: columns,
      });
    });
  },
};

/**
 * Mean over the batch of −ln softmax(logits)[label]: logits [B, C], int32 labels [B] → [1]. The gradient is
 * (softmax(logits) − onehot(label))/B. A label outside 0 … C − 1 gives NaN. Throws ShapeError for other shapes.
 */
export function softmaxCrossEntropy(logits: Value, labels: Value): Value {
  const rows = labelledRows("softmaxCrossEntropy", logits, labels);
  return logits.graph.apply(operation, [logits, labels], rows, [1]);
}
