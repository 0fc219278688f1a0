import { ShapeError } from "../engine/index.js";
import {
  checkValues,
  coalesce,
  type Emitter,
  formatShape,
  formatValue,
  type MemoryRange,
  sizeOf,
  type Value,
} from "../graph/index.js";

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

/**
 * Where the rows along the last axis of x lie, so many floats apart. They are copied only if the elements of a row do not lie one
 * after another, or rows are not equally far apart.
 */
export function readRows(emit: Emitter, x: Value): { readonly data: MemoryRange; readonly stride: number } {
  const { data, strides } = emit.strided(x);
  const columns = x.shape.at(-1)!;
  const runs = coalesce(x.shape.slice(0, -1), [strides.slice(0, -1)]);
  if (runs.length > 1 || (columns > 1 && strides.at(-1) !== 1)) return { data: emit.data(x), stride: columns };
  return { data, stride: runs[0]?.strides[0] ?? columns };
}

/** Throws ShapeError unless `scores` are [..., C], C ≥ 1, and `labels` int32 [...], one for each row. */
export function labelledRows(operation: string, scores: Value, labels: Value): Rows {
  checkValues(operation, scores, labels);
  const [places, classes] = [scores.shape.slice(0, -1), scores.shape.at(-1)];
  if (classes === undefined || classes < 1) {
    throw new ShapeError(`${operation}: wants scores of shape [..., C], got ${formatValue(scores)}`);
  }
  if (labels.dataType !== "i32" || formatShape(labels.shape) !== formatShape(places)) {
    throw new ShapeError(
      `${operation}: wants int32 labels of shape ${formatShape(places)}, got ${formatValue(labels)} of ${labels.dataType}`,
    );
  }
  if (scores.dataType !== "f32")
    throw new ShapeError(`${operation}: wants float32 scores, ${scores.label} holds int32`);
  return { rows: labels.size, columns: classes };
}
