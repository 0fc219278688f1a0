/** A matrix inside an array: element (i, j) lies at start + i·rowStride + j·columnStride. */
export interface Matrix {
  readonly data: Float32Array;
  readonly start: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

export function rowMajor(data: Float32Array, columns: number, start = 0): Matrix {
  return { data, start, rowStride: columns, columnStride: 1 };
}

export function transposed({ data, start, rowStride, columnStride }: Matrix): Matrix {
  return { data, start, rowStride: columnStride, columnStride: rowStride };
}

/** Rows and columns of a tile: its 16 sums stay in registers. */
const tile = 4;
/** Rows of A and depth of a block: the packed block of A stays in the L2 cache, a panel of B in L1. */
const blockRows = 128;
const blockDepth = 256;

/**
 * c = a·b by 4×4 tiles over packed panels. The panels are float64, the type that JavaScript computes in, so that the
 * inner loop converts nothing.
 */
export class TiledGemm {
  private readonly panelsOfA = new Float64Array(blockRows * blockDepth);
  private panelsOfB = new Float64Array(0);
  private readonly edgeTile = new Float32Array(tile * tile);

  /** c[M, N] (rows at `cStart` + i·N) = a[M, K] · b[K, N], added to c if `accumulate`. */
  multiply(
    a: Matrix,
    b: Matrix,
    c: Float32Array,
    cStart: number,
    M: number,
    N: number,
    K: number,
    accumulate: boolean,
  ): void {
    const panelsLength = Math.ceil(N / tile) * tile * Math.min(K, blockDepth);
    if (this.panelsOfB.length < panelsLength) this.panelsOfB = new Float64Array(panelsLength);
    if (K === 0 && !accumulate) c.fill(0, cStart, cStart + M * N);
    for (let k = 0; k < K; k += blockDepth) {
      const depth = Math.min(blockDepth, K - k);
      pack(b.data, b.start + k * b.rowStride, b.columnStride, b.rowStride, N, depth, this.panelsOfB);
      for (let row = 0; row < M; row += blockRows) {
        const rows = Math.min(blockRows, M - row);
        const start = a.start + row * a.rowStride + k * a.columnStride;
        pack(a.data, start, a.rowStride, a.columnStride, rows, depth, this.panelsOfA);
        this.multiplyBlock(c, cStart + row * N, rows, N, depth, accumulate || k > 0);
      }
    }
  }

  private multiplyBlock(c: Float32Array, cStart: number, M: number, N: number, K: number, accumulate: boolean): void {
    const { panelsOfA, panelsOfB, edgeTile } = this;
    for (let j = 0; j < N; j += tile) {
      for (let i = 0; i < M; i += tile) {
        const at = cStart + i * N + j;
        if (i + tile <= M && j + tile <= N) {
          multiplyTile(panelsOfA, i * K, panelsOfB, j * K, K, c, at, N, accumulate);
          continue;
        }
        multiplyTile(panelsOfA, i * K, panelsOfB, j * K, K, edgeTile, 0, tile, false);
        for (let row = 0; row < Math.min(tile, M - i); row++) {
          for (let column = 0; column < Math.min(tile, N - j); column++) {
            const value = edgeTile[row * tile + column]!;
            if (accumulate) c[at + row * N + column]! += value;
            else c[at + row * N + column] = value;
          }
        }
      }
    }
  }
}

/**
 * Copies `count` vectors of `depth` elements into panels of four vectors, element by element; the last panel is filled
 * up with zeros.
 */
function pack(
  source: Float32Array,
  start: number,
  vectorStride: number,
  elementStride: number,
  count: number,
  depth: number,
  panels: Float64Array,
): void {
  let to = 0;
  for (let vector = 0; vector < count; vector += tile) {
    let from = start + vector * vectorStride;
    if (vector + tile <= count) {
      for (let k = 0; k < depth; k++, from += elementStride, to += tile) {
        panels[to] = source[from]!;
        panels[to + 1] = source[from + vectorStride]!;
        panels[to + 2] = source[from + 2 * vectorStride]!;
        panels[to + 3] = source[from + 3 * vectorStride]!;
      }
      continue;
    }
    for (let k = 0; k < depth; k++, from += elementStride, to += tile) {
      for (let i = 0; i < tile; i++) panels[to + i] = vector + i < count ? source[from + i * vectorStride]! : 0;
    }
  }
}

/** The 4×4 tile of c at `at`, whose rows are `stride` apart, from one panel each of a and b. */
function multiplyTile(
  a: Float64Array,
  aStart: number,
  b: Float64Array,
  bStart: number,
  depth: number,
  c: Float32Array,
  at: number,
  stride: number,
  accumulate: boolean,
): void {
  let c00 = 0,
    c01 = 0,
    c02 = 0,
    c03 = 0;
  let c10 = 0,
    c11 = 0,
    c12 = 0,
    c13 = 0;
  let c20 = 0,
    c21 = 0,
    c22 = 0,
    c23 = 0;
  let c30 = 0,
    c31 = 0,
    c32 = 0,
    c33 = 0;
  for (let k = 0; k < depth; k++, aStart += 4, bStart += 4) {
    const b0 = b[bStart]!,
      b1 = b[bStart + 1]!,
      b2 = b[bStart + 2]!,
      b3 = b[bStart + 3]!;
    const a0 = a[aStart]!;
    c00 += a0 * b0;
    c01 += a0 * b1;
    c02 += a0 * b2;
    c03 += a0 * b3;
    const a1 = a[aStart + 1]!;
    c10 += a1 * b0;
    c11 += a1 * b1;
    c12 += a1 * b2;
    c13 += a1 * b3;
    const a2 = a[aStart + 2]!;
    c20 += a2 * b0;
    c21 += a2 * b1;
    c22 += a2 * b2;
    c23 += a2 * b3;
    const a3 = a[aStart + 3]!;
    c30 += a3 * b0;
    c31 += a3 * b1;
    c32 += a3 * b2;
    c33 += a3 * b3;
  }
  const row1 = at + stride,
    row2 = row1 + stride,
    row3 = row2 + stride;
  if (accumulate) {
    c00 += c[at]!;
    c01 += c[at + 1]!;
    c02 += c[at + 2]!;
    c03 += c[at + 3]!;
    c10 += c[row1]!;
    c11 += c[row1 + 1]!;
    c12 += c[row1 + 2]!;
    c13 += c[row1 + 3]!;
    c20 += c[row2]!;
    c21 += c[row2 + 1]!;
    c22 += c[row2 + 2]!;
    c23 += c[row2 + 3]!;
    c30 += c[row3]!;
    c31 += c[row3 + 1]!;
    c32 += c[row3 + 2]!;
    c33 += c[row3 + 3]!;
  }
  c[at] = c00;
  c[at + 1] = c01;
  c[at + 2] = c02;
  c[at + 3] = c03;
  c[row1] = c10;
  c[row1 + 1] = c11;
  c[row1 + 2] = c12;
  c[row1 + 3] = c13;
  c[row2] = c20;
  c[row2 + 1] = c21;
  c[row2 + 2] = c22;
  c[row2 + 3] = c23;
  c[row3] = c30;
  c[row3 + 1] = c31;
  c[row3 + 2] = c32;
  c[row3 + 3] = c33;
}
