import { constants } from "../engine/index.js";
import type { MemoryRange, Emitter, Pointer, Value } from "../graph/index.js";
import { blockOfK, reuseToPack } from "./packing.js";
import { emitPack, type MatrixLayout, packedSize, panelColumns } from "./packPanels.js";

/** op(A)[M, K] · op(B)[K, N] + bias[N], then ReLU; all matrices dense and row-major. */
export interface Product {
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
 * Emits the records of one product, which is written to C[M, N]. Everything they do follows from the shape alone.
 * @param isPacked whether B lies in panels already
 */
export function emitGemm(emit: Emitter, product: Product, c: Value, isPacked = false): void {
  const { M, N, K, a, b, transposeA = false, transposeB = false, bias, relu = false } = product;
  const packedA = transposeA && N >= reuseToPack(K, M, 0);
  const packing = isPacked ? "before" : packingOf(product);
  const packsWithin = packing === "within";
  const slotBytes = slotBytesOf(K);
  const chunk = chunkOf(M, N, K);
  const chunks = Math.max(Math.ceil(K / chunk), 1);
  const target = chunks === 1 ? c : emit.scratch(chunks * M * N * 4, "partial sums");
  emit.record("gemm", {
    a: packedA ? pack(emit, a, { K, N: M, rowStride: M, columnStride: 1 }, "packed left operand") : a,
    b: packing === "before" && !isPacked ? pack(emit, b, rightLayout(product), "packed right operand") : b,
    c: target,
    ...plainStore,
    ...(chunks === 1 && { bias, relu }),
    scratch: packsWithin ? emit.scratch(slotBytes * threadSlots, "panels of the right operand for each thread") : 0,
    ...{ slots: threadSlots, slotBytes },
    ...{ M, N, K, chunk, transposeA, packedA, packedB: packing === "before" },
    transposeB: packsWithin && transposeB,
    lda: transposeA ? M : K,
    ldb: transposeB ? K : N,
    ldc: N,
  });
  if (chunks > 1) emitReduction(emit, { partials: target, c, chunks, M, N, bias, relu });
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
function packingOf({ M, N, K, transposeB = false }: Product): "none" | "before" | "within" {
  // C has the row length of B: a tile's rows of both fall into the same sets of the cache.
  if (!transposeB && M < Math.min(manyRows, reuseToPack(K, N, tileRows))) return "none";
  return K * N * 4 > slotBytesOf(K) * threadSlots ? "within" : "before";
}

/** Whether a record of its own packs the right operand, which may then as well be packed once for many products. */
export function packsRightOperand(product: Product): boolean {
  return packingOf(product) === "before";
}

/** How the right operand lies. */
export function rightLayout({ K, N, transposeB = false }: Product): MatrixLayout {
  return { K, N, rowStride: transposeB ? 1 : N, columnStride: transposeB ? K : 1 };
}

/** Bytes of the panels that a thread packs at a time. */
function slotBytesOf(K: number): number {
  return Math.min(K, blockOfK) * panelColumns * panelsTogether * 4;
}

function pack(emit: Emitter, b: Value, layout: MatrixLayout, label: string): MemoryRange {
  const packed = emit.scratch(4 * packedSize(layout), label);
  emitPack(emit, b, packed, layout);
  return packed;
}

/** Length of the parts in which a sum over K is computed: all of it unless C has too few tiles to share out, or rows to cut. */
function chunkOf(M: number, N: number, K: number): number {
  if (M < minimumRows) return Math.max(K, 1);
  const tiles = Math.max(Math.ceil(M / tileRows) * Math.ceil(N / panelColumns), 1);
  const chunks = Math.min(Math.floor(enoughTiles / tiles), Math.floor(K / shortestChunk));
  return chunks > 1 ? Math.ceil(K / chunks) : Math.max(K, 1);
}
