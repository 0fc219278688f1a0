import { integerFrom, mostLength, optional, ShapeError } from "../../engine/index.js";
import { define, formatValue, type Value } from "../../graph/index.js";
import { checkIndices } from "../structure/indices.js";
import { taken, takeBackward } from "../structure/take.js";

/** Options of `embedding`. */
export interface EmbeddingOptions {
  /** A row of the table that gets no gradient; negative ones count from the end. Default: none. */
  readonly paddingIndex?: number | undefined;
}

/** How `paddingIndex` is read. */
export const paddingReader = /* @__PURE__ */ optional(/* @__PURE__ */ integerFrom(-mostLength, mostLength));

/** The row that is padding, −1 if there is none. Throws ShapeError for one that the table does not have. */
export function paddingOf(operation: string, table: Value, paddingIndex: number | undefined): number {
  checkTable(operation, table);
  if (paddingIndex === undefined) return -1;
  const rows = table.shape[0]!;
  if (paddingIndex >= -rows && paddingIndex < rows) return (paddingIndex + rows) % rows;
  throw new ShapeError(`${operation}: paddingIndex ${paddingIndex} is no row of ${formatValue(table)}`);
}

export function checkTable(operation: string, table: Value): void {
  if (table.shape.length === 2) return;
  throw new ShapeError(`${operation}: wants a table [numEmbeddings, embeddingDim], got ${formatValue(table)}`);
}

export const embeddingOperation = /* @__PURE__ */ define({
  name: "embedding",
  inputs: ["indices", "table"],
  otherTypes: ["indices"],
  attributes: { paddingIndex: -1 },
  options: () => ({ paddingIndex: paddingReader }),
  fit: ({ table }, { paddingIndex }) => ({ paddingIndex: paddingOf("embedding", table, paddingIndex) }),
  shape({ indices, table }) {
    checkTable("embedding", table);
    checkIndices("embedding", indices, table, 0);
    return { y: [...indices.shape, table.shape[1]!] };
  },
  compose: ({ indices, table }) => ({ y: taken(table, indices, 0) }),
  gradient: ({ inputs: { indices, table }, attributes: { paddingIndex }, upstreams: { y: dy } }) => ({
    table: takeBackward(indices, dy, 0, table.shape, paddingIndex),
  }),
});

/**
 * The rows of a table that indices name: int32 indices [...], table [numEmbeddings, embeddingDim] → [..., embeddingDim]. The gradient
 * of a row is the sum over its uses, in their order; that of `paddingIndex` is 0. Negative indices count from the end.
 * @throws ShapeError for a table that is no matrix, ArgumentError for indices that are not int32; an index out of range is a
 * ShapeError where it is known beforehand, else a KernelError of the run
 */
export function embedding(indices: Value, table: Value, options: EmbeddingOptions = {}): Value {
  return embeddingOperation.call({ indices, table }, options).y;
}
