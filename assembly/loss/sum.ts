import { loadPartial } from "../math/lanes";
import { KernelRecord } from "../record";

/** y[0] = factor·Σ x[i] over `count` floats, added in float64 in fixed order by one thread: for short arrays. */
@unmanaged
export class SumRecord extends KernelRecord {
  x: usize;
  y: usize;
  count: i32;
  factor: f32;
}

export function sum(record: SumRecord, thread: i32, _threads: i32): void {
  assert(((record.x | record.y) & 3) == 0 && record.count >= 0);
  if (thread != 0) return;
  let at = record.x;
  const end = at + ((<usize>record.count) << 2);
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (; at < end; at += 16) {
    const left = (end - at) >> 2;
    const lanes = left >= 4 ? v128.load(at) : loadPartial(at, left);
    low = f64x2.add(low, f64x2.promote_low_f32x4(lanes));
    high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<f32>(lanes, lanes, 2, 3, 2, 3)));
  }
  const both = f64x2.add(low, high);
  const total = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  store<f32>(record.y, <f32>(total * <f64>record.factor));
}
