import { flag, numberFrom, optional } from "../engine/index.js";
import type { Shape, Value } from "../graph/index.js";
import { divide } from "../ops/elementwise/divide.js";
import { maximum } from "../ops/elementwise/extrema.js";
import { multiply } from "../ops/elementwise/multiply.js";
import { rsqrt, sqrt, square } from "../ops/elementwise/powers.js";
import { mean as meanOf } from "../ops/reductions/sum.js";
import { mean, stepped } from "./arithmetic.js";
import { type Optimizer, optimizer, type OptimizerOptions } from "./optimizer.js";
import { realPower } from "./power.js";
import { rule } from "./rule.js";

export interface AdafactorRule {
  /** The decay of the second moment at step t is 1 − t^beta2Decay. Default −0.8. */
  readonly beta2Decay?: number;
  /** Least of what squares are divided by: its square, of the second moment. Default 2⁻²³. */
  readonly epsilon1?: number;
  /** Least root mean square of a weight that the rate is in proportion to. Default 1e-3. */
  readonly epsilon2?: number;
  /** Largest root mean square of a step in units of the rate. Default 1. */
  readonly clipThreshold?: number;
  /** Whether the rate is at most 1/√t. Default true. */
  readonly relativeStep?: boolean;
  /** Whether the rate is in proportion to the root mean square of the weight. Default true. */
  readonly scaleParameter?: boolean;
  /** Weights shrink by learningRate·weightDecay·w. Default 0. */
  readonly weightDecay?: number;
}

export interface AdafactorOptions extends AdafactorRule, OptimizerOptions<AdafactorRule> {}

/** The mean square over all elements or some axes, which stay with the length 1. */
function meanSquareOf(x: Value, axes?: readonly number[]): Value {
  return meanOf(square(x), { ...(axes && { axes }), keepDims: axes !== undefined });
}

/** What a matrix keeps instead of second moments: their means over rows and over columns. Of more axes the last two count. */
function factors(shape: Shape): { readonly rows: Shape; readonly columns: Shape } {
  return { rows: [...shape.slice(0, -1), 1], columns: [...shape.slice(0, -2), 1, shape.at(-1)!] };
}

/**
 * Adafactor (Shazeer and Stern, "Adafactor: Adaptive Learning Rates with Sublinear Memory Cost", 2018, algorithms 4 and 5) as PyTorch's:
 * for a weight of two axes or more the second moment is the product of its means over the last axis and over the one before,
 * over their mean. w −= ρ·max(ε₂, RMS(w))·u/max(1, RMS(u)/clipThreshold), with ρ = min(learningRate, 1/√t) and u = g/√v.
 * @throws ArgumentError for values out of range
 */
export function adafactor(options: AdafactorOptions): Optimizer {
  const readers = {
    beta2Decay: optional(numberFrom(-Infinity, 0), -0.8),
    epsilon1: optional(numberFrom(0), 2 ** -23),
    epsilon2: optional(numberFrom(0), 1e-3),
    clipThreshold: optional(numberFrom(0), 1),
    relativeStep: optional(flag, true),
    scaleParameter: optional(flag, true),
    weightDecay: optional(numberFrom(0), 0),
  };
  return optimizer<AdafactorRule, typeof readers>("adafactor", options, readers, (own) =>
    rule({
      state: (shape): Readonly<Record<string, Shape>> => (shape.length < 2 ? { secondMoment: shape } : factors(shape)),
      scalars: ({ step, learningRate }) => ({
        rest: realPower(step, own.beta2Decay),
        rate: own.relativeStep ? Math.min(learningRate, 1 / Math.sqrt(step)) : learningRate,
        shrink: 1 - learningRate * own.weightDecay,
      }),
      update({ weight, gradient, state, scalars: { rest, rate, shrink } }) {
        const kept: Record<string, Value> = {};
        let estimate: Value;
        if (state.secondMoment) {
          estimate = kept.secondMoment = mean(state.secondMoment, square(gradient), rest);
        } else {
          const last = weight.shape.length - 1;
          const rows = (kept.rows = mean(state.rows!, meanSquareOf(gradient, [last]), rest));
          const columns = (kept.columns = mean(state.columns!, meanSquareOf(gradient, [last - 1]), rest));
          const whole = maximum(meanOf(rows, { axes: [last - 1], keepDims: true }), own.epsilon1);
          estimate = multiply(divide(rows, whole), columns);
        }
        const direction = multiply(rsqrt(maximum(estimate, own.epsilon1 * own.epsilon1)), gradient);
        const excess = maximum(divide(sqrt(meanSquareOf(direction)), own.clipThreshold), 1);
        const size = own.scaleParameter ? maximum(sqrt(meanSquareOf(weight)), own.epsilon2) : 1;
        const shrunk = own.weightDecay > 0 ? multiply(weight, shrink) : weight;
        return { weight: stepped(shrunk, direction, divide(multiply(rate, size), excess)), ...kept };
      },
    }),
  );
}
