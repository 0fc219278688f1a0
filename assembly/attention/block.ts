import { multiplyStrip } from "../gemm/gemm";
import { GEMM_COPY_BYTES } from "../gemm/batch";
import { NR } from "../gemm/params";
import { GemmRecord } from "../gemm/record";
import { dropSixteen, DROPOUT_GROUP } from "../random/philox";
import { HeadsRecord, OFFSETS } from "./record";

/**
 * A product C = A · B, or Aᵀ · B, of `columns` columns whose operands are said later. Rows lie so many bytes apart, those of a packed B
 * 0. The record lies in scratch memory of the thread.
 */
export function productAt(
  at: usize,
  transposeA: bool,
  rowOfA: usize,
  rowOfB: usize,
  packedB: bool,
  columns: i32,
  rowOfC: usize,
): GemmRecord {
  memory.fill(at, 0, GEMM_COPY_BYTES);
  const product = changetype<GemmRecord>(at);
  product.transposeA = transposeA;
  product.lda = <i32>(rowOfA >> 2);
  product.ldb = <i32>(rowOfB >> 2);
  product.packedB = packedB;
  product.N = columns;
  product.ldc = <i32>(rowOfC >> 2);
  product.alpha = 1;
  return product;
}

/** `rows` rows of c = a · b + beta · c, summed over `count`; panels of 8 columns of b lie `panel` bytes apart. */
export function multiply(
  product: GemmRecord,
  a: usize,
  b: usize,
  panel: usize,
  c: usize,
  rows: i32,
  count: i32,
  beta: f32,
): void {
  product.a = a;
  const N = product.N;
  for (let column = 0; column < N; column += NR, b += panel) {
    multiplyStrip(product, c, 0, rows, column, 0, count, b, beta, true);
  }
}

/** Copies rows of `count` floats that lie `stride` floats apart, times a factor, to rows `to` bytes apart. */
export function copyRows(from: usize, stride: i32, to: usize, toRow: usize, rows: i32, count: i32, factor: f32): void {
  const factors = f32x4.splat(factor);
  const bytes = (<usize>count) << 2;
  for (; rows > 0; rows--, from += (<usize>stride) << 2, to += toRow) {
    let at: usize = 0;
    for (; at + 16 <= bytes; at += 16) v128.store(to + at, f32x4.mul(v128.load(from + at), factors));
    for (; at < bytes; at += 4) store<f32>(to + at, load<f32>(from + at) * factor);
  }
}

/** How many of `columns` keys from `key` on a query may see. */
// @ts-ignore: decorator
@inline
export function visibleColumns(record: HeadsRecord, row: i32, key: i32, columns: i32): i32 {
  return record.isCausal ? max(min(row + 1 - key, columns), 0) : columns;
}

/** Applies the mask to the scores of one query and `count` keys from `key` on. */
export function maskRow(record: HeadsRecord, head: i32, row: i32, key: i32, scores: usize, count: i32): void {
  const start = load<u32>(record.offsets + ((<usize>(head * OFFSETS + 3)) << 2));
  const first = start + row * record.maskRow + key * record.maskColumn;
  const step = record.maskColumn;
  if (record.isTruth) {
    let at = record.mask + first;
    for (let i = 0; i < count; i++, at += step) {
      if (load<u8>(at) == 0) store<f32>(scores + ((<usize>i) << 2), -Infinity);
    }
    return;
  }
  let at = record.mask + ((<usize>first) << 2);
  const end = scores + ((<usize>count) << 2);
  if (step == 1) {
    for (; scores + 16 <= end; scores += 16, at += 16) {
      v128.store(scores, f32x4.add(v128.load(scores), v128.load(at)));
    }
  }
  for (; scores < end; scores += 4, at += step << 2) store<f32>(scores, load<f32>(scores) + load<f32>(at));
}

/** Drops weights of one query and `count` keys from `key` on, in place. `stage` is 64 bytes of the thread's own. */
export function dropRow(
  record: HeadsRecord,
  head: i32,
  row: i32,
  key: i32,
  weights: usize,
  count: i32,
  stage: usize,
): void {
  const seed = load<u32>(record.seed);
  const step = v128.load32_splat(record.step);
  const stream = i32x4.splat(record.stream);
  const threshold = i32x4.splat(record.threshold);
  const scale = f32x4.splat(record.dropScale);
  let place = (<u64>head * <u64>record.queries + <u64>row) * <u64>record.keys + <u64>key;
  while (count > 0) {
    const lane = <i32>(place & (DROPOUT_GROUP - 1));
    const taken = min(DROPOUT_GROUP - lane, count);
    const counter = <i32>((place >> 4) << 2);
    const bytes = (<usize>taken) << 2;
    const isPart = taken < DROPOUT_GROUP;
    const at = isPart ? stage : weights;
    const own = at + ((<usize>lane) << 2);
    if (isPart) memory.copy(own, weights, bytes);
    dropSixteen(at, at, counter, seed, step, stream, threshold, scale);
    if (isPart) memory.copy(weights, own, bytes);
    weights += (<usize>taken) << 2;
    place += taken;
    count -= taken;
  }
}

/** Zeros in columns from … to − 1 of a row. A call of memory.fill costs more than a whole row of work, and mostly there are none. */
// @ts-ignore: decorator
@inline
export function clearRow(row: usize, from: i32, to: i32): void {
  if (from < to) memory.fill(row + ((<usize>from) << 2), 0, (<usize>(to - from)) << 2);
}

/** Multiplies a row by a factor. */
export function scaleRow(row: usize, count: i32, factor: f32): void {
  const factors = f32x4.splat(factor);
  const end = row + ((<usize>count) << 2);
  for (; row + 16 <= end; row += 16) v128.store(row, f32x4.mul(v128.load(row), factors));
  for (; row < end; row += 4) store<f32>(row, load<f32>(row) * factor);
}
