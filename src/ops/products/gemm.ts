import { constants } from "../../engine/index.js";
import { denseStrides, type Emitter, type Pointer, type Shape, sizeOf, type Value } from "../../graph/index.js";
import { emitOffsets, type Matrices, readMatrices, withUnitStride } from "./matrices.js";
import { blockOfK, reuseToPack, reuseToPackLeft } from "./packing.js";
import { emitPack, type MatrixLayout, packedSize, panelColumns } from "./packPanels.js";

/** op(A)[M, K] · op(B)[K, N] + bias[N], then ReLU, for each element of the batch axes. C is dense and row-major. */
export interface Product {
  /** Batch axes, which those of a and b broadcast to. */
  readonly batch: Shape;
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly a: Value;
  readonly b: Value;
  /** A lies as [K, M]. */
  readonly transposeA?: boolean;
  /** B lies as [N, K]. */
  readonly transposeB?: boolean;
  readonly bias?: Value | undefined;
  readonly relu?: boolean;
}

const minimumRows = constants.MINIMUM_ROWS;
const tileRows = 4;

/** Rows of C from which on packing B pays wherever its rows lie. */
const manyRows = 256;
/**
 * A B that is larger than a few panels for each thread is packed by the product itself, a block of K of so many panels at a time:
 * packed before, it would leave the caches and come back. Four panels read whole cache lines of each row.
 */
const panelsTogether = 4;
/** Most threads that can work on such a product: each has scratch memory of its own. */
const threadSlots = 64;
/** Tiles of C that keep the threads of a large host busy; with fewer, a long sum is cut. */
const enoughTiles = 64;
/** Shortest part of a sum over K that is worth a partial result. */
const shortestChunk = 1024;

/**
 * Emits the records of a product, which is written to C[..., M, N]. Operands are read where they lie, if one of their strides is 1.
 * Everything the records do follows from shapes and strides alone.
 * @param isPacked whether b is one matrix that lies in panels already
 */
export function emitGemm(emit: Emitter, product: Product, c: Value, isPacked = false): void {
  const { N, K, bias, relu = false } = product;
  const given = isPacked ? packedBefore(product) : rightMatrices(emit, product);
  const { left, M, batch } = leftMatrices(emit, product, given);
  const batches = sizeOf(batch);
  if (batches === 0) return;
  const columnsOfA = left.rowStride === 1 && (left.columnStride !== 1 || (product.transposeA ?? false));
  const lda = columnsOfA ? left.columnStride : left.rowStride;
  const packedA = N >= reuseToPackLeft(M, K, lda, columnsOfA);
  const layoutOfA = { K, N: M, rowStride: left.columnStride, columnStride: left.rowStride };
  const a = packedA ? packMatrices(emit, batch, left, layoutOfA, "left") : left;

  const layout = { K, N, rowStride: given.rowStride, columnStride: given.columnStride };
  const columnsOfB = given.rowStride === 1 && (given.columnStride !== 1 || (product.transposeB ?? false));
  const ldb = columnsOfB ? given.columnStride : given.rowStride;
  const packing = isPacked ? "before" : packingOf({ M, N, K, ldb, columnsOfB, matrices: matricesIn(batch, given) });
  const b = packing === "before" && !isPacked ? packMatrices(emit, batch, given, layout, "right") : given;
  const packsWithin = packing === "within";
  const slotBytes = slotBytesOf(K);
  const chunk = batches === 1 ? chunkOf(M, N, K) : Math.max(K, 1);
  const chunks = Math.max(Math.ceil(K / chunk), 1);
  const target = chunks === 1 ? c : emit.scratch(chunks * M * N * 4, "partial sums");
  const fields = {
    ...{ a: a.data, b: b.data, c: target, ...plainStore },
    ...(chunks === 1 && { bias, relu }),
    scratch: packsWithin
      ? emit.scratch(slotBytes * threadSlots, "panels of the right operand for each thread")
      : undefined,
    ...{ slots: threadSlots, slotBytes },
    ...{ M, N, K, chunk, transposeA: columnsOfA || packedA, packedA, packedB: packing === "before" },
    transposeB: packsWithin && columnsOfB,
    ...{ lda, ldb, ldc: N },
  };
  if (batches === 1) emit.record("gemm", fields);
  else {
    emit.record("gemmBatch", {
      ...{ ...fields, batches, offsets: emitOffsets(emit, batch, [a.batchStrides, b.batchStrides]) },
      copies: emit.scratch(constants.GEMM_COPY_BYTES * threadSlots, "the product at hand, for each thread"),
    });
  }
  if (chunks > 1) emitReduction(emit, { partials: target, c, chunks, M, N, bias, relu });
}

function packedBefore({ batch, b, N }: Product): Matrices {
  return { data: b, rowStride: N, columnStride: 1, batchStrides: batch.map(() => 0) };
}

function rightMatrices(emit: Emitter, { batch, b, K, N, transposeB = false }: Product): Matrices {
  const operand = { value: b, isTransposed: transposeB, rows: K, columns: N };
  return readMatrices(emit, operand, batch, (matrices) => withUnitStride(matrices, operand));
}

/**
 * The left matrices, the rows of each, and the batch axes that are left: along those at the end where B is one matrix, and the rows
 * of A go on from one matrix to the next, the product is one of more rows.
 */
function leftMatrices(
  emit: Emitter,
  { batch, a, M, K, transposeA = false }: Product,
  { batchStrides: right }: Matrices,
): { readonly left: Matrices; readonly M: number; readonly batch: Shape } {
  const operand = { value: a, isTransposed: transposeA, rows: M, columns: K };
  return readMatrices(emit, operand, batch, (matrices) => {
    let { rowStride } = matrices;
    let rows = M;
    let axes = batch.length;
    for (; axes > 0 && right[axes - 1] === 0; axes--) {
      const [length, stride] = [batch[axes - 1]!, matrices.batchStrides[axes - 1]!];
      if (length === 1) continue;
      if (rows === 1) rowStride = stride;
      else if (stride !== rows * rowStride) break;
      rows *= length;
    }
    const batchStrides = matrices.batchStrides.slice(0, axes);
    const left = withUnitStride({ ...matrices, rowStride, batchStrides }, { rows, columns: K });
    return left && { left, M: rows, batch: batch.slice(0, axes) };
  });
}

/** How many matrices an operand has: those of batch axes along which it is not repeated. */
function matricesIn(batch: Shape, { batchStrides }: Matrices): number {
  return sizeOf(batch.filter((_, axis) => batchStrides[axis] !== 0));
}

/** How a product is stored where nothing is done to it. */
const plainStore = { bias: 0, alpha: 1, beta: 0, relu: false } as const;

/** Emits the record that adds `chunks` matrices [M, N], which lie one after another, in this order; then bias and ReLU. */
export function emitReduction(
  emit: Emitter,
  {
    bias,
    relu = false,
    ...sums
  }: Pick<Product, "M" | "N" | "bias" | "relu"> & {
    readonly partials: Pointer;
    readonly c: Value;
    readonly chunks: number;
  },
): void {
  emit.record("gemmReduce", { ...sums, ldc: sums.N, ...plainStore, bias, relu });
}

/** Whether the right operand is packed, and if so before the product or by it. */
function packingOf({ M, N, K, ldb, columnsOfB, matrices }: RightOperand): "none" | "before" | "within" {
  // C has the row length of B: a tile's rows of both fall into the same sets of the cache.
  if (!columnsOfB && M < Math.min(manyRows, reuseToPack(K, ldb, tileRows))) return "none";
  return matrices * K * N * 4 > slotBytesOf(K) * threadSlots ? "within" : "before";
}

interface RightOperand {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  /** Distance of its rows or, if columns lie contiguously, of those. */
  readonly ldb: number;
  readonly columnsOfB: boolean;
  /** How many there are. */
  readonly matrices: number;
}

/** Whether a record of its own packs the right operand, if that is dense and one for all: it may then as well be packed once. */
export function packsRightOperand({ batch, M, N, K, b, transposeA, transposeB = false }: Product): boolean {
  if (b.shape.length !== 2 || (transposeA && sizeOf(batch) !== 1)) return false;
  const ldb = transposeB ? K : N;
  return packingOf({ M: M * sizeOf(batch), N, K, ldb, columnsOfB: transposeB, matrices: 1 }) === "before";
}

/** How a right operand lies that is dense. */
export function rightLayout({ K, N, transposeB = false }: Product): MatrixLayout {
  return { K, N, rowStride: transposeB ? 1 : N, columnStride: transposeB ? K : 1 };
}

/** Bytes of the panels that a thread packs at a time. */
function slotBytesOf(K: number): number {
  return Math.min(K, blockOfK) * panelColumns * panelsTogether * 4;
}

/** Packs the matrices of an operand, each once. */
export function packMatrices(
  emit: Emitter,
  batch: Shape,
  from: Matrices,
  layout: MatrixLayout,
  side: string,
): Matrices {
  const size = packedSize(layout);
  const axes = batch.flatMap((_, axis) => (from.batchStrides[axis] === 0 ? [] : [axis]));
  const lengths = axes.map((axis) => batch[axis]!);
  const count = sizeOf(lengths);
  const packed = emit.scratch(4 * size * count, `packed ${side} operand`);
  if (count === 1) emitPack(emit, from.data, packed, layout);
  else {
    const offsets = emitOffsets(emit, lengths, [axes.map((axis) => from.batchStrides[axis]!)]);
    emit.record("gemmPackBatch", { b: from.data, packed, ...layout, batches: count, offsets });
  }
  const strides = denseStrides(lengths);
  const batchStrides = batch.map((_, axis) => (axes.includes(axis) ? strides[axes.indexOf(axis)]! * size : 0));
  return { ...from, data: packed, batchStrides };
}

/** Length of the parts in which a sum over K is computed: all of it unless C has too few tiles to share out, or rows to cut. */
function chunkOf(M: number, N: number, K: number): number {
  if (M < minimumRows) return Math.max(K, 1);
  const tiles = Math.max(Math.ceil(M / tileRows) * Math.ceil(N / panelColumns), 1);
  const chunks = Math.min(Math.floor(enoughTiles / tiles), Math.floor(K / shortestChunk));
  return chunks > 1 ? Math.ceil(K / chunks) : Math.max(K, 1);
}
