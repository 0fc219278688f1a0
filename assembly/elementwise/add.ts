import { shareEnd, shareStart } from "../partition";
import { KernelRecord } from "../record";

/** y = a + b elementwise over `count` floats; y may be a or b. */
@unmanaged
export class AddRecord extends KernelRecord {
  a: usize;
  b: usize;
  y: usize;
  count: i32;
}

export function add(record: AddRecord, thread: i32, threads: i32): void {
  assert(((record.a | record.b | record.y) & 15) == 0);
  assert(record.count >= 0);
  let at = (<usize>shareStart(record.count, 16, thread, threads)) << 2;
  const last = (<usize>shareEnd(record.count, 16, thread, threads)) << 2;
  const a = record.a;
  const b = record.b;
  const y = record.y;
  for (; at + 32 <= last; at += 32) {
    v128.store(y + at, f32x4.add(v128.load(a + at), v128.load(b + at)));
    v128.store(y + at, f32x4.add(v128.load(a + at, 16), v128.load(b + at, 16)), 16);
  }
  for (; at < last; at += 4) store<f32>(y + at, load<f32>(a + at) + load<f32>(b + at));
}
