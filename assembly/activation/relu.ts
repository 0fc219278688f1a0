import { shareEnd, shareStart } from "../partition";
import { KernelRecord } from "../record";

/** y = max(x, 0) elementwise over `count` floats; NaN stays NaN, −0 gives 0 as in PyTorch. y may be x. */
@unmanaged
export class ReluRecord extends KernelRecord {
  x: usize;
  y: usize;
  count: i32;
}

export function relu(record: ReluRecord, thread: i32, threads: i32): void {
  assert((record.x & 15) == 0 && (record.y & 15) == 0);
  assert(record.count >= 0);
  let x = record.x + ((<usize>shareStart(record.count, 16, thread, threads)) << 2);
  const last = record.x + ((<usize>shareEnd(record.count, 16, thread, threads)) << 2);
  let y = record.y + (x - record.x);
  const zero = f32x4.splat(0);
  // pmax(x, 0) is `x < 0 ? 0 : x`: keeps NaN, and V8 emits one maxps for it.
  while (x + 64 <= last) {
    v128.store(y, f32x4.pmax(v128.load(x), zero));
    v128.store(y, f32x4.pmax(v128.load(x, 16), zero), 16);
    v128.store(y, f32x4.pmax(v128.load(x, 32), zero), 32);
    v128.store(y, f32x4.pmax(v128.load(x, 48), zero), 48);
    x += 64;
    y += 64;
  }
  for (; x < last; x += 4, y += 4) {
    const value = load<f32>(x);
    store<f32>(y, value < 0 ? 0 : value);
  }
}

/** dx = dy where y > 0, else 0. Where y is NaN the gradient is dy, as for PyTorch's threshold_backward. dx may be dy. */
@unmanaged
export class ReluBackwardRecord extends KernelRecord {
  y: usize;
  dy: usize;
  dx: usize;
  count: i32;
}

export function reluBackward(record: ReluBackwardRecord, thread: i32, threads: i32): void {
  assert(((record.y | record.dy | record.dx) & 15) == 0);
  assert(record.count >= 0);
  let at = (<usize>shareStart(record.count, 16, thread, threads)) << 2;
  const last = (<usize>shareEnd(record.count, 16, thread, threads)) << 2;
  const y = record.y;
  const dy = record.dy;
  const dx = record.dx;
  const zero = f32x4.splat(0);
  for (; at + 32 <= last; at += 32) {
    v128.store(dx + at, v128.andnot(v128.load(dy + at), f32x4.le(v128.load(y + at), zero)));
    v128.store(dx + at, v128.andnot(v128.load(dy + at, 16), f32x4.le(v128.load(y + at, 16), zero)), 16);
  }
  for (; at < last; at += 4) store<f32>(dx + at, load<f32>(y + at) <= 0 ? 0 : load<f32>(dy + at));
}
