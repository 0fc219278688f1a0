import { loadPartial, lowerAsF64, upperAsF64 } from "../math/lanes";
import { isAligned, KernelRecord } from "../record";

/** y[0] = factor·Σ x[i] over `count` floats, added in float64 in fixed order by one thread: for short arrays. */
@unmanaged
export class SumRecord extends KernelRecord {
  x: usize;
  y: usize;
  count: i32;
  factor: f32;
}

export function sum(record: SumRecord, thread: i32, _threads: i32): void {
  assert(isAligned(record.x | record.y) && record.count >= 0);
  if (thread != 0) return;
  let at = record.x;
  const end = at + ((<usize>record.count) << 2);
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (; at < end; at += 16) {
    const left = (end - at) >> 2;
    const lanes = loadPartial(at, left);
    low = f64x2.add(low, lowerAsF64(lanes));
    high = f64x2.add(high, upperAsF64(lanes));
  }
  const both = f64x2.add(low, high);
  const total = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  store<f32>(record.y, <f32>(total * <f64>record.factor));
}
