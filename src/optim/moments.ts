import { ArgumentError, numberBelow, numberFrom, optional, type Reader, show } from "../engine/index.js";
import { power } from "./power.js";

/** Decay of the second moment: a number of at least 0 and below 1, or such a number by step, from 1. */
export type Decay = number | ((step: number) => number);

/** Options of most rules with two moments. */
export interface MomentRule {
  /** Decay of the first moment. Default 0.9. */
  readonly beta1?: number;
  /** Decay of the second moment. Default 0.999. */
  readonly beta2?: number;
  /** What keeps the divisor from 0. Default 1e-8. */
  readonly epsilon?: number;
  /** Weights are pulled to 0 in proportion to themselves. Default 0. */
  readonly weightDecay?: number;
}

/** How the options are read that most rules with two moments have, with PyTorch's defaults. */
export const momentReaders = () => ({
  beta1: optional(numberBelow(0, 1), 0.9),
  beta2: optional(numberBelow(0, 1), 0.999),
  epsilon: optional(numberFrom(0), 1e-8),
  weightDecay: optional(numberFrom(0), 0),
});

/** What divides a running mean over `step` values, with zeros before them, to make it a mean: 1 − βᵗ. */
export function correction(beta: number, step: number): number {
  return 1 - power(beta, step);
}

export const decay: Reader<Decay> = (name, given) =>
  typeof given === "function" ? checkedDecay(name, given as (step: number) => number) : numberBelow(0, 1)(name, given);

function checkedDecay(name: string, decayAt: (step: number) => number): (step: number) => number {
  return (step) => {
    const given: unknown = decayAt(step);
    if (typeof given === "number" && given >= 0 && given < 1) return given;
    throw new ArgumentError(`${name} must be at least 0 and less than 1: for step ${step} it gave ${show(given)}`);
  };
}

/** The product of factors of the steps 1 … t as a function of t, which remembers its last result. */
export function productOver(factorAt: (step: number) => number): (step: number) => number {
  let [last, product] = [0, 1];
  return (step) => {
    if (step < last) [last, product] = [0, 1];
    for (; last < step; last++) product *= factorAt(last + 1);
    return product;
  };
}
