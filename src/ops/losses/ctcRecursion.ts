/** One sequence of a batch. */
export interface CtcSequence {
  /** Logarithms of probabilities, [steps, classes]. */
  readonly logarithms: Float32Array;
  readonly classes: number;
  /** Steps that count. */
  readonly steps: number;
  readonly labels: Int32Array;
  readonly blank: number;
}

/** ln(eᵃ + eᵇ + eᶜ). */
function sumOfThree(a: number, b: number, c: number): number {
  const most = Math.max(a, b, c);
  if (most === -Infinity) return most;
  return most + Math.log(Math.exp(a - most) + Math.exp(b - most) + Math.exp(c - most));
}

/**
 * −ln of the probability of all paths that read as the labels, by the forward recursion over states blank, label, blank, …, blank
 * (Graves et al., 2006, §4.1), in logarithms of float64; Infinity if there is none, NaN for a label that is no class.
 * @param slopes where to add its gradient, by the recursion backwards: minus how probable each class is at each step. Default: nowhere
 */
export function ctcCost(sequence: CtcSequence, slopes?: Float32Array): number {
  const { logarithms, classes, steps, labels, blank } = sequence;
  const states = 2 * labels.length + 1;
  if (steps === 0) return states === 1 ? 0 : Infinity;
  const classOf = (state: number): number => (state % 2 === 0 ? blank : labels[(state - 1) / 2]!);
  const at = (step: number, state: number): number => logarithms[step * classes + classOf(state)] ?? NaN;
  /** Whether a path may go to a state from the one before the last: from a label to another, over the blank between them. */
  const skips = (state: number): boolean => state % 2 === 1 && state > 1 && classOf(state) !== classOf(state - 2);
  const ahead = new Float64Array(steps * states).fill(-Infinity);
  for (let step = 0; step < steps; step++) {
    const before = (step - 1) * states;
    for (let state = 0; state < states; state++) {
      const sofar =
        step === 0
          ? state < 2
            ? 0
            : -Infinity
          : sumOfThree(
              ahead[before + state]!,
              state > 0 ? ahead[before + state - 1]! : -Infinity,
              skips(state) ? ahead[before + state - 2]! : -Infinity,
            );
      ahead[step * states + state] = sofar + at(step, state);
    }
  }
  const end = steps * states;
  const cost = -sumOfThree(ahead[end - 1]!, states > 1 ? ahead[end - 2]! : -Infinity, -Infinity);
  if (!slopes || cost === Infinity) return cost;
  let after = new Float64Array(states).fill(-Infinity);
  after.fill(0, Math.max(states - 2, 0));
  for (let step = steps - 1; step >= 0; step--) {
    for (let state = 0; state < states; state++) {
      slopes[step * classes + classOf(state)]! -= Math.exp(ahead[step * states + state]! + after[state]! + cost);
    }
    const from = (state: number): number => (state < states ? after[state]! + at(step, state) : -Infinity);
    after = Float64Array.from(after, (_, state) =>
      sumOfThree(from(state), from(state + 1), state + 2 < states && skips(state + 2) ? from(state + 2) : -Infinity),
    );
  }
  return cost;
}
