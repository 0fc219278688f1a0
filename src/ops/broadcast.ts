import type { Value } from "../graph/index.js";
import { matmul } from "./matmul.js";
import { reshape } from "./reshape.js";

// Sums and broadcasts as products with ones. They define the gradients of gradients, where speed is not what counts.

function ones(x: Value, shape: readonly [number, number]): Value {
  return x.graph.constant(shape, 1, "ones");
}

/** The sums of the columns: [R, C] → [C]. */
export function sumRows(x: Value): Value {
  const [R, C] = x.shape as [number, number];
  return reshape(matmul(ones(x, [1, R]), x), [C]);
}

/** The same row `rows` times: [C] → [rows, C]. */
export function expandRows(x: Value, rows: number): Value {
  return matmul(ones(x, [rows, 1]), reshape(x, [1, x.size]));
}

/** The sum of each row, `columns` times: [R, C] → [R, C]. */
export function rowSums(x: Value): Value {
  const [, C] = x.shape as [number, number];
  return matmul(x, ones(x, [C, C]));
}

/** The sum of all elements: any shape → [1]. */
export function sumAll(x: Value): Value {
  return reshape(matmul(reshape(x, [1, x.size]), ones(x, [x.size, 1])), [1]);
}

/** One number as a tensor: [1] → shape. */
export function expandScalar(x: Value, shape: readonly number[]): Value {
  const size = shape.reduce((product, length) => product * length, 1);
  return reshape(matmul(reshape(x, [1, 1]), ones(x, [1, size])), shape);
}
