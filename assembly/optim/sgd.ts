import { multiplyAdd } from "../math/lanes";
import { shareEnd, shareStart } from "../partition";
import { isAligned, KernelRecord } from "../record";

/**
 * Stochastic gradient descent over `count` contiguous weights, in PyTorch's form:
 * g = gradient + weightDecay·w; with momentum b = momentum·b + g and g = b, or g + momentum·b with Nesterov; w −= rate·g.
 * `velocity` (b) is 0 if there is no momentum. `learningRate` points to the rate of this step. count is a multiple of 4.
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
  assert(isAligned(record.weights | record.gradients | record.velocity));
  assert(record.count >= 0 && (record.count & 3) == 0);
  let at = (<usize>shareStart(record.count, 16, thread, threads)) << 2;
  const last = (<usize>shareEnd(record.count, 16, thread, threads)) << 2;
  const weights = record.weights;
  const gradients = record.gradients;
  const velocity = record.velocity;
  const step = f32x4.splat(-load<f32>(record.learningRate));
  const momentum = f32x4.splat(record.momentum);
  const decay = f32x4.splat(record.weightDecay);
  if (velocity == 0) {
    for (; at < last; at += 16) {
      const w = v128.load(weights + at);
      const g = multiplyAdd(decay, w, v128.load(gradients + at));
      v128.store(weights + at, multiplyAdd(step, g, w));
    }
    return;
  }
  const nesterov = record.nesterov;
  for (; at < last; at += 16) {
    const w = v128.load(weights + at);
    const g = multiplyAdd(decay, w, v128.load(gradients + at));
    const b = multiplyAdd(momentum, v128.load(velocity + at), g);
    v128.store(velocity + at, b);
    v128.store(weights + at, multiplyAdd(step, nesterov ? multiplyAdd(momentum, b, g) : b, w));
  }
}
