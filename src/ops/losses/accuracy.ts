import { define, type Value } from "../../graph/index.js";
import { labelledRows, readRows } from "../rows.js";

export const accuracyOperation = /* @__PURE__ */ define({
  name: "accuracy",
  inputs: ["scores", "labels"],
  otherTypes: ["labels"],
  isConstant: true,
  shape({ scores, labels }) {
    labelledRows("accuracy", scores, labels);
    return { y: [1] };
  },
  lower(emit, { inputs: { scores, labels }, outputs: { y } }) {
    const { rows, columns } = labelledRows("accuracy", scores, labels);
    const hits = emit.scratch(4 * rows, "hit of each row");
    const { data, stride } = readRows(emit, scores);
    emit.record("accuracy", { scores: data, labels, hits, rows, classes: columns, scoresRow: stride });
    emit.record("sum", { x: hits, y, count: rows, factor: 1 });
  },
});

/**
 * The number of rows whose largest score (the first of equal ones) is that of their label: scores [..., C], int32 labels
 * [...] → [1]. A row with a NaN does not count, nor does one whose label is no class. Has no gradient. Throws ShapeError for other
 * shapes.
 */
export function accuracy(scores: Value, labels: Value): Value {
  return accuracyOperation.call({ scores, labels }).y;
}
