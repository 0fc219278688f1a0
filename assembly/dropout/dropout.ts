import { loadPartial, storePartial } from "../math/lanes";
import { shareEnd, shareStart } from "../partition";
import { KernelRecord } from "../record";
import { firstKey, randomLanes, secondKey } from "./random";

/**
 * y = x·factor for elements whose random number is at least the dropout probability, x·0 for the others (so NaN and
 * Infinity are not hidden, as in PyTorch). `seed` and `step` point to one u32 each; `stream` sets layers apart. The
 * random numbers are signed 32-bit: `threshold` = probability·2³² − 2³¹. The backward pass is the same record over dy.
 * y may be x.
 */
@unmanaged
export class DropoutRecord extends KernelRecord {
  x: usize;
  y: usize;
  seed: usize;
  step: usize;
  count: i32;
  stream: i32;
  threshold: i32;
  factor: f32;
}

export function dropout(record: DropoutRecord, thread: i32, threads: i32): void {
  assert(((record.x | record.y | record.seed | record.step) & 3) == 0 && record.count >= 0);
  const x = record.x;
  const y = record.y;
  const first = firstKey(load<u32>(record.seed), load<u32>(record.step), record.stream);
  const keys = i32x4.splat(first);
  const secondKeys = i32x4.splat(secondKey(first));
  const threshold = i32x4.splat(record.threshold);
  const factor = f32x4.splat(record.factor);
  const start = shareStart(record.count, 16, thread, threads);
  let counters = i32x4.add(i32x4.splat(start), i32x4(0, 1, 2, 3));
  let at = (<usize>start) << 2;
  const last = (<usize>shareEnd(record.count, 16, thread, threads)) << 2;
  for (; at + 16 <= last; at += 16) {
    const dropped = i32x4.gt_s(threshold, randomLanes(counters, keys, secondKeys));
    v128.store(y + at, f32x4.mul(v128.load(x + at), v128.andnot(factor, dropped)));
    counters = i32x4.add(counters, i32x4.splat(4));
  }
  if (at < last) {
    const left = (last - at) >> 2;
    const dropped = i32x4.gt_s(threshold, randomLanes(counters, keys, secondKeys));
    storePartial(y + at, f32x4.mul(loadPartial(x + at, left), v128.andnot(factor, dropped)), left);
  }
}
