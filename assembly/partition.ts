/** How many parts of `size` items hold `count` of them. */
// @ts-ignore: decorator
@inline
export function partsOf(count: i32, size: i32): i32 {
  return (count + size - 1) / size;
}

/** `count` without what does not fill a `unit`, which is a power of two. */
// @ts-ignore: decorator
@inline
export function wholeUnits<T>(count: T, unit: T): T {
  return <T>(count & ~(unit - 1));
}

/** Start of a thread's share of `count` items, in whole units of `grain`: contiguous, balanced, covers all. */
// @ts-ignore: decorator
@inline
export function shareStart(count: i32, grain: i32, thread: i32, threads: i32): i32 {
  const units = partsOf(count, grain);
  return min(<i32>((<i64>units * thread) / threads) * grain, count);
}

/** End (exclusive) of the share that `shareStart` begins. */
// @ts-ignore: decorator
@inline
export function shareEnd(count: i32, grain: i32, thread: i32, threads: i32): i32 {
  return shareStart(count, grain, thread + 1, threads);
}
