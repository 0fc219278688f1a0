import { multiplyAdd } from "../math/lanes";
import { shortTiles } from "./microkernel";
import { MR, NR } from "./params";
import { storePart, storeRow } from "./tile";

/**
 * What whole tiles leave over at the edges of C: any number of rows of up to 8 columns. Row r of A begins at a + r · aRow,
 * k `aStep` bytes apart there and `bStep` in B. A tile's rows and columns that C does not have are computed from the last
 * valid row and, unless B is packed (and so padded), from zeros: nothing outside the matrices is read or written.
 */
export function multiplyEdge(
  a: usize,
  aRow: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  isPadded: bool,
  count: i32,
  c: usize,
  cRow: usize,
  rows: i32,
  columns: i32,
  alpha: f32,
  beta: f32,
  bias: usize,
  relu: bool,
): void {
  if (MR > 4 && rows >= 4 && columns == NR) {
    const tiles = rows >> 2;
    shortTiles(a, aRow, aStep, b, bStep, count, c, cRow, tiles, alpha, beta, bias, relu);
    rows &= 3;
    a += <usize>(tiles << 2) * aRow;
    c += <usize>(tiles << 2) * cRow;
  }
  const readable = isPadded ? NR : columns;
  for (; rows > 0; rows -= 4, a += aRow << 2, c += cRow << 2) {
    const a1 = rows > 1 ? a + aRow : a;
    const a2 = rows > 2 ? a1 + aRow : a1;
    const a3 = rows > 3 ? a2 + aRow : a2;
    if (columns > 4) {
      wideEdge(a, a1, a2, a3, aStep, b, bStep, readable, count, c, cRow, rows, columns, alpha, beta, bias, relu);
    } else {
      narrowEdge(a, a1, a2, a3, aStep, b, bStep, readable, count, c, cRow, rows, columns, alpha, beta, bias, relu);
    }
  }
}

/** The first `columns` floats at `address`, at most four, then zeros. */
// @ts-ignore: decorator
@inline
function loadPart(address: usize, columns: i32): v128 {
  if (columns >= 4) return v128.load(address);
  if (columns == 3) return v128.load32_lane(address, v128.load64_zero(address), 2, 8);
  if (columns == 2) return v128.load64_zero(address);
  return v128.load32_zero(address);
}

/** Columns 5 to 8, of which `readable` may be read. */
function wideEdge(
  a0: usize,
  a1: usize,
  a2: usize,
  a3: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  readable: i32,
  count: i32,
  c: usize,
  cRow: usize,
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
    const b0 = v128.load(b);
    const b1 = loadPart(b + 16, readable - 4);
    let x = v128.load_splat<f32>(a0);
    c00 = multiplyAdd(x, b0, c00);
    c01 = multiplyAdd(x, b1, c01);
    x = v128.load_splat<f32>(a1);
    c10 = multiplyAdd(x, b0, c10);
    c11 = multiplyAdd(x, b1, c11);
    x = v128.load_splat<f32>(a2);
    c20 = multiplyAdd(x, b0, c20);
    c21 = multiplyAdd(x, b1, c21);
    x = v128.load_splat<f32>(a3);
    c30 = multiplyAdd(x, b0, c30);
    c31 = multiplyAdd(x, b1, c31);
    a0 += aStep;
    a1 += aStep;
    a2 += aStep;
    a3 += aStep;
    b += bStep;
  }
  storeRow(c00, c01, c, columns, alpha, beta, bias, relu);
  if (rows > 1) storeRow(c10, c11, c + cRow, columns, alpha, beta, bias, relu);
  if (rows > 2) storeRow(c20, c21, c + (cRow << 1), columns, alpha, beta, bias, relu);
  if (rows > 3) storeRow(c30, c31, c + cRow * 3, columns, alpha, beta, bias, relu);
}

/** Columns 1 to 4. */
function narrowEdge(
  a0: usize,
  a1: usize,
  a2: usize,
  a3: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  readable: i32,
  count: i32,
  c: usize,
  cRow: usize,
  rows: i32,
  columns: i32,
  alpha: f32,
  beta: f32,
  bias: usize,
  relu: bool,
): void {
  let c0 = f32x4.splat(0);
  let c1 = c0;
  let c2 = c0;
  let c3 = c0;
  for (; count > 0; count--) {
    const b0 = loadPart(b, readable);
    c0 = multiplyAdd(v128.load_splat<f32>(a0), b0, c0);
    c1 = multiplyAdd(v128.load_splat<f32>(a1), b0, c1);
    c2 = multiplyAdd(v128.load_splat<f32>(a2), b0, c2);
    c3 = multiplyAdd(v128.load_splat<f32>(a3), b0, c3);
    a0 += aStep;
    a1 += aStep;
    a2 += aStep;
    a3 += aStep;
    b += bStep;
  }
  storePart(c0, c, columns, alpha, beta, bias, relu);
  if (rows > 1) storePart(c1, c + cRow, columns, alpha, beta, bias, relu);
  if (rows > 2) storePart(c2, c + (cRow << 1), columns, alpha, beta, bias, relu);
  if (rows > 3) storePart(c3, c + cRow * 3, columns, alpha, beta, bias, relu);
}
