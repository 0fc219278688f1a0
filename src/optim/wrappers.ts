import { flag, integerFrom, numberFrom, optional, readOptions } from "../engine/index.js";
import type { Value } from "../graph/index.js";
import { add } from "../ops/elementwise/add.js";
import { multiply } from "../ops/elementwise/multiply.js";
import { mean } from "./arithmetic.js";
import { type Optimizer, optimizerOption } from "./optimizer.js";
import { isByTensor, type Rule, type RuleStep, stateShapes, type UpdateInputs } from "./rule.js";

type Result = ReturnType<Rule["update"]>;

/** An optimizer that keeps one more state of every weight, computed from the weights that its rules give. */
function keeping(
  inner: Optimizer,
  name: string,
  scalarsAt: (at: RuleStep) => Readonly<Record<string, number>>,
  extend: (given: UpdateInputs, result: Result) => Readonly<Record<string, Value>>,
): Optimizer {
  const wrap = (rule: Rule): Rule => {
    const { state = [] } = rule;
    return {
      ...rule,
      state:
        typeof state === "function"
          ? (shape) => ({ ...Object.fromEntries(stateShapes(rule, shape)), [name]: shape })
          : [...state, name],
      isByTensor: isByTensor(rule),
      scalars: (at) => ({ ...rule.scalars?.(at), ...scalarsAt(at) }),
      update(given) {
        const result = rule.update(given);
        return { ...result, ...extend(given, result) };
      },
    };
  };
  return { ...inner, groups: inner.groups.map((group) => ({ ...group, rule: wrap(group.rule) })) };
}

export interface LookaheadOptions {
  /** Steps of the fast weights between two of the slow ones. Default 5. */
  readonly steps?: number;
  /** Part of the way that the slow weights go. Default 0.5. */
  readonly alpha?: number;
}

/**
 * Lookahead (Zhang et al., "Lookahead Optimizer: k steps forward, 1 step back", 2019) around another optimizer: every `steps` steps the
 * slow weights go `alpha` of the way to the weights, which go on from there.
 * @throws ArgumentError for what is no optimizer, and options out of range
 */
export function lookahead(optimizer: Optimizer, options: LookaheadOptions = {}): Optimizer {
  const inner = optimizerOption("lookahead", optimizer);
  const { steps, alpha } = readOptions("optim.lookahead", options, {
    steps: optional(integerFrom(1), 5),
    alpha: optional(numberFrom(0, 1), 0.5),
  });
  const scalarsAt = ({ step }: RuleStep): Readonly<Record<string, number>> => ({
    first: Number(step === 1),
    meeting: Number(step % steps === 0),
    apart: Number(step % steps > 0),
    part: step % steps === 0 ? alpha : 0,
  });
  return keeping(inner, "slow", scalarsAt, ({ weight, state, scalars }, result) => {
    // Factors of 0 and 1 choose among numbers without rounding them.
    const before = mean(state.slow!, weight, scalars.first!);
    const slow = mean(before, result.weight, scalars.part!);
    return { weight: add(multiply(slow, scalars.meeting!), multiply(result.weight, scalars.apart!)), slow };
  });
}

export interface MovingAverageOptions {
  /** Default 0.999. */
  readonly decay?: number;
  /** Whether the decay of step t is at most (1 + t)/(10 + t), so that the first steps do not last. Default false. */
  readonly warmUp?: boolean;
}

/**
 * An optimizer that also keeps an exponential moving average of the weights, which begins with those after the first step:
 * a = decay·a + (1 − decay)·w. The trainer's `withAverage` and `evaluate(…, { averaged: true })` use it.
 * @throws ArgumentError for what is no optimizer, and options out of range
 */
export function movingAverage(optimizer: Optimizer, options: MovingAverageOptions = {}): Optimizer {
  const inner = optimizerOption("movingAverage", optimizer);
  const { decay, warmUp } = readOptions("optim.movingAverage", options, {
    decay: optional(numberFrom(0, 1), 0.999),
    warmUp: optional(flag, false),
  });
  const restAt = (step: number): number => 1 - (warmUp ? Math.min(decay, (1 + step) / (10 + step)) : decay);
  const scalarsAt = ({ step }: RuleStep): Readonly<Record<string, number>> => ({
    averaged: step === 1 ? 1 : restAt(step),
  });
  return keeping(inner, "average", scalarsAt, ({ state, scalars }, { weight }) => ({
    average: mean(state.average!, weight, scalars.averaged!),
  }));
}
