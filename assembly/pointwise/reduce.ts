import { partsOf, shareEnd, shareStart } from "../partition";
import { accumulate, Maximum, Minimum, Product, reduceRows, Sum, SumOfIntegers } from "./accumulate";
import { addressOf, enter, runBlock } from "./pointwise";
import { arraysOf, POINTWISE_BLOCK, PointwiseRecord } from "./record";

/**
 * Runs a program whose results are seen as [outer, length, inner], and reduces them along the axis in the middle.
 *
 * The axis is cut into ⌈length / chunk⌉ parts, by the shape alone; the result is [parts, outer, inner], which a second record
 * reduces along the first axis, and so on. The last of them divides by `divisor`. `operand` is where a program leaves what is
 * reduced, a word as instructions have it; without instructions it is an array. `accumulators` is an offset in scratch, with
 * room for a block.
 */
@unmanaged
export class PointwiseReduceRecord extends PointwiseRecord {
  result: usize;
  outer: i32;
  length: i32;
  inner: i32;
  chunk: i32;
  operand: u32;
  accumulators: i32;
  reduction: i32;
  divisor: f32;
}

// @ts-ignore: decorator
@shared
export const REDUCE_SUM: i32 = 0;
// @ts-ignore: decorator
@shared
export const REDUCE_PRODUCT: i32 = 1;
// @ts-ignore: decorator
@shared
export const REDUCE_MAXIMUM: i32 = 2;
// @ts-ignore: decorator
@shared
export const REDUCE_MINIMUM: i32 = 3;
// @ts-ignore: decorator
@shared
export const REDUCE_SUM_OF_INTEGERS: i32 = 4;

export function pointwiseReduce(record: PointwiseReduceRecord, thread: i32, threads: i32): void {
  assert(record.chunk > 0 && (record.chunk >= record.length || record.divisor == 1));
  threads = min(threads, record.slots);
  if (thread >= threads || record.outer == 0 || record.inner == 0) return;
  const scratch = enter(record, thread);
  if (record.inner == 1 && record.length <= POINTWISE_BLOCK) shortRows(record, scratch, thread, threads);
  else parts(record, scratch, thread, threads);
}

/** Rows that are shorter than a block: as many together as it holds. */
function shortRows(record: PointwiseReduceRecord, scratch: usize, thread: i32, threads: i32): void {
  const length = record.length;
  const together = length == 0 ? record.outer : POINTWISE_BLOCK / length;
  const end = shareEnd(record.outer, together, thread, threads);
  for (let row = shareStart(record.outer, together, thread, threads); row < end; row += together) {
    const rows = min(end - row, together);
    const from = compute(record, scratch, row * length, rows * length);
    const to = record.result + ((<usize>row) << 2);
    reduceRowsOf(record.reduction, from, length, rows, to);
    divide(to, rows, record.divisor);
  }
}

/** One part of the axis of one outer index and a block of inner ones at a time: threads share these. */
function parts(record: PointwiseReduceRecord, scratch: usize, thread: i32, threads: i32): void {
  const outer = record.outer;
  const inner = record.inner;
  const tiles = partsOf(inner, POINTWISE_BLOCK);
  const chunks = max(partsOf(record.length, record.chunk), 1);
  const end = shareEnd(outer * chunks * tiles, 1, thread, threads);
  for (let unit = shareStart(outer * chunks * tiles, 1, thread, threads); unit < end; unit++) {
    const tile = unit % tiles;
    const row = (unit / tiles) % outer;
    const chunk = unit / tiles / outer;
    const from = chunk * record.chunk;
    const to = min(from + record.chunk, record.length);
    const first = tile * POINTWISE_BLOCK;
    const result = record.result + ((<usize>(chunk * outer + row) * <usize>inner + <usize>first) << 2);
    const columns = min(inner - first, POINTWISE_BLOCK);
    if (inner == 1) longRow(record, scratch, row * record.length, from, to, result);
    else if (columns < inner) apart(record, scratch, row * record.length, first, columns, from, to, result);
    else together(record, scratch, row * record.length, from, to, result);
    divide(result, columns, record.divisor);
  }
}

/** Elements from … to − 1 of the row that begins at element `row`: each block, then what the blocks have given. */
function longRow(record: PointwiseReduceRecord, scratch: usize, row: i32, from: i32, to: i32, result: usize): void {
  const sums = scratch + <usize>record.accumulators;
  let blocks = 0;
  for (let k = from; k < to; k += POINTWISE_BLOCK, blocks++) {
    const count = min(to - k, POINTWISE_BLOCK);
    reduceRowsOf(record.reduction, compute(record, scratch, row + k, count), count, 1, sums + ((<usize>blocks) << 2));
  }
  reduceRowsOf(record.reduction, sums, blocks, 1, result);
}

/**
 * Elements from … to − 1 of the axis, `columns` of each from `first` on, which are not all of them. Of an array several are taken at
 * once, so that the processor reads ahead; of a program one.
 */
function apart(
  record: PointwiseReduceRecord,
  scratch: usize,
  begin: i32,
  first: i32,
  columns: i32,
  from: i32,
  to: i32,
  result: usize,
): void {
  const inner = record.inner;
  const sums = scratch + <usize>record.accumulators;
  const rows = record.instructions > 0 ? 1 : 8;
  start(record.reduction, sums, columns);
  for (let k = from; k < to; k += rows) {
    const at = compute(record, scratch, (begin + k) * inner + first, columns);
    accumulateOf(record.reduction, sums, at, min(to - k, rows), (<usize>inner) << 2, columns, 0);
  }
  memory.copy(result, sums, (<usize>columns) << 2);
}

/**
 * Elements from … to − 1 of the axis, all inner ones together. Where these are few, several steps along the axis stand side by side,
 * in whole vectors, and are joined at the end.
 */
function together(record: PointwiseReduceRecord, scratch: usize, begin: i32, from: i32, to: i32, result: usize): void {
  const inner = record.inner;
  const sums = scratch + <usize>record.accumulators;
  let width = inner;
  while ((width < 64 || (width & 3) != 0) && width + inner <= POINTWISE_BLOCK) width += inner;
  const rows = max(POINTWISE_BLOCK / width, record.instructions > 0 ? 1 : 4);
  const steps = rows * (width / inner);
  start(record.reduction, sums, width);
  for (let k = from; k < to; k += steps) {
    const count = min(to - k, steps) * inner;
    const at = compute(record, scratch, (begin + k) * inner, count);
    const whole = count / width;
    accumulateOf(record.reduction, sums, at, whole, (<usize>width) << 2, width, count - whole * width);
  }
  const stride = (<usize>inner) << 2;
  if (width > inner) accumulateOf(record.reduction, sums, sums + stride, width / inner - 1, stride, inner, 0);
  memory.copy(result, sums, stride);
}

function reduceRowsOf(reduction: i32, from: usize, length: i32, rows: i32, to: usize): void {
  switch (reduction) {
    case REDUCE_SUM:
      return reduceRows<Sum>(from, length, rows, to);
    case REDUCE_PRODUCT:
      return reduceRows<Product>(from, length, rows, to);
    case REDUCE_MAXIMUM:
      return reduceRows<Maximum>(from, length, rows, to);
    case REDUCE_MINIMUM:
      return reduceRows<Minimum>(from, length, rows, to);
    default:
      return reduceRows<SumOfIntegers>(from, length, rows, to);
  }
}

function accumulateOf(reduction: i32, sums: usize, from: usize, rows: i32, stride: usize, width: i32, rest: i32): void {
  switch (reduction) {
    case REDUCE_SUM:
      return accumulate<Sum>(sums, from, rows, stride, width, rest);
    case REDUCE_PRODUCT:
      return accumulate<Product>(sums, from, rows, stride, width, rest);
    case REDUCE_MAXIMUM:
      return accumulate<Maximum>(sums, from, rows, stride, width, rest);
    case REDUCE_MINIMUM:
      return accumulate<Minimum>(sums, from, rows, stride, width, rest);
    default:
      return accumulate<SumOfIntegers>(sums, from, rows, stride, width, rest);
  }
}

/** Fills `width` accumulators, and what is left of their last vector, with the element that changes nothing. */
function start(reduction: i32, sums: usize, width: i32): void {
  const identity: f32 =
    reduction == REDUCE_MAXIMUM
      ? -Infinity
      : reduction == REDUCE_MINIMUM
        ? Infinity
        : reduction == REDUCE_PRODUCT
          ? 1
          : 0;
  const lanes = f32x4.splat(identity);
  for (let end = sums + ((<usize>width) << 2); sums < end; sums += 16) v128.store(sums, lanes);
}

/** Runs the program for `count` elements from `first` on; where what is reduced lies. */
function compute(record: PointwiseReduceRecord, scratch: usize, first: i32, count: i32): usize {
  if (record.instructions > 0) runBlock(record, scratch, first, count);
  return addressOf(record.operand, arraysOf(record), (<usize>first) << 2, scratch, scratch, record.constants);
}

function divide(at: usize, count: i32, divisor: f32): void {
  if (divisor == 1) return;
  for (let end = at + ((<usize>count) << 2); at < end; at += 4) store<f32>(at, load<f32>(at) / divisor);
}
