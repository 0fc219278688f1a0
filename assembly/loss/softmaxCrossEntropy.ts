import { loadPartial, storePartial } from "../math/lanes";
import { logarithm } from "../math/logarithm";
import { shareEnd, shareStart } from "../partition";
import { isAligned, KernelRecord } from "../record";
import { exponentialsOfRow, rowMaximum, sumOfExponentials } from "../softmax/row";

/**
 * loss[row] = ln Σⱼ e^(xⱼ − m) − (x[label] − m) for each of `rows` rows of `classes` logits x, m being the row's maximum. Rows of
 * logits lie logitsRow floats apart.
 * For the backward pass it keeps e^(xⱼ − m) in `exponentials` [rows, classes] and the inverse of their sum in
 * `inverseSums` [rows]; both may be 0 where there is none. A label that is no class gives NaN.
 */
@unmanaged
export class SoftmaxCrossEntropyRecord extends KernelRecord {
  logits: usize;
  labels: usize;
  loss: usize;
  exponentials: usize;
  inverseSums: usize;
  rows: i32;
  classes: i32;
  logitsRow: i32;
}

export function softmaxCrossEntropy(record: SoftmaxCrossEntropyRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.logits | record.labels | record.loss | record.exponentials | record.inverseSums));
  assert(record.rows >= 0 && record.classes >= 1);
  const last = shareEnd(record.rows, 4, thread, threads);
  for (let row = shareStart(record.rows, 4, thread, threads); row < last; row += 4) {
    lossesOf4(record, row, min(4, last - row));
  }
}

/** `rows` ≤ 4 rows from row `first` on: their sums become the lanes of one vector, so that one logarithm serves them all. */
function lossesOf4(record: SoftmaxCrossEntropyRecord, first: i32, rows: i32): void {
  const classes = <usize>record.classes;
  let sums = f32x4.splat(1);
  let targets = f32x4.splat(0);
  for (let row = first; row < first + rows; row++) {
    const offset = (<usize>row * classes) << 2;
    const x = record.logits + ((<usize>row * <usize>record.logitsRow) << 2);
    const label = load<u32>(record.labels + ((<usize>row) << 2));
    assert(label < <u32>classes);
    const maximum = rowMaximum(x, classes);
    const sum =
      record.exponentials != 0
        ? exponentialsOfRow(x, record.exponentials + offset, classes, maximum)
        : sumOfExponentials(x, classes, maximum);
    const ofLabel: f32 = label < <u32>classes ? load<f32>(x + ((<usize>label) << 2)) : NaN;
    // Each row moves the earlier ones down a lane; after four, row and lane agree.
    sums = v128.shuffle<f32>(sums, f32x4.splat(sum), 1, 2, 3, 4);
    targets = v128.shuffle<f32>(targets, f32x4.splat(ofLabel - maximum), 1, 2, 3, 4);
  }
  for (let row = rows; row < 4; row++) {
    sums = v128.shuffle<f32>(sums, sums, 1, 2, 3, 4);
    targets = v128.shuffle<f32>(targets, targets, 1, 2, 3, 4);
  }
  storePartial(record.loss + ((<usize>first) << 2), f32x4.sub(logarithm(sums), targets), rows);
  if (record.exponentials == 0) return;
  storePartial(record.inverseSums + ((<usize>first) << 2), f32x4.div(f32x4.splat(1), sums), rows);
}

/**
 * dx = (softmax(x) − onehot(label))·dLoss/divisor, from what the forward pass kept. `dLoss` points to the gradient of each row's
 * loss, `dLossRow` floats apart: with 0 and the number of rows for the divisor, to that of their mean.
 */
@unmanaged
export class SoftmaxCrossEntropyBackwardRecord extends KernelRecord {
  exponentials: usize;
  inverseSums: usize;
  labels: usize;
  dLoss: usize;
  dx: usize;
  rows: i32;
  classes: i32;
  dLossRow: i32;
  divisor: f32;
}

export function softmaxCrossEntropyBackward(
  record: SoftmaxCrossEntropyBackwardRecord,
  thread: i32,
  threads: i32,
): void {
  assert(isAligned(record.exponentials | record.inverseSums | record.labels | record.dLoss | record.dx));
  assert(record.rows >= 0 && record.classes >= 1);
  const classes = <usize>record.classes;
  // Backwards, for the rows that the forward pass wrote last may still be in the cache.
  const first = <usize>shareStart(record.rows, 4, thread, threads);
  for (let row = <usize>shareEnd(record.rows, 4, thread, threads); row-- > first;) {
    const e = record.exponentials + ((row * classes) << 2);
    const dx = record.dx + ((row * classes) << 2);
    const inverse = load<f32>(record.inverseSums + (row << 2));
    const factor = load<f32>(record.dLoss + ((row * <usize>record.dLossRow) << 2)) / record.divisor;
    const scale = f32x4.splat(inverse * factor);
    const end = classes << 2;
    let at: usize = 0;
    for (; at + 16 <= end; at += 16) v128.store(dx + at, f32x4.mul(v128.load(e + at), scale));
    const left = (end - at) >> 2;
    if (left > 0) storePartial(dx + at, f32x4.mul(loadPartial(e + at, left), scale), left);
    const label = load<u32>(record.labels + (row << 2));
    assert(label < <u32>classes);
    if (label < <u32>classes) {
      const offset = (<usize>label) << 2;
      store<f32>(dx + offset, (load<f32>(e + offset) * inverse - 1) * factor);
    }
  }
}
