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

/** Median time of a call, as `measureTogether` takes it. */
export function measure(call: () => void, options: MeasureOptions = {}): Timing {
  return measureTogether([call], options)[0]!;
}

/**
 * Median times of some calls whose samples alternate, so that a machine that slows down slows all of them. Short calls are
 * timed in groups that take at least half a millisecond, so that the clock's resolution does not matter. The warm-up lets
 * V8 reach its optimising tier.
 * @param options `budget` and the others are of each call
 */
export function measureTogether(calls: readonly (() => void)[], options: MeasureOptions = {}): Timing[] {
  const { budget = 300, minimumSamples = 7, warmupMilliseconds = 60 } = options;
  const subjects = calls.map((call) => ({ call, group: warmUp(call, warmupMilliseconds), samples: [] as number[] }));
  const until = performance.now() + budget * calls.length;
  for (let turn = 0; turn < 1000 && (turn < minimumSamples || performance.now() < until); turn++) {
    for (const { call, group, samples } of subjects) samples.push(timeGroup(call, group) / group);
  }
  return subjects.map(({ samples }) => ({ milliseconds: median(samples), samples: samples.length }));
}

/** Calls until V8 has optimised, and returns how many calls make a sample. */
function warmUp(call: () => void, milliseconds: number): number {
  const until = performance.now() + milliseconds;
  let calls = 0;
  do {
    call();
    calls++;
  } while (performance.now() < until);
  const estimate = timeGroup(call, Math.min(calls, 3)) / Math.min(calls, 3);
  return Math.max(1, Math.ceil(shortestSample / Math.max(estimate, 1e-6)));
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
