import { shareEnd, shareStart } from "../partition";
import { KernelRecord } from "../record";

/** y = x over so many bytes; the ranges must not overlap. */
@unmanaged
export class CopyRecord extends KernelRecord {
  x: usize;
  y: usize;
  bytes: u32;
}

export function copy(record: CopyRecord, thread: i32, threads: i32): void {
  // Lines of the cache, shared out.
  const lines = <i32>((record.bytes >> 6) + <u32>((record.bytes & 63) != 0));
  const start = (<usize>shareStart(lines, 1, thread, threads)) << 6;
  const end = min((<usize>shareEnd(lines, 1, thread, threads)) << 6, <usize>record.bytes);
  memory.copy(record.y + start, record.x + start, end - start);
}
