import { KernelRecord } from "../record";

/** Lanes whose sums one thread forms at a time: the work can be divided where rows are few and wide. */
export const blockLanes: i32 = 256;

/**
 * Batch normalisation sees its tensor [N, channels] as wide rows of `width` floats: a multiple of `channels` and of 4, so
 * that vectors of 4 always meet the same channels at the same place of a row. `count` is N·channels; the last wide row
 * may be cut short.
 */
@unmanaged
export class WideRecord extends KernelRecord {
  x: usize;
  count: i32;
  channels: i32;
  width: i32;
}

/** First of the lanes, or of the channels, that a thread finishes. Only where each is the other can they be divided. */
// @ts-ignore: decorator
@inline
export function finishStart(record: WideRecord, length: i32, thread: i32, threads: i32): i32 {
  if (record.width == record.channels) return min(((length >> 2) * thread) / threads, length >> 2) << 2;
  return thread == 0 ? 0 : length;
}

/** End (exclusive) of what `finishStart` begins. */
// @ts-ignore: decorator
@inline
export function finishEnd(record: WideRecord, length: i32, thread: i32, threads: i32): i32 {
  return record.width == record.channels ? finishStart(record, length, thread + 1, threads) : length;
}
