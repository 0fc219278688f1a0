import { loadPartial, multiplyAdd, negativeMultiplyAdd, storePartial } from "../math/lanes";
import { shareEnd, shareStart } from "../partition";
import { KernelRecord } from "../record";

/**
 * One step of stochastic gradient descent over `count` contiguous floats, with the formulas of PyTorch's SGD (dampening 0):
 *   g ← gradient + weightDecay·w;  velocity ← momentum·velocity + g;
 *   w ← w − rate·(nesterov ? g + momentum·velocity : velocity)
 * `learningRate` points to the rate. Velocity starts at 0, which gives PyTorch's first step; without momentum it is not
 * touched and may be 0.
 */
@unmanaged
export class SgdRecord extends KernelRecord {
  weights: usize;
  gradients: usize;
  velocity: usize;
  learningRate: usize;
  count: i32;
  momentum: f32;
  weightDecay: f32;
  nesterov: bool;
}

export function sgd(record: SgdRecord, thread: i32, threads: i32): void {
  assert(((record.weights | record.gradients | record.velocity | record.learningRate) & 3) == 0);
  assert(record.count >= 0);
  const start = (<usize>shareStart(record.count, 16, thread, threads)) << 2;
  const end = (<usize>shareEnd(record.count, 16, thread, threads)) << 2;
  if (record.momentum == 0) plainSteps(record, start, end);
  else if (record.nesterov) nesterovSteps(record, start, end);
  else momentumSteps(record, start, end);
}

function plainSteps(record: SgdRecord, at: usize, end: usize): void {
  const weights = record.weights;
  const gradients = record.gradients;
  const rate = v128.load32_splat(record.learningRate);
  const decay = f32x4.splat(record.weightDecay);
  for (; at + 16 <= end; at += 16) {
    const w = v128.load(weights + at);
    v128.store(weights + at, negativeMultiplyAdd(rate, multiplyAdd(decay, w, v128.load(gradients + at)), w));
  }
  const left = (end - at) >> 2;
  if (at < end) {
    const w = loadPartial(weights + at, left);
    const g = multiplyAdd(decay, w, loadPartial(gradients + at, left));
    storePartial(weights + at, negativeMultiplyAdd(rate, g, w), left);
  }
}

function momentumSteps(record: SgdRecord, at: usize, end: usize): void {
  const weights = record.weights;
  const gradients = record.gradients;
  const velocity = record.velocity;
  const rate = v128.load32_splat(record.learningRate);
  const decay = f32x4.splat(record.weightDecay);
  const momentum = f32x4.splat(record.momentum);
  for (; at + 16 <= end; at += 16) {
    const w = v128.load(weights + at);
    const g = multiplyAdd(decay, w, v128.load(gradients + at));
    const v = multiplyAdd(momentum, v128.load(velocity + at), g);
    v128.store(velocity + at, v);
    v128.store(weights + at, negativeMultiplyAdd(rate, v, w));
  }
  const left = (end - at) >> 2;
  if (at < end) {
    const w = loadPartial(weights + at, left);
    const g = multiplyAdd(decay, w, loadPartial(gradients + at, left));
    const v = multiplyAdd(momentum, loadPartial(velocity + at, left), g);
    storePartial(velocity + at, v, left);
    storePartial(weights + at, negativeMultiplyAdd(rate, v, w), left);
  }
}

function nesterovSteps(record: SgdRecord, at: usize, end: usize): void {
  const weights = record.weights;
  const gradients = record.gradients;
  const velocity = record.velocity;
  const rate = v128.load32_splat(record.learningRate);
  const decay = f32x4.splat(record.weightDecay);
  const momentum = f32x4.splat(record.momentum);
  for (; at + 16 <= end; at += 16) {
    const w = v128.load(weights + at);
    const g = multiplyAdd(decay, w, v128.load(gradients + at));
    const v = multiplyAdd(momentum, v128.load(velocity + at), g);
    v128.store(velocity + at, v);
    v128.store(weights + at, negativeMultiplyAdd(rate, multiplyAdd(momentum, v, g), w));
  }
  const left = (end - at) >> 2;
  if (at < end) {
    const w = loadPartial(weights + at, left);
    const g = multiplyAdd(decay, w, loadPartial(gradients + at, left));
    const v = multiplyAdd(momentum, loadPartial(velocity + at, left), g);
    storePartial(velocity + at, v, left);
    storePartial(weights + at, negativeMultiplyAdd(rate, multiplyAdd(momentum, v, g), w), left);
  }
}
