import { shareEnd, shareStart } from "../partition";
import { isAligned, KernelRecord } from "../record";

/**
 * hits[row] = 1 where the largest of the row's `classes` scores, the first of several, is that of its label, else 0.
 * A row with a NaN is no hit, nor is one whose label is no class. Rows of scores lie scoresRow floats apart.
 */
@unmanaged
export class AccuracyRecord extends KernelRecord {
  scores: usize;
  labels: usize;
  hits: usize;
  rows: i32;
  classes: i32;
  scoresRow: i32;
}

export function accuracy(record: AccuracyRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.scores | record.labels | record.hits));
  assert(record.rows >= 0 && record.classes >= 1);
  const classes = <usize>record.classes;
  const last = <usize>shareEnd(record.rows, 16, thread, threads);
  for (let row = <usize>shareStart(record.rows, 16, thread, threads); row < last; row++) {
    const label = load<u32>(record.labels + (row << 2));
    const scores = record.scores + ((row * <usize>record.scoresRow) << 2);
    const isHit = label < <u32>classes && isFirstMaximum(scores, classes, label);
    store<f32>(record.hits + (row << 2), isHit ? 1 : 0);
  }
}

/** Whether all scores before `index` are smaller than its, and none after is larger. Comparisons with NaN are false. */
function isFirstMaximum(scores: usize, classes: usize, index: usize): bool {
  const middle = scores + (index << 2);
  const end = scores + (classes << 2);
  const score = load<f32>(middle);
  const splat = f32x4.splat(score);
  let at = scores;
  for (; at + 16 <= middle; at += 16) if (!i32x4.all_true(f32x4.lt(v128.load(at), splat))) return false;
  for (; at < middle; at += 4) if (!(load<f32>(at) < score)) return false;
  for (; at + 16 <= end; at += 16) if (!i32x4.all_true(f32x4.le(v128.load(at), splat))) return false;
  for (; at < end; at += 4) if (!(load<f32>(at) <= score)) return false;
  return true;
}
