import { loadPartial, multiplyAdd, storePartial } from "../math/lanes";
import { shareEnd, shareStart } from "../partition";
import { KernelRecord } from "../record";

/**
 * One step of Adam over `count` contiguous floats, with the formulas of PyTorch's Adam and AdamW at step t:
 *   g ← gradient + weightDecay·w (Adam), or w ← w − rate·weightDecay·w first (AdamW: `decoupled`)
 *   m ← beta1·m + (1 − beta1)·g;  v ← beta2·v + (1 − beta2)·g²
 *   w ← w − rate/(1 − beta1ᵗ) · m / (√v/√(1 − beta2ᵗ) + epsilon)
 * What changes from step to step is read through pointers to one float32 each: `learningRate`, `firstCorrection`
 * = 1/(1 − beta1ᵗ) and `secondCorrection` = 1/√(1 − beta2ᵗ). 1 − beta is passed in too, for it is exact in float64 only.
 */
@unmanaged
export class AdamRecord extends KernelRecord {
  weights: usize;
  gradients: usize;
  firstMoments: usize;
  secondMoments: usize;
  learningRate: usize;
  firstCorrection: usize;
  secondCorrection: usize;
  count: i32;
  beta1: f32;
  oneMinusBeta1: f32;
  beta2: f32;
  oneMinusBeta2: f32;
  epsilon: f32;
  weightDecay: f32;
  decoupled: bool;
}

export function adam(record: AdamRecord, thread: i32, threads: i32): void {
  assert(((record.weights | record.gradients | record.firstMoments | record.secondMoments) & 3) == 0);
  assert(((record.learningRate | record.firstCorrection | record.secondCorrection) & 3) == 0);
  assert(record.count >= 0);
  let at = (<usize>shareStart(record.count, 16, thread, threads)) << 2;
  const end = (<usize>shareEnd(record.count, 16, thread, threads)) << 2;
  const weights = record.weights;
  const gradients = record.gradients;
  const firstMoments = record.firstMoments;
  const secondMoments = record.secondMoments;
  const rate = load<f32>(record.learningRate);
  const step = f32x4.splat(rate * load<f32>(record.firstCorrection));
  const correction = v128.load32_splat(record.secondCorrection);
  const beta1 = f32x4.splat(record.beta1);
  const oneMinusBeta1 = f32x4.splat(record.oneMinusBeta1);
  const beta2 = f32x4.splat(record.beta2);
  const oneMinusBeta2 = f32x4.splat(record.oneMinusBeta2);
  const epsilon = f32x4.splat(record.epsilon);
  // Both kinds of decay are one formula: what is added to the gradient, and what the weight is multiplied by.
  const decay = f32x4.splat(record.decoupled ? 0 : record.weightDecay);
  const shrink = f32x4.splat(record.decoupled ? 1 - rate * record.weightDecay : 1);
  for (; at + 16 <= end; at += 16) {
    const w = v128.load(weights + at);
    const g = multiplyAdd(decay, w, v128.load(gradients + at));
    const m = multiplyAdd(beta1, v128.load(firstMoments + at), f32x4.mul(oneMinusBeta1, g));
    const v = multiplyAdd(beta2, v128.load(secondMoments + at), f32x4.mul(oneMinusBeta2, f32x4.mul(g, g)));
    v128.store(firstMoments + at, m);
    v128.store(secondMoments + at, v);
    const denominator = multiplyAdd(f32x4.sqrt(v), correction, epsilon);
    v128.store(weights + at, f32x4.sub(f32x4.mul(w, shrink), f32x4.div(f32x4.mul(step, m), denominator)));
  }
  const left = (end - at) >> 2;
  if (at < end) {
    const w = loadPartial(weights + at, left);
    const g = multiplyAdd(decay, w, loadPartial(gradients + at, left));
    const m = multiplyAdd(beta1, loadPartial(firstMoments + at, left), f32x4.mul(oneMinusBeta1, g));
    const square = f32x4.mul(oneMinusBeta2, f32x4.mul(g, g));
    const v = multiplyAdd(beta2, loadPartial(secondMoments + at, left), square);
    storePartial(firstMoments + at, m, left);
    storePartial(secondMoments + at, v, left);
    const denominator = multiplyAdd(f32x4.sqrt(v), correction, epsilon);
    const moved = f32x4.sub(f32x4.mul(w, shrink), f32x4.div(f32x4.mul(step, m), denominator));
    storePartial(weights + at, moved, left);
  }
}
