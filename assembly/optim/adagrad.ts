import { multiplyAdd } from "../math/lanes";
import { shareEnd, shareStart } from "../partition";
import { isAligned, KernelRecord } from "../record";

/**
 * AdaGrad over `count` contiguous weights: g = gradient + weightDecay·w; s += g²; w −= rate·g/(√s + ε).
 * `learningRate` points to the rate of this step. count is a multiple of 4.
 */
@unmanaged
export class AdagradRecord extends KernelRecord {
  weights: usize;
  gradients: usize;
  sumOfSquares: usize;
  learningRate: usize;
  count: i32;
  epsilon: f32;
  weightDecay: f32;
}

export function adagrad(record: AdagradRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.weights | record.gradients | record.sumOfSquares));
  assert(record.count >= 0 && (record.count & 3) == 0);
  let at = (<usize>shareStart(record.count, 16, thread, threads)) << 2;
  const last = (<usize>shareEnd(record.count, 16, thread, threads)) << 2;
  const weights = record.weights;
  const gradients = record.gradients;
  const sumOfSquares = record.sumOfSquares;
  const rate = f32x4.splat(load<f32>(record.learningRate));
  const epsilon = f32x4.splat(record.epsilon);
  const decay = f32x4.splat(record.weightDecay);
  for (; at < last; at += 16) {
    const w = v128.load(weights + at);
    const g = multiplyAdd(decay, w, v128.load(gradients + at));
    const s = multiplyAdd(g, g, v128.load(sumOfSquares + at));
    v128.store(sumOfSquares + at, s);
    const update = f32x4.div(f32x4.mul(rate, g), f32x4.add(f32x4.sqrt(s), epsilon));
    v128.store(weights + at, f32x4.sub(w, update));
  }
}
