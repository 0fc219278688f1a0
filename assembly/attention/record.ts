import { KernelRecord } from "../record";

/** Queries that a thread works on at a time: whole register tiles of both builds, and their scores stay in the second-level cache. */
// @ts-ignore: decorator
@shared
export const ATTENTION_ROWS: i32 = 48;

/** Bytes behind a row of scratch memory, so that the rows of a block do not meet in the same sets of the cache. */
// @ts-ignore: decorator
@shared
export const ATTENTION_GAP: i32 = 64;

/** Where the parts of a head begin, as int32, in elements: query, keyColumns, values, mask, dy, keyRows. */
export const OFFSETS: i32 = 6;

/**
 * What attention forward and backward know of their inputs. Queries lie as rows of `features`, `queryRow` floats apart. Keys and
 * values were packed (gemmPack): `keyColumns` has the keys as columns, features × keys. A mask is bytes, or floats that are added;
 * its elements lie maskRow and maskColumn apart; 0 is none. Keys are taken `block` at a time. `kept` holds the probabilities
 * [heads, queries, keys] if `keepsProbabilities`, else ln Σ e^score of each query, Infinity where all are masked out.
 *
 * Dropout: a probability is dropped where the word at its place among all [heads, queries, keys] is below the threshold p·2³²;
 * `seed` and `step` are one u32 each, and 0 for none.
 */
@unmanaged
export class HeadsRecord extends KernelRecord {
  query: usize;
  keyColumns: usize;
  mask: usize;
  y: usize;
  kept: usize;
  offsets: usize;
  scratch: usize;
  seed: usize;
  step: usize;
  slots: i32;
  slotBytes: i32;
  heads: i32;
  queries: i32;
  keys: i32;
  features: i32;
  valueFeatures: i32;
  block: i32;
  queryRow: i32;
  maskRow: i32;
  maskColumn: i32;
  stream: i32;
  threshold: i32;
  dropScale: f32;
  scale: f32;
  isCausal: bool;
  isTruth: bool;
  keepsProbabilities: bool;
}

/** Address of the part of a head in one of its inputs. */
// @ts-ignore: decorator
@inline
export function partOfHead(record: HeadsRecord, base: usize, head: i32, input: i32): usize {
  return base + (load<u32>(record.offsets + ((<usize>(head * OFFSETS + input)) << 2)) << 2);
}
