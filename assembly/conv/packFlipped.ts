import { NR } from "../gemm/params";
import { partsOf, shareEnd, shareStart } from "../partition";
import { isAligned, KernelRecord } from "../record";

/**
 * Packs the weights of a convolution for its input gradient, which is a convolution of dy: B[(t, o), c] =
 * weight[taps[t] + c · outChannels + o], where taps[t] is the offset (in floats) of a kernel tap, in panels of 8 columns c
 * as gemmPack makes them. Panel j begins at packed + j · K · 32 bytes with K = tapCount · outChannels.
 *
 * The weight of a grouped convolution has `groups` times outChannels columns, and the panels of each group follow those of the one
 * before: B is [(t, o), c] of the columns of one group.
 */
@unmanaged
export class ConvPackFlippedRecord extends KernelRecord {
  weight: usize;
  taps: usize;
  packed: usize;
  tapCount: i32;
  groups: i32;
  inChannels: i32;
  outChannels: i32;
}

export function convPackFlipped(record: ConvPackFlippedRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.packed));
  assert(record.tapCount >= 0 && record.inChannels >= 0 && record.outChannels >= 0);
  const outChannels = record.outChannels;
  const columnStep = record.groups * outChannels;
  const panels = partsOf(record.inChannels, NR);
  const units = record.groups * panels * record.tapCount;
  const last = shareEnd(units, 1, thread, threads);
  for (let unit = shareStart(units, 1, thread, threads); unit < last; unit++) {
    const panel = unit / record.tapCount;
    const tap = unit - panel * record.tapCount;
    const group = panel / panels;
    const channel = (panel - group * panels) * NR;
    const offset = load<i32>(record.taps + ((<usize>tap) << 2)) + channel * columnStep + group * outChannels;
    const from = record.weight + ((<usize>offset) << 2);
    const to = record.packed + ((<usize>unit * <usize>outChannels) << 5);
    packTap(from, (<usize>columnStep) << 2, min(record.inChannels - channel, NR), to, outChannels);
  }
}

/** `length` rows of 8 columns; column c < `columns` is contiguous at from + c · columnStep, the others are zero. */
function packTap(from: usize, columnStep: usize, columns: i32, to: usize, length: i32): void {
  const zero = f32x4.splat(0);
  for (const end = to + ((<usize>length) << 5); to < end; to += 32, from += 4) {
    v128.store(to, zero);
    v128.store(to, zero, 16);
    let source = from;
    for (let c: usize = 0; c < <usize>columns; c++, source += columnStep) {
      store<f32>(to + (c << 2), load<f32>(source));
    }
  }
}
