import { GEMM_COPY_BYTES } from "../gemm/batch";
import { partsOf, shareEnd, shareStart } from "../partition";
import { exponentialOfNegative } from "../math/exponential";
import { isAligned } from "../record";
import { exponentialsOfRow, logarithmOf, rowMaximum } from "../softmax/row";
import { clearRow, copyRows, dropRow, maskRow, multiply, productAt, scaleRow, visibleColumns } from "./block";
import { ATTENTION_GAP, ATTENTION_ROWS, HeadsRecord, partOfHead } from "./record";

/** y = softmax(scale · query · keyᵀ + mask) · value for each head. `valueRows` are the values, packed as keys × valueFeatures. */
@unmanaged
export class AttentionRecord extends HeadsRecord {
  valueRows: usize;
}

/**
 * Blocks of queries of all heads are shared out. A block takes the keys in blocks, with an online softmax (Milakov and Gimelshein,
 * "Online normalizer calculation for softmax", 2018; Dao et al., "FlashAttention", 2022): exponentials about the largest score so
 * far, what was summed before scaled down where that grows. Where one block holds all keys, that is a softmax.
 */
export function attention(record: AttentionRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.query | record.keyColumns | record.valueRows | record.y | record.kept | record.scratch));
  assert(record.block > 0 && record.slots > 0);
  threads = min(threads, record.slots);
  if (thread >= threads) return;
  const block = record.block;
  const queries = record.queries;
  const keys = record.keys;
  const features = record.features;
  const valueFeatures = record.valueFeatures;
  const keepsRows = record.kept != 0 && record.keepsProbabilities;
  const isWhole = block >= keys;

  const products = record.scratch + <usize>thread * <usize>record.slotBytes;
  const stage = products + <usize>GEMM_COPY_BYTES;
  const largest = stage + 64;
  const sums = largest + ((<usize>ATTENTION_ROWS) << 2);
  const query = sums + ((<usize>ATTENTION_ROWS) << 2);
  const queryRow = ((<usize>features) << 2) + ATTENTION_GAP;
  const weights = query + queryRow * ATTENTION_ROWS;
  const weightRow = ((<usize>block) << 2) + ATTENTION_GAP;
  assert(weights + weightRow * min(queries, ATTENTION_ROWS) <= products + <usize>record.slotBytes);

  const blocks = partsOf(queries, ATTENTION_ROWS);
  const last = shareEnd(record.heads * blocks, 1, thread, threads);
  for (let unit = shareStart(record.heads * blocks, 1, thread, threads); unit < last; unit++) {
    const head = unit / blocks;
    const first = (unit - head * blocks) * ATTENTION_ROWS;
    const rows = min(queries - first, ATTENTION_ROWS);
    const from = partOfHead(record, record.query, head, 0) + ((<usize>first * <usize>record.queryRow) << 2);
    copyRows(from, record.queryRow, query, queryRow, rows, features, record.scale);
    const keyColumns = partOfHead(record, record.keyColumns, head, 1);
    const valueRows = partOfHead(record, record.valueRows, head, 2);
    const place = <usize>head * <usize>queries + <usize>first;
    const y = record.y + ((place * <usize>valueFeatures) << 2);
    const yRow = (<usize>valueFeatures) << 2;
    const seen = record.isCausal ? min(keys, first + rows) : keys;
    if (seen == 0) memory.fill(y, 0, yRow * rows);
    fillFloats(largest, rows, -Infinity);
    fillFloats(sums, rows, 0);
    // Probabilities that are kept are computed where they stay.
    const kept = record.kept + ((place * <usize>keys) << 2);
    const scores = keepsRows ? kept : weights;
    const scoreRow = keepsRows ? (<usize>keys) << 2 : weightRow;
    for (let key = 0; key < seen; key += block) {
      const columns = min(block, seen - key);
      const scoring = productAt(products, false, queryRow, 0, true, columns, scoreRow);
      const panel = (<usize>features) << 5;
      multiply(scoring, query, keyColumns + ((<usize>key * <usize>features) << 2), panel, scores, rows, features, 0);
      for (let row = 0; row < rows; row++) {
        const offset = (<usize>row) << 2;
        const at = scores + scoreRow * row;
        const count = visibleColumns(record, first + row, key, columns);
        if (record.mask != 0) maskRow(record, head, first + row, key, at, count);
        const before = load<f32>(largest + offset);
        const highest = count > 0 ? max(before, rowMaximum(at, count)) : before;
        // All that was seen is masked out, or NaN: e^−∞ is 0 about any number.
        const shift: f32 = highest == -Infinity ? 0 : highest;
        let sum = exponentialsOfRow(at, at, count, shift);
        clearRow(at, count, columns);
        if (isWhole) scaleRow(at, count, inverseOf(sum));
        else if (key > 0) {
          const shrunk = exponentialOf(before - shift);
          sum += load<f32>(sums + offset) * shrunk;
          if (shrunk != 1) scaleRow(y + yRow * row, valueFeatures, shrunk);
        }
        store<f32>(largest + offset, highest);
        store<f32>(sums + offset, sum);
        if (record.seed == 0) continue;
        const drawn = weights + weightRow * row;
        if (keepsRows) memory.copy(drawn, at, (<usize>columns) << 2);
        dropRow(record, head, first + row, key, drawn, count, stage);
      }
      const isDrawn = record.seed != 0;
      const weighing = productAt(products, false, isDrawn ? weightRow : scoreRow, 0, true, valueFeatures, yRow);
      const rowsOfValues = valueRows + ((<usize>key) << 5);
      const beta: f32 = key > 0 ? 1 : 0;
      multiply(weighing, isDrawn ? weights : scores, rowsOfValues, (<usize>keys) << 5, y, rows, columns, beta);
    }
    for (let row = 0; row < rows; row++) {
      const sum = load<f32>(sums + ((<usize>row) << 2));
      if (!isWhole) scaleRow(y + yRow * row, valueFeatures, inverseOf(sum));
      if (record.kept == 0 || keepsRows) continue;
      const logarithm: f32 = sum == 0 ? Infinity : load<f32>(largest + ((<usize>row) << 2)) + logarithmOf(sum);
      store<f32>(record.kept + ((place + row) << 2), logarithm);
    }
  }
}

/** 1/x, but 0 of 0: where all keys are masked out, nothing has a weight. */
// @ts-ignore: decorator
@inline
function inverseOf(x: f32): f32 {
  return x == 0 ? 0 : 1 / x;
}

/** eˣ of one number that is not positive. */
// @ts-ignore: decorator
@inline
function exponentialOf(x: f32): f32 {
  return f32x4.extract_lane(exponentialOfNegative(f32x4.splat(x)), 0);
}

function fillFloats(at: usize, count: i32, value: f32): void {
  for (; count > 0; count--, at += 4) store<f32>(at, value);
}
