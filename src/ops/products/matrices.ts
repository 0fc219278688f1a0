import {
  broadcastStrides,
  denseStrides,
  type Emitter,
  type Pointer,
  type Shape,
  sizeOf,
  type Value,
} from "../../graph/index.js";

/**
 * The matrices of one operand of a product, where they lie: element (row, column) of a matrix is row · rowStride +
 * column · columnStride floats behind its beginning, and one of the strides is 1.
 */
export interface Matrices {
  readonly data: Pointer;
  readonly rowStride: number;
  readonly columnStride: number;
  /** How far apart they begin along each batch axis of the product: 0 where one matrix serves all. */
  readonly batchStrides: readonly number[];
}

/** An operand: [..., rows, columns], with the last two exchanged if it is transposed, or the only row or column. */
export interface Operand {
  readonly value: Value;
  readonly isTransposed: boolean;
  readonly rows: number;
  readonly columns: number;
}

/**
 * Where the matrices of an operand lie, which is copied only if no stride of theirs is 1.
 * @param batch the batch axes of the product, which those of the operand broadcast to
 * @param fits what a caller makes of the matrices where they lie; undefined if it cannot read them so
 */
export function readMatrices<T>(
  emit: Emitter,
  operand: Operand,
  batch: Shape,
  fits: (matrices: Matrices) => T | undefined,
): T {
  const { value } = operand;
  const { data, strides } = emit.strided(value);
  return (
    fits({ data, ...stridesOf(operand, strides, batch) }) ??
    fits({ data: emit.data(value), ...stridesOf(operand, denseStrides(value.shape), batch) })!
  );
}

function stridesOf(
  { value: { shape }, isTransposed, rows }: Operand,
  strides: readonly number[],
  batch: Shape,
): Omit<Matrices, "data"> {
  if (shape.length === 1) {
    const [rowStride, columnStride] = rows === 1 ? [shape[0]!, strides[0]!] : [strides[0]!, 1];
    return { rowStride, columnStride, batchStrides: batch.map(() => 0) };
  }
  const [down, across] = strides.slice(-2) as [number, number];
  const own = broadcastStrides(shape.slice(0, -2), strides.slice(0, -2), batch);
  return {
    ...(isTransposed ? { rowStride: across, columnStride: down } : { rowStride: down, columnStride: across }),
    batchStrides: own.map((stride, axis) => (batch[axis] === 1 ? 0 : stride)),
  };
}

/** The same with a stride of 1, which may stand for any where there is one row or column; undefined if none is 1. */
export function withUnitStride(
  matrices: Matrices,
  { rows, columns }: Pick<Operand, "rows" | "columns">,
): Matrices | undefined {
  if (matrices.rowStride === 1 || matrices.columnStride === 1) return matrices;
  if (columns <= 1) return { ...matrices, columnStride: 1 };
  return rows <= 1 ? { ...matrices, rowStride: 1 } : undefined;
}

/**
 * Where the matrices begin, in floats: of each element of the batch axes, one number for each operand.
 * @param operands the batch strides of each
 */
export function emitOffsets(emit: Emitter, batch: Shape, operands: readonly (readonly number[])[]): Pointer {
  const count = sizeOf(batch);
  const key = `matrices of [${batch.join(", ")}], ${operands.map((strides) => strides.join(" ")).join("; ")} apart`;
  return emit.constant(key, count * operands.length, (table) => {
    operands.forEach((strides, operand) => {
      for (let i = 0; i < count; i++) {
        let rest = i;
        let offset = 0;
        for (let axis = batch.length - 1; axis >= 0; axis--) {
          offset += (rest % batch[axis]!) * strides[axis]!;
          rest = Math.floor(rest / batch[axis]!);
        }
        table[i * operands.length + operand] = offset;
      }
    });
  });
}
