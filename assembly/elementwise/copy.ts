import { shareEnd, shareStart } from "../partition";
import { KernelRecord } from "../record";

/** y = x over `count` 4-byte elements; the ranges must not overlap. */
@unmanaged
export class CopyRecord extends KernelRecord {
  x: usize;
  y: usize;
  count: i32;
}

export function copy(record: CopyRecord, thread: i32, threads: i32): void {
  const start = shareStart(record.count, 16, thread, threads);
  const end = shareEnd(record.count, 16, thread, threads);
  const offset = (<usize>start) << 2;
  memory.copy(record.y + offset, record.x + offset, (<usize>(end - start)) << 2);
}
