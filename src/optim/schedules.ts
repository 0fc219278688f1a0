import { checkInteger, checkNumber } from "../engine/index.js";

/** Where training is when a step's learning rate is asked for. */
export interface Progress {
  /** Updates so far plus one: 1 for the first. */
  readonly step: number;
  /** From 1. */
  readonly epoch: number;
  /** Updates of the whole `fit`. */
  readonly totalSteps: number;
}

/** The factor on the learning rate at a step. Only correctly rounded operations, so that engines agree on every bit. */
export type Schedule = (progress: Progress) => number;

/** Always 1. */
export function constant(): Schedule {
  return () => 1;
}

/** 1/√t with t the number of the step: the rate η₀/√t of AdaGrad's and Adam's regret bounds. */
export function inverseSquareRoot(): Schedule {
  return ({ step }) => 1 / Math.sqrt(step);
}

/** `factor` to the power of the number of whole `everyEpochs` that have passed. Default: a tenth every 10 epochs. */
export function step({ everyEpochs = 10, factor = 0.1 } = {}): Schedule {
  checkInteger("everyEpochs", everyEpochs, 1);
  checkNumber("factor", factor, 0);
  return ({ epoch }) => power(factor, Math.floor((epoch - 1) / everyEpochs));
}

/**
 * Half a cosine from 1 down to `final` over the whole of `fit` (Loshchilov and Hutter, "SGDR", 2017, eq. 5, one cycle).
 */
export function cosine({ final = 0 } = {}): Schedule {
  checkNumber("final", final, 0, 1);
  return ({ step, totalSteps }) => final + ((1 - final) * (1 + cosinePi((step - 1) / totalSteps))) / 2;
}

/** `base` to a whole power by repeated squaring: Math.pow differs between engines in the last bits. */
export function power(base: number, exponent: number): number {
  let result = 1;
  for (let square = base, rest = exponent; rest > 0; square *= square, rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
  }
  return result;
}

/** cos(πx) for x in [0, 1] by its Taylor series about ½, to within 1e-15. */
function cosinePi(x: number): number {
  const t = Math.PI * (0.5 - Math.min(x, 1));
  const square = t * t;
  let sum = 1;
  for (let n = 20; n >= 2; n -= 2) sum = 1 - (square / (n * (n + 1))) * sum;
  return t * sum;
}
