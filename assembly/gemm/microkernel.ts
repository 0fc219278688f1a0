import { multiplyAdd } from "./multiplyAdd";
import { storeRow } from "./tile";

/**
 * Register tiles of C: 4 rows × 8 columns in eight accumulators, summed over `count` ≥ 0 steps of k, then finished and
 * stored (tile.ts). Rows ≥ `rows` and columns ≥ `columns` are computed but not stored.
 */

/**
 * The sum of a tile whose rows of A lie at a0 … a3, k `aStride` bytes apart (point those of missing rows at a valid row),
 * and whose rows of B lie `bStride` bytes apart. If `isPartial`, no more than `columns` floats of a row of B are read.
 */
// @ts-ignore: decorator
@inline
function pointerTile(
  a0: usize,
  a1: usize,
  a2: usize,
  a3: usize,
  aStride: usize,
  b: usize,
  bStride: usize,
  isPartial: bool,
  count: i32,
  c: usize,
  cStride: usize,
  rows: i32,
  columns: i32,
  alpha: f32,
  beta: f32,
  bias: usize,
  relu: bool,
): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  for (; count > 0; count--) {
    const b0 = isPartial ? loadPart(b, columns) : v128.load(b);
    const b1 = isPartial ? loadPart(b + 16, columns - 4) : v128.load(b, 16);
    let a = v128.load_splat<f32>(a0);
    c00 = multiplyAdd(a, b0, c00);
    c01 = multiplyAdd(a, b1, c01);
    a = v128.load_splat<f32>(a1);
    c10 = multiplyAdd(a, b0, c10);
    c11 = multiplyAdd(a, b1, c11);
    a = v128.load_splat<f32>(a2);
    c20 = multiplyAdd(a, b0, c20);
    c21 = multiplyAdd(a, b1, c21);
    a = v128.load_splat<f32>(a3);
    c30 = multiplyAdd(a, b0, c30);
    c31 = multiplyAdd(a, b1, c31);
    a0 += aStride;
    a1 += aStride;
    a2 += aStride;
    a3 += aStride;
    b += bStride;
  }
  storeRow(c00, c01, c, columns, alpha, beta, bias, relu);
  if (rows > 1) storeRow(c10, c11, c + cStride, columns, alpha, beta, bias, relu);
  if (rows > 2) storeRow(c20, c21, c + (cStride << 1), columns, alpha, beta, bias, relu);
  if (rows > 3) storeRow(c30, c31, c + cStride * 3, columns, alpha, beta, bias, relu);
}

/** The first `columns` floats at `address`, at most four, then zeros. */
// @ts-ignore: decorator
@inline
function loadPart(address: usize, columns: i32): v128 {
  if (columns >= 4) return v128.load(address);
  if (columns == 3) return v128.load32_lane(address, v128.load64_zero(address), 2, 8);
  if (columns == 2) return v128.load64_zero(address);
  if (columns == 1) return v128.load32_zero(address);
  return f32x4.splat(0);
}

/** Rows of A with k contiguous, times a packed panel of B. */
export function rowsByPanel(
  a0: usize,
  a1: usize,
  a2: usize,
  a3: usize,
  b: usize,
  count: i32,
  c: usize,
  cStride: usize,
  rows: i32,
  columns: i32,
  alpha: f32,
  beta: f32,
  bias: usize,
  relu: bool,
): void {
  pointerTile(a0, a1, a2, a3, 4, b, 32, false, count, c, cStride, rows, columns, alpha, beta, bias, relu);
}

/** Rows of A with any distance of k, times rows of B at any distance. */
export function rowsByRows(
  a0: usize,
  a1: usize,
  a2: usize,
  a3: usize,
  aStride: usize,
  b: usize,
  bStride: usize,
  count: i32,
  c: usize,
  cStride: usize,
  rows: i32,
  columns: i32,
  alpha: f32,
  beta: f32,
  bias: usize,
  relu: bool,
): void {
  if (columns == 8) {
    pointerTile(a0, a1, a2, a3, aStride, b, bStride, false, count, c, cStride, rows, 8, alpha, beta, bias, relu);
  } else {
    pointerTile(a0, a1, a2, a3, aStride, b, bStride, true, count, c, cStride, rows, columns, alpha, beta, bias, relu);
  }
}

/** Four neighbouring elements of each row of Aᵀ, rows `aStride` bytes apart, times 8 columns of B: a full tile. */
export function columnsByRows(
  a: usize,
  aStride: usize,
  b: usize,
  bStride: usize,
  count: i32,
  c: usize,
  cStride: usize,
  columns: i32,
  alpha: f32,
  beta: f32,
  bias: usize,
  relu: bool,
): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  for (; count > 0; count--) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load_splat<f32>(a);
    c00 = multiplyAdd(x, b0, c00);
    c01 = multiplyAdd(x, b1, c01);
    x = v128.load_splat<f32>(a, 4);
    c10 = multiplyAdd(x, b0, c10);
    c11 = multiplyAdd(x, b1, c11);
    x = v128.load_splat<f32>(a, 8);
    c20 = multiplyAdd(x, b0, c20);
    c21 = multiplyAdd(x, b1, c21);
    x = v128.load_splat<f32>(a, 12);
    c30 = multiplyAdd(x, b0, c30);
    c31 = multiplyAdd(x, b1, c31);
    a += aStride;
    b += bStride;
  }
  storeRow(c00, c01, c, columns, alpha, beta, bias, relu);
  storeRow(c10, c11, c + cStride, columns, alpha, beta, bias, relu);
  storeRow(c20, c21, c + (cStride << 1), columns, alpha, beta, bias, relu);
  storeRow(c30, c31, c + cStride * 3, columns, alpha, beta, bias, relu);
}
