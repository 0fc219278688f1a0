import { partsOf, shareEnd, shareStart } from "../partition";
import {
  accumulate,
  fold,
  Maximum,
  Minimum,
  Product,
  reduceRows,
  reduceRun,
  start,
  Sum,
  SumOfIntegers,
} from "./accumulate";
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
  switch (record.reduction) {
    case REDUCE_SUM:
      return reduceWith<Sum>(record, thread, threads);
    case REDUCE_PRODUCT:
      return reduceWith<Product>(record, thread, threads);
    case REDUCE_MAXIMUM:
      return reduceWith<Maximum>(record, thread, threads);
    case REDUCE_MINIMUM:
      return reduceWith<Minimum>(record, thread, threads);
    case REDUCE_SUM_OF_INTEGERS:
      return reduceWith<SumOfIntegers>(record, thread, threads);
    default:
      unreachable();
  }
}

function reduceWith<F>(record: PointwiseReduceRecord, thread: i32, threads: i32): void {
  const scratch = enter(record, thread);
  if (record.inner == 1 && record.length <= POINTWISE_BLOCK) shortRows<F>(record, scratch, thread, threads);
  else parts<F>(record, scratch, thread, threads);
}

/** Rows that are shorter than a block: as many together as it holds. */
function shortRows<F>(record: PointwiseReduceRecord, scratch: usize, thread: i32, threads: i32): void {
  const length = record.length;
  const together = length == 0 ? record.outer : POINTWISE_BLOCK / length;
  const end = shareEnd(record.outer, together, thread, threads);
  for (let row = shareStart(record.outer, together, thread, threads); row < end; row += together) {
    const rows = min(end - row, together);
    const from = compute(record, scratch, row * length, rows * length);
    const to = record.result + ((<usize>row) << 2);
    reduceRows<F>(from, length, rows, to);
    divide(to, rows, record.divisor);
  }
}

/** One part of the axis of one outer index and a block of inner ones at a time: threads share these. */
function parts<F>(record: PointwiseReduceRecord, scratch: usize, thread: i32, threads: i32): void {
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
    const result = record.result + ((<usize>(chunk * outer + row) * <usize>inner) << 2);
    if (inner == 1) {
      const value = longRow<F>(record, scratch, row * record.length, from, to);
      v128.store32_lane(result, value, 0);
      divide(result, 1, record.divisor);
    } else {
      const first = tile * POINTWISE_BLOCK;
      const columns = min(inner - first, POINTWISE_BLOCK);
      sumColumns<F>(record, scratch, row, first, columns, from, to, result + ((<usize>first) << 2));
    }
  }
}

/** Elements from … to − 1 of the row that begins at element `row`: in the lowest lane. */
// @ts-ignore: decorator
@inline
function longRow<F>(record: PointwiseReduceRecord, scratch: usize, row: i32, from: i32, to: i32): v128 {
  const f = changetype<F>(0);
  let value = f.identity();
  for (let k = from; k < to; k += POINTWISE_BLOCK) {
    const count = min(to - k, POINTWISE_BLOCK);
    value = f.combine(value, reduceRun<F>(compute(record, scratch, row + k, count), count));
  }
  return value;
}

/** Elements from … to − 1 of the axis, for `columns` inner indices from `first` on. */
// @ts-ignore: decorator
@inline
function sumColumns<F>(
  record: PointwiseReduceRecord,
  scratch: usize,
  row: i32,
  first: i32,
  columns: i32,
  from: i32,
  to: i32,
  result: usize,
): void {
  const inner = record.inner;
  const sums = scratch + <usize>record.accumulators;
  const begin = row * record.length;
  if (columns < inner) {
    start<F>(sums, columns);
    // Rows that lie apart: of an array several at once, which reads several streams; of a program one.
    const together = record.instructions > 0 ? 1 : 8;
    const stride = (<usize>inner) << 2;
    for (let k = from; k < to; k += together) {
      const at = compute(record, scratch, (begin + k) * inner + first, columns);
      accumulate<F>(sums, at, min(to - k, together), stride, columns, 0);
    }
    memory.copy(result, sums, (<usize>columns) << 2);
    return divide(result, columns, record.divisor);
  }
  // Few columns: several steps along the axis stand side by side, in whole vectors, and are joined at the end.
  let width = columns;
  while (width < 64 || (width & 3) != 0) {
    if (width + columns > POINTWISE_BLOCK) break;
    width += columns;
  }
  start<F>(sums, width);
  const wide = max(POINTWISE_BLOCK / width, record.instructions > 0 ? 1 : 4);
  const together = wide * (width / columns);
  for (let k = from; k < to; k += together) {
    const count = min(to - k, together) * columns;
    const at = compute(record, scratch, (begin + k) * inner, count);
    const rows = count / width;
    accumulate<F>(sums, at, rows, (<usize>width) << 2, width, count - rows * width);
  }
  fold<F>(sums, width, columns);
  memory.copy(result, sums, (<usize>columns) << 2);
  divide(result, columns, record.divisor);
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
