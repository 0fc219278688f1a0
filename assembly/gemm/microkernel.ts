import { multiplyAdd } from "./multiplyAdd";
import { storeRow } from "./tile";

/**
 * A register tile of C: 4 rows × 8 columns, summed over `count` ≥ 0 steps of k. The rows of A lie at a0 … a3 with k
 * contiguous; the 8 columns of B advance by `bStride` bytes (32 in a packed panel). Rows ≥ `rows` and columns ≥ `columns`
 * are computed but not stored: point the row pointers of missing rows at a valid row.
 */
// @ts-ignore: decorator
@inline
function rowTile(
  a0: usize,
  a1: usize,
  a2: usize,
  a3: usize,
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
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  for (const end = a0 + ((<usize>count) << 2); a0 != end;) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
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
    a0 += 4;
    a1 += 4;
    a2 += 4;
    a3 += 4;
    b += bStride;
  }
  storeRow(c00, c01, c, columns, alpha, beta, bias, relu);
  if (rows > 1) storeRow(c10, c11, c + cStride, columns, alpha, beta, bias, relu);
  if (rows > 2) storeRow(c20, c21, c + (cStride << 1), columns, alpha, beta, bias, relu);
  if (rows > 3) storeRow(c30, c31, c + cStride * 3, columns, alpha, beta, bias, relu);
}

/** Rows of A times a packed panel of B. See `rowTile`. */
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
  rowTile(a0, a1, a2, a3, b, 32, count, c, cStride, rows, columns, alpha, beta, bias, relu);
}
