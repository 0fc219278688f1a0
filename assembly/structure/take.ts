import { partsOf, shareEnd, shareStart } from "../partition";
import { isAligned, KernelRecord } from "../record";
import { copyRun } from "./runs";

/** What indices along the axis in the middle of [A, K, C] pick. They are int32, from −K to K − 1; negative ones count from the end. */
@unmanaged
export class TakeShapeRecord extends KernelRecord {
  indices: usize;
  A: i32;
  K: i32;
  C: i32;
  I: i32;
}

/** y [A, I, C] = x [A, indices[I], C], elements of 1 << `shift` bytes. An index that is out of range is an error. */
@unmanaged
export class TakeRecord extends TakeShapeRecord {
  x: usize;
  y: usize;
  shift: u32;
}

/** Bytes of the longest part of a row that is copied as one. */
const partBytes: i32 = 32768;

/** The place along an axis of length `K` that the index at `at` means; not below K if it means none. */
// @ts-ignore: decorator
@inline
export function placeOf(at: usize, K: i32): u32 {
  const index = load<i32>(at);
  return index < 0 ? index + K : index;
}

export function take(record: TakeRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.indices) && record.shift <= 2);
  const shift = <usize>record.shift;
  const K = record.K;
  const I = record.I;
  const rowBytes = (<usize>record.C) << shift;
  const partLength = partBytes >> (<i32>shift);
  const parts = partsOf(record.C, partLength);
  const count = record.A * I * parts;
  let at = shareStart(count, 1, thread, threads);
  const end = shareEnd(count, 1, thread, threads);
  if (at == end) return;
  const indices = record.indices;
  const fromBytes = <usize>K * rowBytes;
  const row = at / parts;
  let part = at - row * parts;
  const a = row / I;
  let i = row - a * I;
  let x = record.x + <usize>a * fromBytes;
  let to = record.y + <usize>row * rowBytes + <usize>part * partBytes;
  if (rowBytes == 4) {
    for (; at < end; at++, to += 4) {
      const k = placeOf(indices + ((<usize>i) << 2), K);
      if (k >= <u32>K) throw new Error("take: an index is out of range");
      store<u32>(to, load<u32>(x + ((<usize>k) << 2)));
      i++;
      if (i < I) continue;
      i = 0;
      x += fromBytes;
    }
    return;
  }
  for (; at < end; at++) {
    const k = placeOf(indices + ((<usize>i) << 2), K);
    if (k >= <u32>K) throw new Error("take: an index is out of range");
    const first = <usize>part * partBytes;
    const from = x + <usize>k * rowBytes + first;
    const bytes = min(rowBytes - first, <usize>partBytes);
    copyRun(to, from, bytes);
    to += bytes;
    if (++part < parts) continue;
    part = 0;
    if (++i < I) continue;
    i = 0;
    x += fromBytes;
  }
}

/**
 * The adjoint of `take`: dx [A, K, C] holds at each k the sum of dy [A, I, C] over the i whose index is k, in ascending order of i;
 * 0 where there is none, and at the place `skipped`. Elements are float32, or int32 where `isInteger`.
 */
@unmanaged
export class TakeBackwardRecord extends TakeShapeRecord {
  dy: usize;
  dx: usize;
  skipped: i32;
  isInteger: bool;
}

/** Every thread owns rows of dx: it looks at all indices, and adds what belongs to its rows. */
export function takeBackward(record: TakeBackwardRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.indices | record.dy | record.dx));
  const K = record.K;
  const I = record.I;
  const C = <usize>record.C;
  const rowBytes = C << 2;
  const first = shareStart(record.A * K, 1, thread, threads);
  const last = shareEnd(record.A * K, 1, thread, threads);
  if (first == last) return;
  memory.fill(record.dx + <usize>first * rowBytes, 0, <usize>(last - first) * rowBytes);
  for (let a = first / K; a * K < last; a++) {
    for (let i = 0; i < I; i++) {
      const k = placeOf(record.indices + ((<usize>i) << 2), K);
      if (k >= <u32>K) throw new Error("the gradient of take: an index is out of range");
      const row = a * K + k;
      if (row < first || row >= last || k == record.skipped) continue;
      const from = record.dy + <usize>(a * I + i) * rowBytes;
      const to = record.dx + <usize>row * rowBytes;
      if (record.isInteger) addIntegers(to, from, rowBytes);
      else addFloats(to, from, rowBytes);
    }
  }
}

function addFloats(to: usize, from: usize, bytes: usize): void {
  const end = to + bytes;
  for (; to + 64 <= end; to += 64, from += 64) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
    v128.store(to, f32x4.add(v128.load(to, 16), v128.load(from, 16)), 16);
    v128.store(to, f32x4.add(v128.load(to, 32), v128.load(from, 32)), 32);
    v128.store(to, f32x4.add(v128.load(to, 48), v128.load(from, 48)), 48);
  }
  for (; to < end; to += 4, from += 4) store<f32>(to, load<f32>(to) + load<f32>(from));
}

function addIntegers(to: usize, from: usize, bytes: usize): void {
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) v128.store(to + at, i32x4.add(v128.load(to + at), v128.load(from + at)));
  for (; at < bytes; at += 4) store<i32>(to + at, load<i32>(to + at) + load<i32>(from + at));
}
