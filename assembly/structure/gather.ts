import { shareEnd, shareStart } from "../partition";
import { isAligned } from "../record";
import { placeOf, TakeShapeRecord } from "./take";

/**
 * y [A, I, C] = x [A, indices[A, I, C], C]: an index for each element, which picks along the axis in the middle. Elements have
 * 1 << `shift` bytes. An index that is out of range is an error.
 */
@unmanaged
export class GatherElementsRecord extends TakeShapeRecord {
  x: usize;
  y: usize;
  shift: u32;
}

export function gatherElements(record: GatherElementsRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.indices) && record.shift <= 2);
  if (record.shift == 2) gather<u32>(record, thread, threads);
  else if (record.shift == 1) gather<u16>(record, thread, threads);
  else gather<u8>(record, thread, threads);
}

// @ts-ignore: decorator
@inline
function gather<T>(record: GatherElementsRecord, thread: i32, threads: i32): void {
  const K = record.K;
  const I = record.I;
  const C = <usize>record.C;
  const lineBytes = <usize>K * C * sizeof<T>();
  const first = shareStart(record.A * I, 1, thread, threads);
  const end = shareEnd(record.A * I, 1, thread, threads);
  if (first == end) return;
  let indices = record.indices + ((<usize>first * C) << 2);
  let y = record.y + <usize>first * C * sizeof<T>();
  let a = first / I;
  let i = first - a * I;
  let x = record.x + <usize>a * lineBytes;
  for (let row = first; row < end; row++) {
    for (let c: usize = 0; c < C; c++, indices += 4, y += sizeof<T>()) {
      const k = placeOf(indices, K);
      if (k >= <u32>K) throw new Error("gather: an index is out of range");
      store<T>(y, load<T>(x + (<usize>k * C + c) * sizeof<T>()));
    }
    if (++i < I) continue;
    i = 0;
    x += lineBytes;
  }
}

/**
 * The adjoint of `gatherElements`: dx [A, K, C] holds at (a, k, c) the sum of dy [A, I, C] over the i whose index at (a, i, c) is k,
 * in ascending order of i; 0 where there is none. Elements are float32, or int32 where `isInteger`. Where `replaces`, it is the last
 * of them in place of the sum.
 */
@unmanaged
export class GatherElementsBackwardRecord extends TakeShapeRecord {
  dy: usize;
  dx: usize;
  isInteger: bool;
  replaces: bool;
}

/** Every thread owns some of the A · C lines along the axis in the middle. */
export function gatherElementsBackward(record: GatherElementsBackwardRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.indices | record.dy | record.dx));
  const K = record.K;
  const C = record.C;
  const end = shareEnd(record.A * C, 16, thread, threads);
  for (let line = shareStart(record.A * C, 16, thread, threads); line < end;) {
    const a = line / C;
    const c = line - a * C;
    const count = min(C - c, end - line);
    for (let k = 0; k < K; k++) {
      memory.fill(record.dx + ((<usize>((a * K + k) * C + c)) << 2), 0, (<usize>count) << 2);
    }
    for (let i = 0; i < record.I; i++) {
      const offset = (<usize>((a * record.I + i) * C + c)) << 2;
      addTo(record, a, c, offset, count);
    }
    line += count;
  }
}

/** Adds `count` elements of dy, from `offset` bytes on, to column `c` and those after it. */
function addTo(record: GatherElementsBackwardRecord, a: i32, c: i32, offset: usize, count: i32): void {
  const K = record.K;
  const C = record.C;
  for (let j = 0; j < count; j++, offset += 4) {
    const k = placeOf(record.indices + offset, K);
    if (k >= <u32>K) throw new Error("scatterAdd: an index is out of range");
    const to = record.dx + ((<usize>((a * K + <i32>k) * C + c + j)) << 2);
    const from = record.dy + offset;
    if (record.replaces) store<i32>(to, load<i32>(from));
    else if (record.isInteger) store<i32>(to, load<i32>(to) + load<i32>(from));
    else store<f32>(to, load<f32>(to) + load<f32>(from));
  }
}
