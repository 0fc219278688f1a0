import { ShapeError } from "../engine/index.js";
import { checkValues, formatValue, sizeOf, type Value } from "../graph/index.js";

/** How an operation along the last axis sees a value: so many rows of so many columns. */
export interface Rows {
  readonly rows: number;
  readonly columns: number;
}

/** Throws ShapeError unless x has a last axis of at least one element. */
export function rowsOf(operation: string, x: Value): Rows {
  checkValues(operation, x);
  const columns = x.shape.at(-1) ?? 0;
  if (columns < 1) {
    throw new ShapeError(`${operation}: wants a last axis of at least 1 element, got ${formatValue(x)}`);
  }
  return { rows: sizeOf(x.shape.slice(0, -1)), columns };
}

/** Throws ShapeError unless `scores` is [B, C], C ≥ 1, and `labels` int32 [B]. */
export function labelledRows(operation: string, scores: Value, labels: Value): Rows {
  checkValues(operation, scores, labels);
  const [batch, classes] = scores.shape;
  if (scores.shape.length !== 2 || batch === undefined || classes === undefined || classes < 1) {
    throw new ShapeError(`${operation}: wants scores of shape [B, C], got ${formatValue(scores)}`);
  }
  if (labels.dataType !== "i32" || labels.shape.length !== 1 || labels.shape[0] !== batch) {
    throw new ShapeError(
      `${operation}: wants int32 labels of shape [${batch}], got ${formatValue(labels)} of ${labels.dataType}`,
    );
  }
  if (scores.dataType !== "f32")
    throw new ShapeError(`${operation}: wants float32 scores, ${scores.label} holds int32`);
  return { rows: batch, columns: classes };
}
