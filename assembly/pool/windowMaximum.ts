import { loadPartial, storePartial } from "../math/lanes";
import { shareEnd, shareStart } from "../partition";
import { isAligned, KernelRecord } from "../record";
import { wins } from "./window";

/**
 * y [A, O, C] = the largest of each window along the middle of x [A, K, C], NaN if it holds one. `winners`, unless 0, gets the
 * position along that axis of the first largest value (of the last NaN, as in PyTorch), an int32.
 *
 * `windows` has 16 bytes for each position of y: the first position of its window, and how many there are, at least 1; they are
 * `step` apart. The rest is not read.
 */
@unmanaged
export class WindowMaximumRecord extends KernelRecord {
  x: usize;
  y: usize;
  winners: usize;
  windows: usize;
  step: i32;
  A: i32;
  K: i32;
  C: i32;
  O: i32;
}

export function windowMaximum(record: WindowMaximumRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.x | record.y | record.winners | record.windows));
  const O = record.O;
  const C = record.C;
  const bytes = (<usize>C) << 2;
  const step = <usize>record.step * bytes;
  const end = shareEnd(record.A * O, 1, thread, threads);
  for (let row = shareStart(record.A * O, 1, thread, threads); row < end; row++) {
    const a = row / O;
    const window = record.windows + ((<usize>(row - a * O)) << 4);
    const first = load<i32>(window);
    const count = load<i32>(window, 4);
    assert(count > 0 && first >= 0 && first + (count - 1) * record.step < record.K);
    const x = record.x + <usize>(a * record.K + first) * bytes;
    const output = <usize>row * bytes;
    for (let c = 0; c < C; c += 4) {
      const lanes = min(4, C - c);
      const offset = (<usize>c) << 2;
      let at = x + offset;
      let largest = loadPartial(at, lanes);
      let winner = i32x4.splat(first);
      for (let t = 1, position = first; t < count; t++) {
        at += step;
        position += record.step;
        const value = loadPartial(at, lanes);
        const mask = wins(value, largest);
        largest = v128.bitselect(value, largest, mask);
        winner = v128.bitselect(i32x4.splat(position), winner, mask);
      }
      storePartial(record.y + output + offset, largest, lanes);
      if (record.winners != 0) storePartial(record.winners + output + offset, winner, lanes);
    }
  }
}
