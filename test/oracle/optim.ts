/** Weights and state of one optimizer in float64, updated in place, formulas of PyTorch's documentation of each. */
export interface State {
  readonly w: Float64Array;
  readonly first: Float64Array;
  readonly second: Float64Array;
}

export function sgdStep(
  { w, first }: State,
  g: ArrayLike<number>,
  o: { rate: number; momentum: number; weightDecay: number; nesterov: boolean },
): void {
  for (let i = 0; i < w.length; i++) {
    let d = g[i]! + o.weightDecay * w[i]!;
    if (o.momentum !== 0) {
      first[i] = o.momentum * first[i]! + d;
      d = o.nesterov ? d + o.momentum * first[i]! : first[i]!;
    }
    w[i]! -= o.rate * d;
  }
}

export function adagradStep(
  { w, second }: State,
  g: ArrayLike<number>,
  o: { rate: number; weightDecay: number; epsilon: number },
): void {
  for (let i = 0; i < w.length; i++) {
    const d = g[i]! + o.weightDecay * w[i]!;
    second[i]! += d * d;
    w[i]! -= (o.rate * d) / (Math.sqrt(second[i]!) + o.epsilon);
  }
}

export function adamStep(
  { w, first, second }: State,
  g: ArrayLike<number>,
  o: {
    rate: number;
    beta1: number;
    beta2: number;
    epsilon: number;
    weightDecay: number;
    decoupled: boolean;
    step: number;
  },
): void {
  for (let i = 0; i < w.length; i++) {
    if (o.decoupled) w[i]! *= 1 - o.rate * o.weightDecay;
    const d = g[i]! + (o.decoupled ? 0 : o.weightDecay * w[i]!);
    first[i] = o.beta1 * first[i]! + (1 - o.beta1) * d;
    second[i] = o.beta2 * second[i]! + (1 - o.beta2) * d * d;
    const denominator = Math.sqrt(second[i]!) / Math.sqrt(1 - o.beta2 ** o.step) + o.epsilon;
    w[i]! -= ((o.rate / (1 - o.beta1 ** o.step)) * first[i]!) / denominator;
  }
}
