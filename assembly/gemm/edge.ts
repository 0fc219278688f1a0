import { loadPartial, multiplyAdd } from "../math/lanes";
import { shortTiles } from "./microkernel";
import { MR, NR } from "./params";
import { addressInA, GemmRecord, readsPanels, stepOfA, stepOfB } from "./record";
import { storePart } from "./tile";

/**
 * What whole tiles leave over at the edges of C: `rows` rows from `row` on of up to 8 columns, the first of which lies at c; b is
 * where row k of B lies. A tile's rows and columns that C does not have are computed from the last valid row and, unless B is
 * packed (and so padded), from zeros: nothing outside the matrices is read or written.
 */
export function multiplyEdge(
  record: GemmRecord,
  row: i32,
  k: i32,
  count: i32,
  b: usize,
  c: usize,
  rows: i32,
  columns: i32,
  beta: f32,
  bias: usize,
  relu: bool,
): void {
  const fourRows = (<usize>record.ldc) << 4;
  if (MR > 4 && rows >= 4 && columns == NR) {
    const tiles = rows >> 2;
    shortTiles(record, row, k, count, b, c, tiles, beta, bias, relu);
    row += tiles << 2;
    rows &= 3;
    c += <usize>tiles * fourRows;
  }
  for (; rows > 0; rows -= 4, row += 4, c += fourRows) {
    if (columns > 4) wideEdge(record, row, k, count, b, c, rows, columns, beta, bias, relu);
    else narrowEdge(record, row, k, count, b, c, rows, columns, beta, bias, relu);
  }
}

/** Up to 4 of `rows` rows, columns 5 to 8. */
function wideEdge(
  record: GemmRecord,
  row: i32,
  k: i32,
  count: i32,
  b: usize,
  c: usize,
  rows: i32,
  columns: i32,
  beta: f32,
  bias: usize,
  relu: bool,
): void {
  let a0 = addressInA(record, row, k);
  let a1 = rows > 1 ? addressInA(record, row + 1, k) : a0;
  let a2 = rows > 2 ? addressInA(record, row + 2, k) : a1;
  let a3 = rows > 3 ? addressInA(record, row + 3, k) : a2;
  const aStep = stepOfA(record);
  const bStep = stepOfB(record);
  const readable = readsPanels(record) ? 4 : columns - 4;
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
    const b1 = loadPartial(b + 16, readable);
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
  const next: usize = bias != 0 ? bias + 16 : 0;
  storeHalf(record, c00, c10, c20, c30, c, rows, 4, beta, bias, relu);
  storeHalf(record, c01, c11, c21, c31, c + 16, rows, columns - 4, beta, next, relu);
}

/** Up to 4 of `rows` rows, columns 1 to 4. */
function narrowEdge(
  record: GemmRecord,
  row: i32,
  k: i32,
  count: i32,
  b: usize,
  c: usize,
  rows: i32,
  columns: i32,
  beta: f32,
  bias: usize,
  relu: bool,
): void {
  let a0 = addressInA(record, row, k);
  let a1 = rows > 1 ? addressInA(record, row + 1, k) : a0;
  let a2 = rows > 2 ? addressInA(record, row + 2, k) : a1;
  let a3 = rows > 3 ? addressInA(record, row + 3, k) : a2;
  const aStep = stepOfA(record);
  const bStep = stepOfB(record);
  const readable = readsPanels(record) ? 4 : columns;
  let c0 = f32x4.splat(0);
  let c1 = c0;
  let c2 = c0;
  let c3 = c0;
  for (; count > 0; count--) {
    const b0 = loadPartial(b, readable);
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
  storeRows(record, c0, c1, c2, c3, c, rows, columns, beta, bias, relu);
}

/** The first `columns` of four columns of up to 4 of `rows` rows. */
// @ts-ignore: decorator
@inline
function storeRows(
  record: GemmRecord,
  r0: v128,
  r1: v128,
  r2: v128,
  r3: v128,
  c: usize,
  rows: i32,
  columns: i32,
  beta: f32,
  bias: usize,
  relu: bool,
): void {
  const alpha = record.alpha;
  const cRow = (<usize>record.ldc) << 2;
  storePart(r0, c, columns, alpha, beta, bias, relu);
  if (rows > 1) storePart(r1, c + cRow, columns, alpha, beta, bias, relu);
  if (rows > 2) storePart(r2, c + 2 * cRow, columns, alpha, beta, bias, relu);
  if (rows > 3) storePart(r3, c + 3 * cRow, columns, alpha, beta, bias, relu);
}

/** `storeRows` by a call, for edges whose rows have two halves. */
function storeHalf(
  record: GemmRecord,
  r0: v128,
  r1: v128,
  r2: v128,
  r3: v128,
  c: usize,
  rows: i32,
  columns: i32,
  beta: f32,
  bias: usize,
  relu: bool,
): void {
  storeRows(record, r0, r1, r2, r3, c, rows, columns, beta, bias, relu);
}
