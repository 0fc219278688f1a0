import type { Operation, Value } from "../graph/index.js";
import { labelledRows, type Rows } from "./rows.js";

const operation: Operation<Rows, undefined> = {
  name: "accuracy",
  takesIntegers: true,
  forward(emit, { inputs: [scores, labels], attributes: { rows, columns }, output }) {
    const hits = emit.scratch(4 * rows, "hit of each row");
    const [s, l] = [emit.data(scores!), emit.data(labels!)];
    emit.record("accuracy", { scores: s, labels: l, hits, rows, classes: columns });
    emit.record("sum", { x: hits, y: emit.data(output), count: rows, factor: 1 });
    return undefined;
  },
};

/**
 * The number of rows whose largest score (the first of equal ones) is that of their label: scores [B, C], int32 labels
 * [B] → [1]. A row with a NaN does not count. Has no gradient. Throws ShapeError for other shapes.
 */
export function accuracy(scores: Value, labels: Value): Value {
  const rows = labelledRows("accuracy", scores, labels);
  return scores.graph.apply(operation, [scores, labels], rows, [1]);
}
