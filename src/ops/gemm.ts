import { constants } from "../engine/index.js";
import type { Buffer, Emitter, Pointer, Value } from "../graph/index.js";

/** C[M, N] = op(A)[M, K] · op(B)[K, N] + bias[N], then ReLU; all matrices dense and row-major. */
export interface Gemm {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly a: Value;
  readonly b: Value;
  readonly c: Value;
  /** A lies as [K, M]. */
  readonly transposeA?: boolean;
  /** B lies as [N, K]. */
  readonly transposeB?: boolean;
  readonly bias?: Value | undefined;
  readonly relu?: boolean;
}

const { NR: panelColumns, MINIMUM_ROWS: minimumRows, KC: blockOfK } = constants;
const tileRows = 4;

/** Rows of C from which on packing B pays where its rows are near to each other, and where they are far apart. */
const packedRows = { near: 256, far: 32 };
/** Columns of C from which on packing a far-spread Aᵀ pays. */
const packedColumns = 32;
/** A block of K whose rows span more bytes than this has more pages than the first-level TLB holds. */
const nearBytes = 2 ** 18;
/** Tiles of C that keep the threads of a large host busy; with fewer, a long sum is cut. */
const enoughTiles = 64;
/** Shortest part of a sum over K that is worth a partial result. */
const shortestChunk = 1024;

/** Emits the records of one product. Everything they do follows from the shape alone. */
export function emitGemm(emit: Emitter, gemm: Gemm): void {
  const { M, N, K, a, b, c, transposeA = false, transposeB = false, bias, relu = false } = gemm;
  const packedB = transposeB || M >= (isFar(K, N) ? packedRows.far : packedRows.near);
  const packedA = transposeA && N >= packedColumns && isFar(K, M);
  const chunk = chunkOf(M, N, K);
  const chunks = Math.max(Math.ceil(K / chunk), 1);
  const target = chunks === 1 ? c : emit.scratch(chunks * M * N * 4, "partial sums");
  emit.record("gemm", {
    a: packedA ? pack(emit, a, K, M, M, 1, "packed left operand") : a,
    b: packedB ? pack(emit, b, K, N, transposeB ? 1 : N, transposeB ? K : 1, "packed right operand") : b,
    c: target,
    ...plainStore,
    ...(chunks === 1 && { bias, relu }),
    ...{ M, N, K, chunk, transposeA, packedA, packedB },
    lda: transposeA ? M : K,
    ldb: N,
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
  }: Pick<Gemm, "M" | "N" | "c" | "bias" | "relu"> & { readonly partials: Pointer; readonly chunks: number },
): void {
  emit.record("gemmReduce", { ...sums, ldc: sums.N, ...plainStore, bias, relu });
}

/** Emits the record that lays a K × N matrix out in panels of 8 columns. */
function pack(
  emit: Emitter,
  b: Value,
  K: number,
  N: number,
  rowStride: number,
  columnStride: number,
  label: string,
): Buffer {
  const packed = emit.scratch(K * Math.ceil(N / panelColumns) * panelColumns * 4, label);
  emit.record("gemmPack", { b, packed, rowStride, columnStride, K, N });
  return packed;
}

/** Whether walking down a K × `stride` matrix touches more pages than the processor keeps at hand. */
function isFar(K: number, stride: number): boolean {
  return Math.min(K, blockOfK) * stride * 4 > nearBytes;
}

/** Length of the parts in which a sum over K is computed: all of it unless C has too few tiles to share out, or rows to cut. */
function chunkOf(M: number, N: number, K: number): number {
  if (M < minimumRows) return Math.max(K, 1);
  const tiles = Math.max(Math.ceil(M / tileRows) * Math.ceil(N / panelColumns), 1);
  const chunks = Math.min(Math.floor(enoughTiles / tiles), Math.floor(K / shortestChunk));
  return chunks > 1 ? Math.ceil(K / chunks) : Math.max(K, 1);
}
