import { shareEnd, shareStart } from "../partition";
import { isAligned } from "../record";
import { noWinner, PoolRecord } from "./window";

/**
 * y at each output position = x at the input position that won its window, by the `winners` that maxPool wrote; 0 where
 * none did. The transpose of maxPoolBackward: it carries the gradient of a gradient. Threads share rows of outputs.
 */
@unmanaged
export class MaxPoolPickRecord extends PoolRecord {
  winners: usize;
  x: usize;
  y: usize;
}

export function maxPoolPick(record: MaxPoolPickRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.x | record.y));
  const rows = record.batch * record.outHeight;
  const last = shareEnd(rows, 1, thread, threads);
  for (let row = shareStart(rows, 1, thread, threads); row < last; row++) pickRow(record, row);
}

/** Row `row` of the outputs of the whole batch. */
function pickRow(record: MaxPoolPickRecord, row: i32): void {
  const channels = record.channels;
  const image = row / record.outHeight;
  const top = (row - image * record.outHeight) * record.strideHeight - record.paddingHeight;
  let at = <usize>row * <usize>record.outWidth * <usize>channels;
  for (let column = 0; column < record.outWidth; column++) {
    const left = column * record.strideWidth - record.paddingWidth;
    for (let c = 0; c < channels; c++, at++) {
      const winner = <i32>load<u8>(record.winners + at);
      let value: f32 = 0;
      if (winner != noWinner) {
        const y = top + winner / record.kernelWidth;
        const x = left + (winner % record.kernelWidth);
        const from = <usize>((image * record.height + y) * record.width + x) * <usize>channels + <usize>c;
        value = load<f32>(record.x + (from << 2));
      }
      store<f32>(record.y + (at << 2), value);
    }
  }
}
