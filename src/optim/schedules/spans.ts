import { ArgumentError, flag, integerFrom, numberFrom, oneOf, optional, readOptions } from "../../engine/index.js";
import { realPower } from "../power.js";
import { counter, type Counts, factory, halfCosine, type Schedule, span, stepsOption } from "./progress.js";

/** What ends at a factor after some steps. */
export interface SpanOptions {
  /** Factor at the end, where it stays. Default 0. */
  readonly final?: number;
  /** Steps of the trainer until `final` is reached. Default: those of each fit, which starts over. */
  readonly steps?: number | undefined;
}

export interface CosineOptions extends SpanOptions {
  /** Steps at the beginning over which the factor rises in equal parts, the last of them at 1; part of the whole. Default 0. */
  readonly warmUp?: number;
}

/**
 * Half a cosine from 1 down to `final` (Loshchilov and Hutter, "SGDR", 2017, eq. 5): over the whole of every fit, whatever
 * came before it, or once over `steps` steps of the trainer. The schedule throws ArgumentError in `trainStep` unless it was
 * given `steps`.
 * @throws ArgumentError for options out of range
 */
export const cosine = /* @__PURE__ */ factory("cosine", (options: CosineOptions = {}): Schedule => {
  const { final, steps, warmUp } = readOptions("schedules.cosine", options, {
    final: optional(numberFrom(0, 1), 0),
    steps: stepsOption,
    warmUp: optional(integerFrom(0), 0),
  });
  const along = span("cosine", steps);
  return (progress) => {
    const [done, all] = along(progress);
    if (done < warmUp) return (done + 1) / warmUp;
    return halfCosine(1, final, (done - warmUp) / Math.max(all - warmUp, 1));
  };
});

export interface CosineRestartsOptions extends Counts<number> {
  /** How many times as long as the one before it each cosine is. Default 1. */
  readonly multiplier?: number;
  /** Factor at the end of each. Default 0. */
  readonly final?: number;
}

/**
 * Half cosines from 1 towards `final`, one after another, the first over `epochs` or `steps` (Loshchilov and Hutter, "SGDR", 2017).
 * The schedule throws ArgumentError in `trainStep` unless it counts steps.
 * @throws ArgumentError for options out of range, and without a length
 */
export const cosineRestarts = /* @__PURE__ */ factory("cosineRestarts", (options: CosineRestartsOptions): Schedule => {
  const { epochs, steps, multiplier, final } = readOptions("schedules.cosineRestarts", options, {
    epochs: stepsOption,
    steps: stepsOption,
    multiplier: optional(integerFrom(1), 1),
    final: optional(numberFrom(0, 1), 0),
  });
  const first = steps ?? epochs;
  if (first === undefined) throw new ArgumentError("schedules.cosineRestarts wants a length: epochs: 10, or steps");
  const count = counter("cosineRestarts", { steps, epochs });
  return (progress) => {
    let [done, length] = [count(progress), first];
    if (multiplier === 1) done %= length;
    for (; done >= length; length *= multiplier) done -= length;
    return halfCosine(1, final, done / length);
  };
});

export interface PolynomialOptions extends SpanOptions {
  /** Default 1. */
  readonly power?: number;
}

/**
 * From 1 down to `final` as (1 − t/T)^power: over the whole of every fit, or once over `steps` steps of the trainer. The
 * schedule throws ArgumentError in `trainStep` unless it was given `steps`.
 * @throws ArgumentError for options out of range
 */
export const polynomial = /* @__PURE__ */ factory("polynomial", (options: PolynomialOptions = {}): Schedule => {
  const { power, final, steps } = readOptions("schedules.polynomial", options, {
    power: optional(numberFrom(0), 1),
    final: optional(numberFrom(0), 0),
    steps: stepsOption,
  });
  const along = span("polynomial", steps);
  return (progress) => {
    const [done, all] = along(progress);
    return final + (1 - final) * realPower(1 - Math.min(done / all, 1), power);
  };
});

export interface LinearOptions {
  /** Factor of the first step. Default ⅓. */
  readonly start?: number;
  /** Factor after the last one. Default 1. */
  readonly end?: number;
  /** Steps of the trainer until `end` is reached, where it stays. Default: those of each fit, which starts over. */
  readonly steps?: number | undefined;
}

/**
 * A straight line from `start` to `end`: over the whole of every fit, or once over `steps` steps of the trainer. The schedule
 * throws ArgumentError in `trainStep` unless it was given `steps`.
 * @throws ArgumentError for options out of range
 */
export const linear = /* @__PURE__ */ factory("linear", (options: LinearOptions = {}): Schedule => {
  const { start, end, steps } = readOptions("schedules.linear", options, {
    start: optional(numberFrom(0), 1 / 3),
    end: optional(numberFrom(0), 1),
    steps: stepsOption,
  });
  const along = span("linear", steps);
  return (progress) => {
    const [done, all] = along(progress);
    return start + (end - start) * Math.min(done / all, 1);
  };
});

export interface InverseSquareRootOptions {
  /** Steps over which the factor rises in equal parts to 1; from then on it is √(warmUp/t). Default 0: 1/√t. */
  readonly warmUp?: number;
}

/**
 * 1/√t with t the trainer's step: the rate η₀/√t of AdaGrad's and Adam's regret bounds. With a warm-up min(t/w, √(w/t)), that of
 * "Attention Is All You Need" (Vaswani et al., 2017). A further fit goes on from where the last one ended.
 * @throws ArgumentError for options out of range
 */
export const inverseSquareRoot = /* @__PURE__ */ factory(
  "inverseSquareRoot",
  (options: InverseSquareRootOptions = {}): Schedule => {
    const { warmUp } = readOptions("schedules.inverseSquareRoot", options, { warmUp: optional(integerFrom(0), 0) });
    if (warmUp === 0) return ({ step }) => 1 / Math.sqrt(step);
    return ({ step }) => (step < warmUp ? step / warmUp : Math.sqrt(warmUp / step));
  },
);

export interface OneCycleOptions {
  /** Steps of the trainer. Default: those of each fit, which starts over. */
  readonly steps?: number | undefined;
  /** Part of the steps in which the factor rises. Default 0.3. */
  readonly warmUp?: number;
  /** "cosine" or "linear". Default "cosine". */
  readonly anneal?: "cosine" | "linear";
  /** The factor begins at 1/initialDivisor. Default 25. */
  readonly initialDivisor?: number;
  /** It ends at 1/(initialDivisor·finalDivisor). Default 1e4. */
  readonly finalDivisor?: number;
  /** Whether it first goes back to where it began, as fast as it rose. Default false. */
  readonly threePhases?: boolean;
}

/**
 * Up to 1, the optimizer's learning rate, and down again (Smith and Topin, "Super-Convergence", 2019): over the whole of every fit,
 * or once over `steps` steps of the trainer. As PyTorch's OneCycleLR; momentum stays. The schedule throws ArgumentError in
 * `trainStep` unless it was given `steps`.
 * @throws ArgumentError for options out of range
 */
export const oneCycle = /* @__PURE__ */ factory("oneCycle", (options: OneCycleOptions = {}): Schedule => {
  const { steps, warmUp, anneal, initialDivisor, finalDivisor, threePhases } = readOptions(
    "schedules.oneCycle",
    options,
    {
      steps: stepsOption,
      warmUp: optional(numberFrom(0, 1), 0.3),
      anneal: optional(oneOf(["cosine", "linear"]), "cosine"),
      initialDivisor: optional(numberFrom(1), 25),
      finalDivisor: optional(numberFrom(1), 1e4),
      threePhases: optional(flag, false),
    },
  );
  const along = span("oneCycle", steps);
  const initial = 1 / initialDivisor;
  const last = initial / finalDivisor;
  return (progress) => {
    const [done, all] = along(progress);
    const top = warmUp * all - 1;
    const phases = threePhases
      ? [[0, initial], [top, 1], [2 * top, initial], [all - 1, last]] // prettier-ignore
      : [[0, initial], [top, 1], [all - 1, last]]; // prettier-ignore
    const at = phases.findIndex(([end], i) => i > 0 && (done <= end! || i === phases.length - 1));
    const [[begin, from], [end, to]] = phases.slice(at - 1, at + 1) as [[number, number], [number, number]];
    const part = end > begin ? Math.min((done - begin) / (end - begin), 1) : 1;
    return anneal === "cosine" ? halfCosine(from, to, part) : from + (to - from) * part;
  };
});
