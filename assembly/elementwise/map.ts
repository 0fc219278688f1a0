import { loadPartial, storePartial } from "../math/lanes";
import { shareEnd, shareStart } from "../partition";
import { isAligned, KernelRecord } from "../record";

/** Fields of kernels y[i] = f(x[i]) over `count` floats; y may be x. */
@unmanaged
export class UnaryRecord extends KernelRecord {
  x: usize;
  y: usize;
  count: i32;
}

/** Fields of kernels y[i] = f(a[i], b[i]) over `count` floats; y may be a or b. */
@unmanaged
export class BinaryRecord extends KernelRecord {
  a: usize;
  b: usize;
  y: usize;
  count: i32;
}

/** Fields of kernels dx[i] = dy[i]·f′, with f′ from y[i], the result of the forward pass; dx may be y or dy. */
@unmanaged
export class BackwardRecord extends KernelRecord {
  y: usize;
  dy: usize;
  dx: usize;
  count: i32;
}

/**
 * y = f(x), where F is a class with an inlined method `apply(x: v128, parameter: v128): v128`: the compiler makes one loop
 * for each F, without calls.
 */
// @ts-ignore: decorator
@inline
export function mapUnary<F>(x: usize, y: usize, count: i32, parameter: v128, thread: i32, threads: i32): void {
  assert(isAligned(x | y) && count >= 0);
  const f = changetype<F>(0);
  let at = (<usize>shareStart(count, 16, thread, threads)) << 2;
  const last = (<usize>shareEnd(count, 16, thread, threads)) << 2;
  for (; at + 32 <= last; at += 32) {
    const first = f.apply(v128.load(x + at), parameter);
    const second = f.apply(v128.load(x + at, 16), parameter);
    v128.store(y + at, first);
    v128.store(y + at, second, 16);
  }
  for (; at < last; at += 16) {
    const left = (last - at) >> 2;
    storePartial(y + at, f.apply(loadPartial(x + at, left), parameter), left);
  }
}

/** `mapUnary` for functions of an instruction or two: four vectors at a time, since two take a tenth longer. */
// @ts-ignore: decorator
@inline
export function mapLight<F>(x: usize, y: usize, count: i32, parameter: v128, thread: i32, threads: i32): void {
  assert(isAligned(x | y) && count >= 0);
  const f = changetype<F>(0);
  let at = (<usize>shareStart(count, 16, thread, threads)) << 2;
  const last = (<usize>shareEnd(count, 16, thread, threads)) << 2;
  for (; at + 64 <= last; at += 64) {
    v128.store(y + at, f.apply(v128.load(x + at), parameter));
    v128.store(y + at, f.apply(v128.load(x + at, 16), parameter), 16);
    v128.store(y + at, f.apply(v128.load(x + at, 32), parameter), 32);
    v128.store(y + at, f.apply(v128.load(x + at, 48), parameter), 48);
  }
  for (; at < last; at += 16) {
    const left = (last - at) >> 2;
    storePartial(y + at, f.apply(loadPartial(x + at, left), parameter), left);
  }
}

/**
 * y = f(x) for a function with a fast form for ordinary numbers: F has inlined methods `isOrdinary(x)`, a mask,
 * `applyOrdinary(x)` and `apply(x)`, which gives the same bits wherever the first form applies. 16 elements that are all
 * ordinary take the fast form.
 */
// @ts-ignore: decorator
@inline
export function mapChecked<F>(x: usize, y: usize, count: i32, thread: i32, threads: i32): void {
  assert(isAligned(x | y) && count >= 0);
  const f = changetype<F>(0);
  let at = (<usize>shareStart(count, 16, thread, threads)) << 2;
  const last = (<usize>shareEnd(count, 16, thread, threads)) << 2;
  for (; at + 64 <= last; at += 64) {
    const first = v128.load(x + at);
    const second = v128.load(x + at, 16);
    const third = v128.load(x + at, 32);
    const fourth = v128.load(x + at, 48);
    const ordinary = v128.and(
      v128.and(f.isOrdinary(first), f.isOrdinary(second)),
      v128.and(f.isOrdinary(third), f.isOrdinary(fourth)),
    );
    if (i32x4.bitmask(ordinary) == 15) {
      v128.store(y + at, f.applyOrdinary(first));
      v128.store(y + at, f.applyOrdinary(second), 16);
      v128.store(y + at, f.applyOrdinary(third), 32);
      v128.store(y + at, f.applyOrdinary(fourth), 48);
    } else {
      for (let offset: usize = 0; offset < 64; offset += 16) {
        v128.store(y + at + offset, f.apply(v128.load(x + at + offset)));
      }
    }
  }
  for (; at < last; at += 16) {
    const left = (last - at) >> 2;
    storePartial(y + at, f.apply(loadPartial(x + at, left)), left);
  }
}

/** y = f(a, b), where F is a class with an inlined method `apply(a: v128, b: v128): v128`. */
// @ts-ignore: decorator
@inline
export function mapBinary<F>(a: usize, b: usize, y: usize, count: i32, thread: i32, threads: i32): void {
  assert(isAligned(a | b | y) && count >= 0);
  const f = changetype<F>(0);
  let at = (<usize>shareStart(count, 16, thread, threads)) << 2;
  const last = (<usize>shareEnd(count, 16, thread, threads)) << 2;
  for (; at + 32 <= last; at += 32) {
    const first = f.apply(v128.load(a + at), v128.load(b + at));
    const second = f.apply(v128.load(a + at, 16), v128.load(b + at, 16));
    v128.store(y + at, first);
    v128.store(y + at, second, 16);
  }
  for (; at < last; at += 16) {
    const left = (last - at) >> 2;
    storePartial(y + at, f.apply(loadPartial(a + at, left), loadPartial(b + at, left)), left);
  }
}
