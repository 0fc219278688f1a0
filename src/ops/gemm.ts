import type { Buffer, Emitter } from "../graph/index.js";

/** C[M, N] = op(A)[M, K] · op(B)[K, N] + bias[N], then ReLU; all matrices dense and row-major. */
export interface Gemm {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly a: Buffer;
  readonly b: Buffer;
  readonly c: Buffer;
  /** A lies as [K, M]. */
  readonly transposeA?: boolean;
  /** B lies as [N, K]. */
  readonly transposeB?: boolean;
  readonly bias?: Buffer | undefined;
  readonly relu?: boolean;
}

const panelColumns = 8;
const tileRows = 4;

/** With fewer rows of C, reading B as it lies costs less than packing it first. */
const packedRows = 16;
/** Rows this many bytes apart, or a multiple, fall into the same few sets of the L1 cache. */
const conflictingStride = 2048;
/** Tiles of C that keep the threads of a large host busy; with fewer, a long sum is cut. */
const enoughTiles = 64;
/** Shortest part of a sum over K that is worth a partial result. */
const shortestChunk = 1024;

/** Emits the records of one product. Everything they do follows from the shape alone. */
export function emitGemm(emit: Emitter, gemm: Gemm): void {
  const { M, N, K, a, b, c, transposeA = false, transposeB = false, bias, relu = false } = gemm;
  const packedB = transposeB || M >= packedRows;
  const packedA = transposeA && N > panelColumns && (M * 4) % conflictingStride === 0;
  const chunk = chunkOf(M, N, K);
  const chunks = Math.max(Math.ceil(K / chunk), 1);
  const epilogue = { bias: bias ?? 0, alpha: 1, beta: 0, relu };
  const target = chunks === 1 ? c : emit.scratch(chunks * M * N * 4, "partial sums");
  emit.record("gemm", {
    a: packedA ? pack(emit, a, K, M, M, 1, "packed left operand") : a,
    b: packedB ? pack(emit, b, K, N, transposeB ? 1 : N, transposeB ? K : 1, "packed right operand") : b,
    c: target,
    ...(chunks === 1 ? epilogue : { bias: 0, alpha: 1, beta: 0, relu: false }),
    ...{ M, N, K, chunk, transposeA, packedA, packedB },
    lda: transposeA ? M : K,
    ldb: N,
    ldc: N,
  });
  if (chunks > 1) emit.record("gemmReduce", { partials: target, c, chunks, M, N, ldc: N, ...epilogue });
}

/** Emits the record that lays a K × N matrix out in panels of 8 columns. */
function pack(
  emit: Emitter,
  b: Buffer,
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

/** Length of the parts in which a sum over K is computed: all of it unless C has too few tiles to share out. */
function chunkOf(M: number, N: number, K: number): number {
  const tiles = Math.max(Math.ceil(M / tileRows) * Math.ceil(N / panelColumns), 1);
  const chunks = Math.min(Math.floor(enoughTiles / tiles), Math.floor(K / shortestChunk));
  return chunks > 1 ? Math.ceil(K / chunks) : Math.max(K, 1);
}
