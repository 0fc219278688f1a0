import { loadPartial, multiplyAdd, storePartial, sumLanes } from "../math/lanes";
import { partsOf, shareEnd, shareStart } from "../partition";
import { isAligned, KernelRecord } from "../record";

/** Elements of one partial sum, whatever the number of threads. */
// @ts-ignore: decorator
@shared
export const squaredErrorChunk: i32 = 4096;

/** y[c] = Σ (a − b)² over the c-th 4096 of `count` elements. */
@unmanaged
export class SquaredErrorRecord extends KernelRecord {
  a: usize;
  b: usize;
  y: usize;
  count: i32;
}

export function squaredError(record: SquaredErrorRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.a | record.b | record.y) && record.count >= 0);
  const chunks = partsOf(record.count, squaredErrorChunk);
  const last = shareEnd(chunks, 1, thread, threads);
  for (let index = shareStart(chunks, 1, thread, threads); index < last; index++) {
    const offset = (<usize>(index * squaredErrorChunk)) << 2;
    const count = min(squaredErrorChunk, record.count - index * squaredErrorChunk);
    store<f32>(record.y + ((<usize>index) << 2), sumOfSquares(record.a + offset, record.b + offset, count));
  }
}

function sumOfSquares(a: usize, b: usize, count: usize): f32 {
  const end = a + (count << 2);
  let first = f32x4.splat(0);
  let second = f32x4.splat(0);
  for (; a + 32 <= end; a += 32, b += 32) {
    const left = f32x4.sub(v128.load(a), v128.load(b));
    const right = f32x4.sub(v128.load(a, 16), v128.load(b, 16));
    first = multiplyAdd(left, left, first);
    second = multiplyAdd(right, right, second);
  }
  for (; a < end; a += 16, b += 16) {
    const left = (end - a) >> 2;
    const difference = f32x4.sub(loadPartial(a, left), loadPartial(b, left));
    first = multiplyAdd(difference, difference, first);
  }
  return sumLanes(f32x4.add(first, second));
}

/** dx = factor·dLoss·(a − b) over `count` elements, `dLoss` pointing to the gradient of the loss. */
@unmanaged
export class SquaredErrorBackwardRecord extends KernelRecord {
  a: usize;
  b: usize;
  dLoss: usize;
  dx: usize;
  count: i32;
  factor: f32;
}

export function squaredErrorBackward(record: SquaredErrorBackwardRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.a | record.b | record.dLoss | record.dx) && record.count >= 0);
  const a = record.a;
  const b = record.b;
  const dx = record.dx;
  const factor = f32x4.splat(record.factor * load<f32>(record.dLoss));
  let at = (<usize>shareStart(record.count, 16, thread, threads)) << 2;
  const last = (<usize>shareEnd(record.count, 16, thread, threads)) << 2;
  for (; at + 32 <= last; at += 32) {
    v128.store(dx + at, f32x4.mul(f32x4.sub(v128.load(a + at), v128.load(b + at)), factor));
    v128.store(dx + at, f32x4.mul(f32x4.sub(v128.load(a + at, 16), v128.load(b + at, 16)), factor), 16);
  }
  for (; at < last; at += 16) {
    const left = (last - at) >> 2;
    storePartial(dx + at, f32x4.mul(f32x4.sub(loadPartial(a + at, left), loadPartial(b + at, left)), factor), left);
  }
}
