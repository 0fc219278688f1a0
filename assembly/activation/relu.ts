import { loadPartial, storePartial } from "../math/lanes";
import { shareEnd, shareStart } from "../partition";
import { isAligned, KernelRecord } from "../record";

// ReLU alone, where a pointwise program would do no more: its loops are a fifth faster within the caches.

/** y = max(x, 0) over `count` floats; NaN stays NaN. y may be x. */
@unmanaged
export class ReluRecord extends KernelRecord {
  x: usize;
  y: usize;
  count: i32;
}

export function relu(record: ReluRecord, thread: i32, threads: i32): void {
  const x = record.x;
  const y = record.y;
  assert(isAligned(x | y) && record.count >= 0);
  const zero = f32x4.splat(0);
  let at = (<usize>shareStart(record.count, 16, thread, threads)) << 2;
  const last = (<usize>shareEnd(record.count, 16, thread, threads)) << 2;
  for (; at + 64 <= last; at += 64) {
    // pmax(x, 0) is `x < 0 ? 0 : x`: keeps NaN, and V8 emits one maxps for it.
    v128.store(y + at, f32x4.pmax(v128.load(x + at), zero));
    v128.store(y + at, f32x4.pmax(v128.load(x + at, 16), zero), 16);
    v128.store(y + at, f32x4.pmax(v128.load(x + at, 32), zero), 32);
    v128.store(y + at, f32x4.pmax(v128.load(x + at, 48), zero), 48);
  }
  for (; at < last; at += 16) {
    const left = (last - at) >> 2;
    storePartial(y + at, f32x4.pmax(loadPartial(x + at, left), zero), left);
  }
}

/** dx = dy where y > 0, else 0, over `count` floats. Where y is NaN it is dy, as for PyTorch's threshold_backward. dx may be y or dy. */
@unmanaged
export class ReluBackwardRecord extends KernelRecord {
  y: usize;
  dy: usize;
  dx: usize;
  count: i32;
}

export function reluBackward(record: ReluBackwardRecord, thread: i32, threads: i32): void {
  const y = record.y;
  const dy = record.dy;
  const dx = record.dx;
  assert(isAligned(y | dy | dx) && record.count >= 0);
  let at = (<usize>shareStart(record.count, 16, thread, threads)) << 2;
  const last = (<usize>shareEnd(record.count, 16, thread, threads)) << 2;
  for (; at + 32 <= last; at += 32) {
    const first = masked(v128.load(y + at), v128.load(dy + at));
    const second = masked(v128.load(y + at, 16), v128.load(dy + at, 16));
    v128.store(dx + at, first);
    v128.store(dx + at, second, 16);
  }
  for (; at < last; at += 16) {
    const left = (last - at) >> 2;
    storePartial(dx + at, masked(loadPartial(y + at, left), loadPartial(dy + at, left)), left);
  }
}

// @ts-ignore: decorator
@inline
function masked(y: v128, dy: v128): v128 {
  return v128.andnot(dy, f32x4.le(y, f32x4.splat(0)));
}
