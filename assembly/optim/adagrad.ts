import { loadPartial, multiplyAdd, storePartial } from "../math/lanes";
import { shareEnd, shareStart } from "../partition";
import { KernelRecord } from "../record";

/**
 * One step of AdaGrad over `count` contiguous floats, with the formulas of PyTorch's Adagrad:
 *   g ← gradient + weightDecay·w;  sum ← sum + g²;  w ← w − rate·g / (√sum + epsilon)
 * `learningRate` points to the rate (divided by 1 + (step − 1)·decay beforehand, where that is wanted).
 */
@unmanaged
export class AdagradRecord extends KernelRecord {
  weights: usize;
  gradients: usize;
  squareSums: usize;
  learningRate: usize;
  count: i32;
  weightDecay: f32;
  epsilon: f32;
}

export function adagrad(record: AdagradRecord, thread: i32, threads: i32): void {
  assert(((record.weights | record.gradients | record.squareSums | record.learningRate) & 3) == 0);
  assert(record.count >= 0);
  let at = (<usize>shareStart(record.count, 16, thread, threads)) << 2;
  const end = (<usize>shareEnd(record.count, 16, thread, threads)) << 2;
  const weights = record.weights;
  const gradients = record.gradients;
  const squareSums = record.squareSums;
  const rate = v128.load32_splat(record.learningRate);
  const decay = f32x4.splat(record.weightDecay);
  const epsilon = f32x4.splat(record.epsilon);
  for (; at + 16 <= end; at += 16) {
    const w = v128.load(weights + at);
    const g = multiplyAdd(decay, w, v128.load(gradients + at));
    const sum = multiplyAdd(g, g, v128.load(squareSums + at));
    v128.store(squareSums + at, sum);
    v128.store(weights + at, moved(w, g, sum, rate, epsilon));
  }
  const left = (end - at) >> 2;
  if (at < end) {
    const w = loadPartial(weights + at, left);
    const g = multiplyAdd(decay, w, loadPartial(gradients + at, left));
    const sum = multiplyAdd(g, g, loadPartial(squareSums + at, left));
    storePartial(squareSums + at, sum, left);
    storePartial(weights + at, moved(w, g, sum, rate, epsilon), left);
  }
}

// @ts-ignore: decorator
@inline
function moved(w: v128, g: v128, sum: v128, rate: v128, epsilon: v128): v128 {
  return f32x4.sub(w, f32x4.div(f32x4.mul(rate, g), f32x4.add(f32x4.sqrt(sum), epsilon)));
}
