import { Control, endRun } from "../control";
import { loadPartial } from "../math/lanes";
import { shareEnd, shareStart } from "../partition";
import { isAligned, KernelRecord } from "../record";

/**
 * Raises `guard` if the loss or one of `count` contiguous gradients is NaN or infinite, or if one of `bufferCount` values of
 * `buffers` has become so, which in `previous` was finite: a buffer may hold infinities that mean something, such as a mask.
 * Leaves it alone otherwise. Where there is no loss, or no buffers, their pointers are 0. If `control` is the engine's control
 * block, and not 0, whoever finds something ends the run with this record: an update that follows is not made.
 */
@unmanaged
export class CheckFiniteRecord extends KernelRecord {
  loss: usize;
  gradients: usize;
  buffers: usize;
  previous: usize;
  guard: usize;
  control: usize;
  count: i32;
  bufferCount: i32;
}

export function checkFinite(record: CheckFiniteRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.gradients | record.buffers | record.previous));
  assert(isAligned(record.loss | record.guard | record.control) && record.guard != 0);
  assert(record.count >= 0 && record.bufferCount >= 0);
  const start = (<usize>shareStart(record.count, 16, thread, threads)) << 2;
  const end = (<usize>shareEnd(record.count, 16, thread, threads)) << 2;
  const loss = thread == 0 && record.loss != 0 ? v128.load32_zero(record.loss) : f32x4.splat(0);
  const found =
    v128.any_true(unlessFinite(loss)) ||
    hasNonFinite(record.gradients + start, record.gradients + end) ||
    hasBecomeNonFinite(record, thread, threads);
  if (!found) return;
  store<i32>(record.guard, 1);
  if (record.control != 0) endRun(changetype<Control>(record.control));
}

/**
 * Adding takes one instruction a vector, and a sum stays infinite or NaN once it is. It may get there by finite terms too;
 * only then they are looked at one by one. From the end to the start: backward wrote the first layer, which is at the start and often
 * the largest, last and upwards, so its end is what caches still hold, and an update that goes upwards afterwards finds the start.
 */
function hasNonFinite(start: usize, end: usize): bool {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let s4 = s0;
  let s5 = s0;
  let s6 = s0;
  let s7 = s0;
  let at = end;
  while (at >= start + 128) {
    at -= 128;
    s0 = f32x4.add(s0, v128.load(at));
    s1 = f32x4.add(s1, v128.load(at, 16));
    s2 = f32x4.add(s2, v128.load(at, 32));
    s3 = f32x4.add(s3, v128.load(at, 48));
    s4 = f32x4.add(s4, v128.load(at, 64));
    s5 = f32x4.add(s5, v128.load(at, 80));
    s6 = f32x4.add(s6, v128.load(at, 96));
    s7 = f32x4.add(s7, v128.load(at, 112));
  }
  while (at >= start + 16) {
    at -= 16;
    s0 = f32x4.add(s0, v128.load(at));
  }
  if (at > start) s1 = f32x4.add(s1, loadPartial(start, (at - start) >> 2));
  const left = f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
  const right = f32x4.add(f32x4.add(s4, s5), f32x4.add(s6, s7));
  return v128.any_true(unlessFinite(f32x4.add(left, right))) && hasNonFiniteTerm(start, end);
}

function hasNonFiniteTerm(at: usize, end: usize): bool {
  let found = f32x4.splat(0);
  for (; at < end; at += 16) found = v128.or(found, unlessFinite(loadPartial(at, (end - at) >> 2)));
  return v128.any_true(found);
}

function hasBecomeNonFinite(record: CheckFiniteRecord, thread: i32, threads: i32): bool {
  const last = (<usize>shareEnd(record.bufferCount, 16, thread, threads)) << 2;
  let found = f32x4.splat(0);
  for (let at = (<usize>shareStart(record.bufferCount, 16, thread, threads)) << 2; at < last; at += 16) {
    const left = (last - at) >> 2;
    const now = unlessFinite(loadPartial(record.buffers + at, left));
    const before = unlessFinite(loadPartial(record.previous + at, left));
    found = v128.or(found, v128.and(now, f32x4.eq(before, f32x4.splat(0))));
  }
  return v128.any_true(found);
}

/** 0 in lanes where x is finite, NaN in others. */
// @ts-ignore: decorator
@inline
function unlessFinite(x: v128): v128 {
  return f32x4.sub(x, x);
}
