// Update rules in float64, each written out from its source.

/** Changes the weights of one tensor in place; `state` is its own, and empty at first. Steps count from 1. */
export type TensorRule = (
  w: Float64Array,
  g: ArrayLike<number>,
  state: Map<string, Float64Array>,
  step: number,
  shape: readonly number[],
) => void;

/** The new weight of one element, by the numbers that it keeps. */
type ElementRule = (w: number, g: number, state: number[], step: number) => number;

/** A rule that treats every element by itself. */
export function elementwise(update: ElementRule): TensorRule {
  return (w, g, states, step) => {
    w.forEach((weight, i) => {
      const state = [...(states.get(String(i)) ?? [])];
      w[i] = update(weight, g[i]!, state, step);
      states.set(String(i), Float64Array.from(state));
    });
  };
}

const moments = (g: number, state: number[], beta1: number, beta2: number): [number, number] => [
  (state[0] = beta1 * (state[0] ?? 0) + (1 - beta1) * g),
  (state[1] = beta2 * (state[1] ?? 0) + (1 - beta2) * g * g),
];

export const sgd = (
  rate: number,
  { momentum = 0, dampening = 0, nesterov = false, weightDecay = 0, maximize = false },
): TensorRule =>
  elementwise((w, gradient, state, step) => {
    const g = (maximize ? -gradient : gradient) + weightDecay * w;
    state[0] = step === 1 ? g : momentum * state[0]! + (1 - dampening) * g;
    return w - rate * (nesterov ? g + momentum * state[0] : momentum > 0 ? state[0] : g);
  });

export const adagrad = (rate: number, epsilon: number, { decay = 0, initial = 0 } = {}): TensorRule =>
  elementwise((w, g, state, step) => {
    state[0] = (state[0] ?? initial) + g * g;
    return w - ((rate / (1 + (step - 1) * decay)) * g) / (Math.sqrt(state[0]) + epsilon);
  });

export const rmsprop = (
  rate: number,
  epsilon: number,
  { alpha = 0.99, momentum = 0, centered = false, weightDecay = 0 },
): TensorRule =>
  elementwise((w, gradient, state) => {
    const g = gradient + weightDecay * w;
    state[0] = alpha * (state[0] ?? 0) + (1 - alpha) * g * g;
    state[1] = alpha * (state[1] ?? 0) + (1 - alpha) * g;
    const variance = centered ? state[0] - state[1] * state[1] : state[0];
    state[2] = momentum * (state[2] ?? 0) + g / (Math.sqrt(variance) + epsilon);
    return w - rate * state[2];
  });

export const adadelta = (rate: number, rho: number, epsilon: number): TensorRule =>
  elementwise((w, g, state) => {
    state[0] = rho * (state[0] ?? 0) + (1 - rho) * g * g;
    const change = Math.sqrt(((state[1] ?? 0) + epsilon) / (state[0] + epsilon)) * g;
    state[1] = rho * (state[1] ?? 0) + (1 - rho) * change * change;
    return w - rate * change;
  });

export const adam = (
  rate: number,
  epsilon: number,
  { beta1 = 0.9, beta2 = 0.999, weightDecay = 0, decoupled = false, amsgrad = false } = {},
  betaAt: (step: number) => number = () => beta2,
): TensorRule =>
  elementwise((w, gradient, state, step) => {
    const g = decoupled ? gradient : gradient + weightDecay * w;
    const [m, v] = moments(g, state, beta1, betaAt(step));
    let product = 1;
    for (let t = 1; t <= step; t++) product *= betaAt(t);
    state[2] = Math.max(state[2] ?? 0, v);
    const root = Math.sqrt((amsgrad ? state[2] : v) / (1 - product)) + epsilon;
    return (decoupled ? w * (1 - rate * weightDecay) : w) - (rate * m) / (1 - beta1 ** step) / root;
  });

export const adamax = (rate: number, epsilon: number, beta1 = 0.9, beta2 = 0.999): TensorRule =>
  elementwise((w, g, state, step) => {
    state[0] = beta1 * (state[0] ?? 0) + (1 - beta1) * g;
    state[1] = Math.max(beta2 * (state[1] ?? 0), Math.abs(g) + epsilon);
    return w - ((rate / (1 - beta1 ** step)) * state[0]) / state[1];
  });

export const nadam = (rate: number, epsilon: number, decay = 0.004): TensorRule =>
  elementwise((w, g, state, step) => {
    const momentum = (t: number): number => 0.9 * (1 - 0.5 * 0.96 ** (t * decay));
    const [m, v] = moments(g, state, 0.9, 0.999);
    state[2] = (state[2] ?? 1) * momentum(step);
    const next = momentum(step + 1);
    const mean = ((1 - momentum(step)) * g) / (1 - state[2]) + (next * m) / (1 - state[2] * next);
    return w - (rate * mean) / (Math.sqrt(v / (1 - 0.999 ** step)) + epsilon);
  });

export const radam = (rate: number, epsilon: number, beta2 = 0.999): TensorRule =>
  elementwise((w, g, state, t) => {
    const [m, v] = moments(g, state, 0.9, beta2);
    const most = 2 / (1 - beta2) - 1;
    const length = most - (2 * t * beta2 ** t) / (1 - beta2 ** t);
    const mean = m / (1 - 0.9 ** t);
    if (length <= 5) return w - rate * mean;
    const r = Math.sqrt(((length - 4) * (length - 2) * most) / ((most - 4) * (most - 2) * length));
    return w - (rate * r * mean * Math.sqrt(1 - beta2 ** t)) / (Math.sqrt(v) + epsilon);
  });

export const lion = (rate: number, weightDecay: number, beta1 = 0.9, beta2 = 0.99): TensorRule =>
  elementwise((w, g, state) => {
    const direction = Math.sign(beta1 * (state[0] ?? 0) + (1 - beta1) * g);
    state[0] = beta2 * (state[0] ?? 0) + (1 - beta2) * g;
    return w * (1 - rate * weightDecay) - rate * direction;
  });

const length = (x: ArrayLike<number>): number =>
  Math.sqrt(Array.from(x).reduce((sum, value) => sum + value * value, 0));

/** An array that a rule keeps. */
function kept(state: Map<string, Float64Array>, name: string, size: number): Float64Array {
  const found = state.get(name) ?? new Float64Array(size);
  state.set(name, found);
  return found;
}

export const lamb =
  (rate: number, epsilon: number, weightDecay: number): TensorRule =>
  (w, g, state, step) => {
    const [m, v] = [kept(state, "m", w.length), kept(state, "v", w.length)];
    const r = w.map((weight, i) => {
      m[i] = 0.9 * m[i]! + 0.1 * g[i]!;
      v[i] = 0.999 * v[i]! + 0.001 * g[i]! * g[i]!;
      return m[i] / (1 - 0.9 ** step) / (Math.sqrt(v[i] / (1 - 0.999 ** step)) + epsilon) + weightDecay * weight;
    });
    const ratio = length(w) > 0 && length(r) > 0 ? length(w) / length(r) : 1;
    r.forEach((value, i) => (w[i]! -= rate * ratio * value));
  };

export const adafactor =
  (learningRate: number, weightDecay = 0): TensorRule =>
  (w, g, state, t, shape) => {
    const rest = t ** -0.8;
    const [epsilon1, epsilon2] = [2 ** -23, 1e-3];
    const rms = (x: ArrayLike<number>): number => length(x) / Math.sqrt(x.length);
    const rate = Math.max(epsilon2, rms(w)) * Math.min(learningRate, 1 / Math.sqrt(t));
    let v: Float64Array;
    if (shape.length < 2) {
      v = kept(state, "v", w.length);
      v.forEach((old, i) => (v[i] = old + rest * (g[i]! * g[i]! - old)));
    } else {
      const [M, N] = shape.slice(-2) as [number, number];
      const matrices = w.length / (M * N);
      const [rows, columns] = [kept(state, "rows", matrices * M), kept(state, "columns", matrices * N)];
      v = new Float64Array(w.length);
      for (let b = 0; b < matrices; b++) {
        const at = (i: number, j: number): number => (b * M + i) * N + j;
        const square = (i: number, j: number): number => g[at(i, j)]! ** 2;
        let mean = 0;
        for (let i = 0; i < M; i++) {
          let sum = 0;
          for (let j = 0; j < N; j++) sum += square(i, j);
          rows[b * M + i]! += rest * (sum / N - rows[b * M + i]!);
          mean += rows[b * M + i]! / M;
        }
        for (let j = 0; j < N; j++) {
          let sum = 0;
          for (let i = 0; i < M; i++) sum += square(i, j);
          columns[b * N + j]! += rest * (sum / M - columns[b * N + j]!);
          for (let i = 0; i < M; i++) v[at(i, j)] = (rows[b * M + i]! * columns[b * N + j]!) / Math.max(mean, epsilon1);
        }
      }
    }
    const u = v.map((value, i) => g[i]! / Math.sqrt(Math.max(value, epsilon1 ** 2)));
    const divisor = Math.max(1, rms(u));
    u.forEach((value, i) => (w[i] = w[i]! * (1 - learningRate * weightDecay) - (rate * value) / divisor));
  };

/** Of matrices [in, out]; others by another rule. */
export const muon =
  (rate: number, { momentum = 0.95, nesterov = true, weightDecay = 0.1 }, others: TensorRule): TensorRule =>
  (w, g, state, t, shape) => {
    if (shape.length !== 2) return others(w, g, state, t, shape);
    const [M, N] = shape as [number, number];
    const m = kept(state, "m", w.length);
    m.forEach((old, i) => (m[i] = momentum * old + (1 - momentum) * g[i]!));
    let x = Array.from(m, (value, i) => (nesterov ? momentum * value + (1 - momentum) * g[i]! : value));
    const norm = Math.max(length(x), 1e-7);
    x = x.map((value) => value / norm);
    /** A·B with A [p, q] and B [q, r], each perhaps transposed. */
    const product = (a: number[], b: number[], p: number, q: number, r: number, isTransposed = false): number[] =>
      Array.from({ length: p * r }, (_, at) => {
        const [i, j] = [Math.floor(at / r), at % r];
        let sum = 0;
        for (let k = 0; k < q; k++) sum += a[i * q + k]! * (isTransposed ? b[j * q + k]! : b[k * r + j]!);
        return sum;
      });
    for (let i = 0; i < 5; i++) {
      const gram = product(x, x, M, N, M, true);
      const square = product(gram, gram, M, M, M);
      const polynomial = gram.map((value, at) => -4.775 * value + 2.0315 * square[at]!);
      const rest = product(polynomial, x, M, M, N);
      x = x.map((value, at) => 3.4445 * value + rest[at]!);
    }
    const factor = Math.sqrt(Math.max(1, N / M));
    x.forEach((value, i) => (w[i] = w[i]! * (1 - rate * weightDecay) - rate * factor * value));
    return undefined;
  };

/** Every k steps the slow weights go a part of the way to the fast ones, which begin there anew. */
export const lookahead =
  (inner: TensorRule, k: number, alpha: number): TensorRule =>
  (w, g, state, t, shape) => {
    if (!state.has("slow")) state.set("slow", w.slice());
    inner(w, g, state, t, shape);
    if (t % k !== 0) return;
    const slow = state.get("slow")!;
    w.forEach((fast, i) => (w[i] = slow[i]! += alpha * (fast - slow[i]!)));
  };
