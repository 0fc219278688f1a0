import { shareEnd, shareStart } from "../partition";
import { isAligned, KernelRecord } from "../record";

/**
 * y [A, K, C] = where the elements of x [A, K, C] come from along the axis in the middle once they are sorted, as int32; equal ones
 * keep their order. Elements are float32, of which NaN counts as beyond all numbers and −0 as 0, or int32 where `isInteger`.
 * `scratch` has 16·K + argsortTableBytes bytes for each of `slots` threads; others have nothing to do.
 */
@unmanaged
export class ArgsortRecord extends KernelRecord {
  x: usize;
  y: usize;
  scratch: usize;
  A: i32;
  K: i32;
  C: i32;
  slots: i32;
  descending: bool;
  isInteger: bool;
}

/** Bytes of scratch memory beside keys and places: counts of 256 digits for each byte of a key. */
// @ts-ignore: decorator
@shared
export const argsortTableBytes: i32 = 4096;
/** Lines as short as these are sorted by insertion. */
const shortLine: i32 = 40;

/** Each thread sorts some of the A · C lines. */
export function argsort(record: ArgsortRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.x | record.y | record.scratch));
  const K = record.K;
  const C = record.C;
  const workers = min(threads, record.slots);
  if (thread >= workers) return;
  const end = shareEnd(record.A * C, 1, thread, workers);
  const bytes = (<usize>K) << 2;
  const counts = record.scratch + <usize>thread * (4 * bytes + <usize>argsortTableBytes);
  const keys = counts + <usize>argsortTableBytes;
  const step = (<usize>C) << 2;
  for (let line = shareStart(record.A * C, 1, thread, workers); line < end; line++) {
    const a = line / C;
    const offset = ((<usize>a * <usize>K * <usize>C) << 2) + ((<usize>(line - a * C)) << 2);
    readKeys(record, record.x + offset, step, keys);
    let places = keys + 2 * bytes;
    if (K <= shortLine) insert(keys, places, K);
    else places = distribute(keys, places, K, counts);
    let y = record.y + offset;
    for (let k = 0; k < K; k++, places += 4, y += step) store<i32>(y, load<i32>(places));
  }
}

/** The elements of a line as unsigned integers in the order that is wanted. */
function readKeys(record: ArgsortRecord, x: usize, step: usize, keys: usize): void {
  const turned: u32 = record.descending ? 0xffffffff : 0;
  const end = keys + ((<usize>record.K) << 2);
  for (; keys < end; keys += 4, x += step) {
    let bits = load<u32>(x);
    if (!record.isInteger) {
      const number = load<f32>(x) + 0;
      bits = reinterpret<u32>(number);
      // Of negative numbers all bits are turned, of others the sign alone.
      bits ^= (<u32>((<i32>bits) >> 31)) & 0x7fffffff;
      if (number != number) bits = 0x7fffffff;
    }
    store<u32>(keys, bits ^ 0x80000000 ^ turned);
  }
}

/** Sorts keys by insertion, and the places 0 … K − 1 with them. */
function insert(keys: usize, places: usize, K: i32): void {
  for (let k = 0; k < K; k++) {
    const key = load<u32>(keys + ((<usize>k) << 2));
    let at = (<usize>k) << 2;
    for (; at > 0; at -= 4) {
      const before = load<u32>(keys + at - 4);
      if (before <= key) break;
      store<u32>(keys + at, before);
      store<i32>(places + at, load<i32>(places + at - 4));
    }
    store<u32>(keys + at, key);
    store<i32>(places + at, k);
  }
}

/**
 * Sorts keys and the places 0 … K − 1 by their bytes, the lowest first, from one half of their memory to the other and back; a byte
 * that all keys have in common is passed over. Returns where the places are.
 */
function distribute(keys: usize, places: usize, K: i32, counts: usize): usize {
  const bytes = (<usize>K) << 2;
  memory.fill(counts, 0, <usize>argsortTableBytes);
  for (let at: usize = 0; at < bytes; at += 4) {
    const key = load<u32>(keys + at);
    store<i32>(places + at, <i32>(at >> 2));
    for (let byte: u32 = 0; byte < 4; byte++) {
      const count = counts + (byte << 10) + (((key >> (byte << 3)) & 255) << 2);
      store<u32>(count, load<u32>(count) + 1);
    }
  }
  let from: usize = 0;
  let to = bytes;
  for (let byte: u32 = 0; byte < 4; byte++) {
    const table = counts + (byte << 10);
    const shift = byte << 3;
    if (load<i32>(table + (((load<u32>(keys + from) >> shift) & 255) << 2)) == K) continue;
    let total: u32 = 0;
    for (let digit: usize = 0; digit < 1024; digit += 4) {
      const count = load<u32>(table + digit);
      store<u32>(table + digit, total);
      total += count << 2;
    }
    for (let at: usize = 0; at < bytes; at += 4) {
      const key = load<u32>(keys + from + at);
      const slot = table + (((key >> shift) & 255) << 2);
      const place = load<u32>(slot);
      store<u32>(slot, place + 4);
      store<u32>(keys + to + place, key);
      store<i32>(places + to + place, load<i32>(places + from + at));
    }
    const other = from;
    from = to;
    to = other;
  }
  return places + from;
}
