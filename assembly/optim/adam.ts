import { multiplyAdd } from "../math/lanes";
import { shareEnd, shareStart } from "../partition";
import { isAligned, KernelRecord } from "../record";

/**
 * Adam over `count` contiguous weights (Kingma and Ba 2015, algorithm 1), in one pass:
 * g = gradient + weightDecay·w, or w −= rate·weightDecay·w first where `decoupled`;
 * m += (1−β₁)(g − m); v = β₂v + (1−β₂)g²; w −= rate·c₁·m/(c₂·√v + ε), with c₁ = 1/(1−β₁ᵗ) and c₂ = 1/√(1−β₂ᵗ).
 * The rate and c₁, c₂ of this step are behind pointers. count is a multiple of 4.
 */
@unmanaged
export class AdamRecord extends KernelRecord {
  weights: usize;
  gradients: usize;
  firstMoment: usize;
  secondMoment: usize;
  learningRate: usize;
  biasCorrection1: usize;
  biasCorrection2: usize;
  count: i32;
  /** 1 − β₁ and 1 − β₂, rounded once from float64. */
  rest1: f32;
  rest2: f32;
  beta2: f32;
  epsilon: f32;
  weightDecay: f32;
  decoupled: bool;
}

export function adam(record: AdamRecord, thread: i32, threads: i32): void {
  assert(isAligned(record.weights | record.gradients | record.firstMoment | record.secondMoment));
  assert(record.count >= 0 && (record.count & 3) == 0);
  let at = (<usize>shareStart(record.count, 16, thread, threads)) << 2;
  const last = (<usize>shareEnd(record.count, 16, thread, threads)) << 2;
  const weights = record.weights;
  const gradients = record.gradients;
  const firstMoment = record.firstMoment;
  const secondMoment = record.secondMoment;
  const rate = load<f32>(record.learningRate);
  const step = f32x4.splat(-rate * load<f32>(record.biasCorrection1));
  const correction2 = f32x4.splat(load<f32>(record.biasCorrection2));
  const rest1 = f32x4.splat(record.rest1);
  const rest2 = f32x4.splat(record.rest2);
  const beta2 = f32x4.splat(record.beta2);
  const epsilon = f32x4.splat(record.epsilon);
  // Coupled decay goes into the gradient, decoupled decay shrinks the weight; the other of the two is neutral.
  const decay = f32x4.splat(record.decoupled ? 0 : record.weightDecay);
  const shrink = f32x4.splat(record.decoupled ? 1 - rate * record.weightDecay : 1);
  for (; at < last; at += 16) {
    const w = v128.load(weights + at);
    const g = multiplyAdd(decay, w, v128.load(gradients + at));
    const m0 = v128.load(firstMoment + at);
    const m = multiplyAdd(rest1, f32x4.sub(g, m0), m0);
    v128.store(firstMoment + at, m);
    const v = multiplyAdd(f32x4.mul(rest2, g), g, f32x4.mul(beta2, v128.load(secondMoment + at)));
    v128.store(secondMoment + at, v);
    const denominator = multiplyAdd(f32x4.sqrt(v), correction2, epsilon);
    v128.store(weights + at, f32x4.add(f32x4.mul(w, shrink), f32x4.div(f32x4.mul(step, m), denominator)));
  }
}
