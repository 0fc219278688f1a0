import { loadPartial, storePartial } from "../math/lanes";
import { shareEnd, shareStart } from "../partition";
import { KernelRecord } from "../record";
import { exponentialsOfRow, logarithmOf, rowMaximum, sumOfExponentials } from "../softmax/row";

/**
 * loss[row] = ln Σⱼ e^(xⱼ − m) − (x[label] − m) for each of `rows` rows of `classes` logits x, m being the row's maximum.
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
}

export function softmaxCrossEntropy(record: SoftmaxCrossEntropyRecord, thread: i32, threads: i32): void {
  assert(((record.logits | record.labels | record.loss | record.exponentials | record.inverseSums) & 3) == 0);
  assert(record.rows >= 0 && record.classes >= 1);
  const classes = <usize>record.classes;
  const last = <usize>shareEnd(record.rows, 4, thread, threads);
  for (let row = <usize>shareStart(record.rows, 4, thread, threads); row < last; row++) {
    const x = record.logits + ((row * classes) << 2);
    const label = load<u32>(record.labels + (row << 2));
    assert(label < <u32>classes);
    const maximum = rowMaximum(x, classes);
    let sum: f32;
    if (record.exponentials != 0) {
      sum = exponentialsOfRow(x, record.exponentials + ((row * classes) << 2), classes, maximum);
      store<f32>(record.inverseSums + (row << 2), 1 / sum);
    } else sum = sumOfExponentials(x, classes, maximum);
    const ofLabel = label < <u32>classes ? load<f32>(x + ((<usize>label) << 2)) : NaN;
    store<f32>(record.loss + (row << 2), logarithmOf(sum) - (<f32>ofLabel - maximum));
  }
}

/**
 * dx = (softmax(x) − onehot(label))·dLoss/rows, from what the forward pass kept: the gradient of the mean of the rows'
 * losses, `dLoss` pointing to the gradient of that mean.
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
}

export function softmaxCrossEntropyBackward(
  record: SoftmaxCrossEntropyBackwardRecord,
  thread: i32,
  threads: i32,
): void {
  assert(((record.exponentials | record.inverseSums | record.labels | record.dLoss | record.dx) & 3) == 0);
  assert(record.rows >= 0 && record.classes >= 1);
  const classes = <usize>record.classes;
  const factor = load<f32>(record.dLoss) / <f32>record.rows;
  const last = <usize>shareEnd(record.rows, 4, thread, threads);
  for (let row = <usize>shareStart(record.rows, 4, thread, threads); row < last; row++) {
    const e = record.exponentials + ((row * classes) << 2);
    const dx = record.dx + ((row * classes) << 2);
    const inverse = load<f32>(record.inverseSums + (row << 2));
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
