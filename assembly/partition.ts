/** Start of a thread's share of `count` items, in whole units of `grain`: contiguous, balanced, covers all. */
// @ts-ignore: decorator
@inline
export function shareStart(count: i32, grain: i32, thread: i32, threads: i32): i32 {
  const units = (count + grain - 1) / grain;
  return min(<i32>((<i64>units * thread) / threads) * grain, count);
}

/** End (exclusive) of the share that `shareStart` begins. */
// @ts-ignore: decorator
@inline
export function shareEnd(count: i32, grain: i32, thread: i32, threads: i32): i32 {
  return shareStart(count, grain, thread + 1, threads);
}
