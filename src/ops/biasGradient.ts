import { type Buffer, type Emitter } from "../graph/index.js";

/** Rows of dy whose sums are one partial result, where there are more than twice as many. */
const chunkRows = 1024;

/**
 * Emits the records that write the column sums of dy[rows, columns], the gradient of a bias. With `activated`, the output
 * of a ReLU that followed, dy is masked by it on the way and the masked gradient written to `masked`.
 */
export function emitBiasGradient(
  emit: Emitter,
  {
    rows,
    columns,
    dy,
    gradient,
    relu,
  }: {
    readonly rows: number;
    readonly columns: number;
    readonly dy: Buffer;
    readonly gradient: Buffer;
    readonly relu?: { readonly y: Buffer; readonly masked: Buffer } | undefined;
  },
): void {
  const chunk = rows > 2 * chunkRows ? chunkRows : Math.max(rows, 1);
  const chunks = Math.max(Math.ceil(rows / chunk), 1);
  const sums = chunks === 1 ? gradient : emit.scratch(chunks * columns * 4, "partial sums of the bias gradient");
  emit.record("biasGradient", { dy, y: relu?.y ?? 0, masked: relu?.masked ?? 0, sums, rows, columns, chunk });
  if (chunks === 1) return;
  const reduction = { M: 1, N: columns, ldc: columns, bias: 0, alpha: 1, beta: 0, relu: false };
  emit.record("gemmReduce", { partials: sums, c: gradient, chunks, ...reduction });
}
