/** Timings of one function. */
export interface Timing {
  /** Median of the samples, in milliseconds a call. */
  readonly milliseconds: number;
  /** The fastest sample, in milliseconds a call. */
  readonly fastest: number;
  readonly samples: number;
}

export interface MeasureOptions {
  /** Time to spend, in milliseconds, warm-up not included. */
  readonly budget?: number;
  readonly minimumSamples?: number;
  /** Calls before the first sample; at least `warmupMilliseconds` of them. */
  readonly warmupMilliseconds?: number;
  /** Calls are timed in groups of at least this time. */
  readonly sampleMilliseconds?: number;
}

/** Milliseconds of a sample, at least: the clock's resolution is small beside it. */
const shortestSample = 0.5;
/** The same where several calls take turns: the threads of an engine that had to wait are asleep when its turn comes. */
const shortestTurn = 10;

/** Median time of a call, as `measureTogether` takes it. */
export function measure(call: () => void, options: MeasureOptions = {}): Timing {
  return measureTogether([call], options)[0]!;
}

/**
 * Median times of some calls whose samples alternate, so that a machine that slows down slows all of them. Short calls are
 * timed in groups. The warm-up lets V8 reach its optimising tier.
 * @param options `budget` and the others are of each call
 */
export function measureTogether(calls: readonly (() => void)[], options: MeasureOptions = {}): Timing[] {
  const { budget = 300, minimumSamples = 7, warmupMilliseconds = 60 } = options;
  const shortest = options.sampleMilliseconds ?? (calls.length > 1 ? shortestTurn : shortestSample);
  const subjects = calls.map((call) => {
    const group = Math.max(1, Math.ceil(shortest / Math.max(warmUp(call, warmupMilliseconds), 1e-6)));
    return { call, group, samples: [] as number[] };
  });
  const until = performance.now() + budget * calls.length;
  for (let turn = 0; turn < 1000 && (turn < minimumSamples || performance.now() < until); turn++) {
    for (const { call, group, samples } of subjects) samples.push(timeGroup(call, group) / group);
  }
  return subjects.map(({ samples }) => ({
    milliseconds: median(samples),
    fastest: samples.reduce((least, sample) => Math.min(least, sample)),
    samples: samples.length,
  }));
}

/** Calls until V8 has optimised, and returns the milliseconds of a call. */
function warmUp(call: () => void, milliseconds: number): number {
  const until = performance.now() + milliseconds;
  let calls = 0;
  do {
    call();
    calls++;
  } while (performance.now() < until);
  return timeGroup(call, Math.min(calls, 3)) / Math.min(calls, 3);
}

function timeGroup(call: () => void, count: number): number {
  const start = performance.now();
  for (let i = 0; i < count; i++) call();
  return performance.now() - start;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
