import { emitReduction } from "./gemm.js";
import type { Buffer, Emitter, Node, Value } from "../graph/index.js";

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
  emitReduction(emit, { partials: sums, c: gradient, chunks, M: 1, N: columns });
}

/**
 * For a layer that adds a bias along the last axis and may end in a ReLU: emits the gradient of the bias and returns that of
 * the sum before the ReLU, which is dy where there is none, else dy masked by y > 0.
 */
export function emitBiasAndMask(
  emit: Emitter,
  { attributes, output }: Node<{ readonly relu: boolean }>,
  bias: Value | undefined,
  dy: Buffer,
): Buffer {
  const columns = output.shape[output.shape.length - 1]!;
  const rows = columns === 0 ? 0 : output.size / columns;
  const relu = attributes.relu
    ? { y: emit.data(output), masked: emit.scratch(output.bytes, "gradient before the ReLU") }
    : undefined;
  if (bias?.requiresGradient) {
    emit.contribute([bias], ([gradient]) => {
      emitBiasGradient(emit, { rows, columns, dy, gradient: gradient!, relu });
    });
  } else if (relu) emit.record("reluBackward", { y: relu.y, dy, dx: relu.masked, count: output.size });
  return relu?.masked ?? dy;
}
