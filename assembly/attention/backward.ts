import { GEMM_COPY_BYTES } from "../gemm/batch";
import { exponentialOfNegative } from "../math/exponential";
import { loadPartial, multiplyAdd, storePartial, sumLanes } from "../math/lanes";
import { shareEnd, shareStart } from "../partition";
import { isAligned } from "../record";
import { clearRow, copyRows, dropRow, maskRow, multiply, productAt, visibleColumns } from "./block";
import { ATTENTION_GAP, ATTENTION_ROWS, HeadsRecord, partOfHead } from "./record";

/**
 * The gradients of attention, of y and `kept` as forward left them. keyRows are the keys, packed as keys × features, valueColumns the
 * values, packed as valueFeatures × keys; keyColumns is read only where probabilities are computed again. Rows of dy lie dyRow floats
 * apart. dkey and dvalue are `parts` arrays [heads, keys, …], one behind another, of `partRows` queries each: a multiple of
 * ATTENTION_ROWS.
 */
@unmanaged
export class AttentionBackwardRecord extends HeadsRecord {
  keyRows: usize;
  valueColumns: usize;
  dy: usize;
  dquery: usize;
  dkey: usize;
  dvalue: usize;
  dyRow: i32;
  parts: i32;
  partRows: i32;
}

/**
 * With P the probabilities, D those that dropout left, m its mask: dvalue = Dᵀ·dy, dS = P ∘ (m ∘ (dy·valueᵀ) − Σ dy ∘ y),
 * dquery = scale · dS · key, dkey = scale · dSᵀ · query (Dao et al., "FlashAttention", 2022, appendix B.4). Parts of the queries of
 * all heads are shared out; in each, blocks of queries meet blocks of keys.
 */
export function attentionBackward(record: AttentionBackwardRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.query | record.keyColumns | record.keyRows | record.valueColumns | record.kept));
  assert(isAligned(record.y | record.dy | record.dquery | record.dkey | record.dvalue | record.scratch));
  assert(record.block > 0 && record.slots > 0 && record.partRows % ATTENTION_ROWS == 0);
  threads = min(threads, record.slots);
  if (thread >= threads) return;
  const block = record.block;
  const queries = record.queries;
  const keys = record.keys;
  const features = record.features;
  const valueFeatures = record.valueFeatures;
  const isWhole = block >= keys;
  const keyBytes = (<usize>keys * <usize>features) << 2;
  const valueBytes = (<usize>keys * <usize>valueFeatures) << 2;

  const products = record.scratch + <usize>thread * <usize>record.slotBytes;
  const stage = products + <usize>GEMM_COPY_BYTES;
  const query = stage + 64;
  const queryRow = ((<usize>features) << 2) + ATTENTION_GAP;
  const dy = query + queryRow * ATTENTION_ROWS;
  const dyRow = ((<usize>valueFeatures) << 2) + ATTENTION_GAP;
  const weights = dy + dyRow * ATTENTION_ROWS;
  const weightRow = ((<usize>block) << 2) + ATTENTION_GAP;
  const slopes = weights + weightRow * min(queries, ATTENTION_ROWS);
  assert(slopes + weightRow * min(queries, ATTENTION_ROWS) <= products + <usize>record.slotBytes);

  const last = shareEnd(record.heads * record.parts, 1, thread, threads);
  for (let unit = shareStart(record.heads * record.parts, 1, thread, threads); unit < last; unit++) {
    const head = unit / record.parts;
    const part = unit - head * record.parts;
    const target = <usize>part * <usize>record.heads + <usize>head;
    const dkey = record.dkey + target * keyBytes;
    const dvalue = record.dvalue + target * valueBytes;
    memory.fill(dkey, 0, keyBytes);
    memory.fill(dvalue, 0, valueBytes);
    const keyColumns = partOfHead(record, record.keyColumns, head, 1);
    const keyRows = partOfHead(record, record.keyRows, head, 5);
    const valueColumns = partOfHead(record, record.valueColumns, head, 2);
    const end = min(queries, (part + 1) * record.partRows);
    for (let first = part * record.partRows; first < end; first += ATTENTION_ROWS) {
      const rows = min(end - first, ATTENTION_ROWS);
      const place = <usize>head * <usize>queries + <usize>first;
      const fromQuery = partOfHead(record, record.query, head, 0) + ((<usize>first * <usize>record.queryRow) << 2);
      copyRows(fromQuery, record.queryRow, query, queryRow, rows, features, record.scale);
      const fromDy = partOfHead(record, record.dy, head, 4) + ((<usize>first * <usize>record.dyRow) << 2);
      copyRows(fromDy, record.dyRow, dy, dyRow, rows, valueFeatures, 1);
      const dquery = record.dquery + ((place * <usize>features) << 2);
      const dqueryRow = (<usize>features) << 2;
      const seen = record.isCausal ? min(keys, first + rows) : keys;
      if (seen == 0) memory.fill(dquery, 0, dqueryRow * rows);
      for (let key = 0; key < seen; key += block) {
        const columns = min(block, seen - key);
        if (!record.keepsProbabilities) {
          const scoring = productAt(products, false, queryRow, 0, true, columns, weightRow);
          const at = keyColumns + ((<usize>key * <usize>features) << 2);
          multiply(scoring, query, at, (<usize>features) << 5, weights, rows, features, 0);
        }
        const sloping = productAt(products, false, dyRow, 0, true, columns, weightRow);
        const at = valueColumns + ((<usize>key * <usize>valueFeatures) << 2);
        multiply(sloping, dy, at, (<usize>valueFeatures) << 5, slopes, rows, valueFeatures, 0);
        for (let row = 0; row < rows; row++) {
          const weight = weights + weightRow * row;
          const slope = slopes + weightRow * row;
          const count = visibleColumns(record, first + row, key, columns);
          // Probabilities are copied on the way: rows of scratch memory do not meet in the same sets of the cache.
          let probability = record.kept + (((place + row) * <usize>keys + <usize>key) << 2);
          if (!record.keepsProbabilities) {
            if (record.mask != 0) maskRow(record, head, first + row, key, weight, count);
            probabilitiesOfRow(weight, count, load<f32>(record.kept + ((place + row) << 2)));
            probability = weight;
          }
          if (record.seed != 0) dropRow(record, head, first + row, key, slope, count, stage);
          // Both are Σ P ∘ dP. Summed in the row, the slopes of one that has a winner are exactly 0.
          const mean = isWhole
            ? dotOfRow(probability, slope, count)
            : dotOfRow(dy + dyRow * row, record.y + (((place + row) * <usize>valueFeatures) << 2), valueFeatures);
          slopesOfRow(probability, weight, slope, count, mean);
          if (record.seed != 0) dropRow(record, head, first + row, key, weight, count, stage);
          clearRow(weight, count, columns);
          clearRow(slope, count, columns);
        }
        const toValues = productAt(products, true, weightRow, dyRow, false, valueFeatures, (<usize>valueFeatures) << 2);
        const dvalueBlock = dvalue + ((<usize>key * <usize>valueFeatures) << 2);
        multiply(toValues, weights, dy, 32, dvalueBlock, columns, rows, 1);
        const toKeys = productAt(products, true, weightRow, queryRow, false, features, (<usize>features) << 2);
        multiply(toKeys, slopes, query, 32, dkey + ((<usize>key * <usize>features) << 2), columns, rows, 1);
        const toQueries = productAt(products, false, weightRow, 0, true, features, dqueryRow);
        toQueries.alpha = record.scale;
        const beta: f32 = key > 0 ? 1 : 0;
        multiply(toQueries, slopes, keyRows + ((<usize>key) << 5), (<usize>keys) << 5, dquery, rows, columns, beta);
      }
    }
  }
}

/** e^(score − shift) in place, which is at most 1 but for rounding. A shift of Infinity stands for a row that is masked out. */
function probabilitiesOfRow(scores: usize, count: i32, shift: f32): void {
  const shifts = f32x4.splat(shift);
  const end = scores + ((<usize>count) << 2);
  for (; scores + 16 <= end; scores += 16) {
    v128.store(scores, exponentialOfNegative(f32x4.sub(v128.load(scores), shifts)));
  }
  const left = (end - scores) >> 2;
  if (left > 0) {
    storePartial(scores, exponentialOfNegative(f32x4.sub(loadPartial(scores, left), shifts)), left);
  }
}

/** Σ aᵢ·bᵢ in four chains, for one would wait for its own latency. */
function dotOfRow(a: usize, b: usize, count: i32): f32 {
  const end = a + ((<usize>count) << 2);
  let first = f32x4.splat(0);
  let second = first;
  let third = first;
  let fourth = first;
  for (; a + 64 <= end; a += 64, b += 64) {
    first = multiplyAdd(v128.load(a), v128.load(b), first);
    second = multiplyAdd(v128.load(a, 16), v128.load(b, 16), second);
    third = multiplyAdd(v128.load(a, 32), v128.load(b, 32), third);
    fourth = multiplyAdd(v128.load(a, 48), v128.load(b, 48), fourth);
  }
  for (; a + 16 <= end; a += 16, b += 16) first = multiplyAdd(v128.load(a), v128.load(b), first);
  const left = (end - a) >> 2;
  if (left > 0) second = multiplyAdd(loadPartial(a, left), loadPartial(b, left), second);
  return sumLanes(f32x4.add(f32x4.add(first, second), f32x4.add(third, fourth)));
}

/** weight = P, slope = P · (slope − mean) along a row. P may be the weights. */
function slopesOfRow(probability: usize, weight: usize, slope: usize, count: i32, mean: f32): void {
  const means = f32x4.splat(mean);
  const end = slope + ((<usize>count) << 2);
  for (; slope + 16 <= end; slope += 16, weight += 16, probability += 16) {
    const p = v128.load(probability);
    v128.store(weight, p);
    v128.store(slope, f32x4.mul(p, f32x4.sub(v128.load(slope), means)));
  }
  const left = (end - slope) >> 2;
  if (left > 0) {
    const p = loadPartial(probability, left);
    storePartial(weight, p, left);
    storePartial(slope, f32x4.mul(p, f32x4.sub(loadPartial(slope, left), means)), left);
  }
}
