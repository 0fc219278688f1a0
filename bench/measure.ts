/** Timings of one function. */
export interface Timing {
  /** Median of the samples, in milliseconds a call. */
  readonly milliseconds: number;
  readonly samples: number;
}

export interface MeasureOptions {
  /** Time to spend, in milliseconds, warm-up not included. */
  readonly budget?: number;
  readonly minimumSamples?: number;
  /** Calls before the first sample; at least `warmupMilliseconds` of them. */
  readonly warmupMilliseconds?: number;
}

const shortestSample = 0.5;

/**
 * Median time of a call. Short calls are timed in groups that take at least half a millisecond, so that the clock's
 * resolution does not matter. The warm-up lets V8 reach its optimising tier.
 */
export function measure(call: () => void, options: MeasureOptions = {}): Timing {
  const { budget = 300, minimumSamples = 7, warmupMilliseconds = 60 } = options;
  const warmUntil = performance.now() + warmupMilliseconds;
  let calls = 0;
  do {
    call();
    calls++;
  } while (performance.now() < warmUntil);
  const estimate = timeGroup(call, Math.min(calls, 3)) / Math.min(calls, 3);
  const group = Math.max(1, Math.ceil(shortestSample / Math.max(estimate, 1e-6)));
  const samples: number[] = [];
  const until = performance.now() + budget;
  while (samples.length < minimumSamples || performance.now() < until) {
    samples.push(timeGroup(call, group) / group);
    if (samples.length >= 1000) break;
  }
  return { milliseconds: median(samples), samples: samples.length };
}

function timeGroup(call: () => void, count: number): number {
  const start = performance.now();
  for (let i = 0; i < count; i++) call();
  return performance.now() - start;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
