import type { AdamOptions } from "../kernels.js";

/** w ← w − rate·dw */
export function sgd(w: Float32Array, dw: Float32Array, learningRate: number): void {
  for (let i = 0; i < w.length; i++) w[i]! -= learningRate * dw[i]!;
}

/** Kingma and Ba's Adam with bias correction; `step` counts from 1. */
export function adam(
  w: Float32Array,
  dw: Float32Array,
  m: Float32Array,
  v: Float32Array,
  step: number,
  { learningRate, beta1, beta2, epsilon }: AdamOptions,
): void {
  const correction1 = 1 - beta1 ** step;
  const correction2 = 1 - beta2 ** step;
  for (let i = 0; i < w.length; i++) {
    const gradient = dw[i]!;
    const first = beta1 * m[i]! + (1 - beta1) * gradient;
    const second = beta2 * v[i]! + (1 - beta2) * gradient * gradient;
    m[i] = first;
    v[i] = second;
    w[i]! -= (learningRate * (first / correction1)) / (Math.sqrt(second / correction2) + epsilon);
  }
}
