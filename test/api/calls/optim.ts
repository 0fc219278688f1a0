import { optim } from "../../../src/index.js";
import type { Call, Calls } from "../call.js";

// Right calls of optimizers, what wraps them, and schedules.

const { schedules } = optim;
const rate = { learningRate: 0.1, schedule: schedules.constant(), maximize: true };
const call = (run: Call["run"], values: Call["values"], places: Partial<Call> = {}): Call => ({
  run,
  values,
  ...places,
});

/** An optimizer with these options, and a group with its own. */
const optimizer = (make: (options: never) => optim.Optimizer, own: object, more: object = {}): Call =>
  call(make, () => [{ ...rate, ...own, groups: [{ match: /bias/, learningRate: 0.2, ...own }], ...more }]);

const wrapped = { objects: ["0"], free: ["0.name", "0.learningRate"] };
const moments = { beta1: 0.8, beta2: 0.9, epsilon: 1e-6, weightDecay: 0.1 };

export const calls: Calls = {
  "optim.adadelta": optimizer(optim.adadelta, { rho: 0.8, epsilon: 1e-6, weightDecay: 0.1 }),
  "optim.adafactor": optimizer(optim.adafactor, {
    ...{ beta2Decay: -0.7, epsilon1: 1e-7, epsilon2: 1e-3, clipThreshold: 2, relativeStep: false },
    ...{ scaleParameter: false, weightDecay: 0.1 },
  }),
  "optim.adagrad": optimizer(optim.adagrad, {
    ...{ learningRateDecay: 0.1, initialAccumulator: 0.1, epsilon: 1e-8, weightDecay: 0.1 },
  }),
  "optim.adam": optimizer(optim.adam, { ...moments, amsgrad: true, decoupled: true }),
  "optim.adamW": optimizer(optim.adamW, { ...moments, amsgrad: true }),
  "optim.adamax": optimizer(optim.adamax, moments),
  "optim.lamb": optimizer(optim.lamb, moments),
  "optim.lion": optimizer(optim.lion, { beta1: 0.8, beta2: 0.9, weightDecay: 0.1 }),
  "optim.muon": optimizer(
    optim.muon,
    { momentum: 0.9, nesterov: false, weightDecay: 0.1, iterations: 4, epsilon: 1e-6, adjustment: "matchAdam" },
    { others: optim.sgd({ learningRate: 0.1 }) },
  ),
  "optim.nadam": optimizer(optim.nadam, { ...moments, momentumDecay: 0.1 }),
  "optim.radam": optimizer(optim.radam, moments),
  "optim.rmsprop": optimizer(optim.rmsprop, {
    ...{ alpha: 0.9, epsilon: 1e-6, weightDecay: 0.1, momentum: 0.5, centered: true },
  }),
  "optim.sgd": optimizer(optim.sgd, { momentum: 0.9, dampening: 0, nesterov: true, weightDecay: 0.1 }),
  "optim.custom": call(optim.custom, () => ["mine", { beta: 0.9 }, () => ({ update: () => undefined })], {
    ...{ objects: ["1"], free: ["1.beta"] },
  }),
  "optim.rule": call(optim.rule, () => [{ state: ["m"], update: () => undefined }], {
    objects: ["0"],
    free: ["0.state"],
  }),
  "optim.biasesAndNorms": call(optim.biasesAndNorms, () => [{ name: "0.bias", shape: [3] }], {
    ...{ objects: ["0"], free: ["0.name", "0.shape"] },
  }),
  "optim.lookahead": call(optim.lookahead, () => [optim.sgd(rate), { steps: 3, alpha: 0.1 }], wrapped),
  "optim.movingAverage": call(optim.movingAverage, () => [optim.sgd(rate), { decay: 0.9, warmUp: true }], wrapped),
  "optim.clipByValue": call(optim.clipByValue, () => [1]),
  "optim.clipByGlobalNorm": call(optim.clipByGlobalNorm, () => [1]),
  "optim.clipByLayer": call(optim.clipByLayer, () => [1]),
  "optim.schedules.constant": call(schedules.constant, () => [{ factor: 0.5 }]),
  "optim.schedules.inverseSquareRoot": call(schedules.inverseSquareRoot, () => [{ warmUp: 3 }]),
  "optim.schedules.step": call(schedules.step, () => [{ everyEpochs: 2, everySteps: undefined, factor: 0.5 }]),
  "optim.schedules.exponential": call(schedules.exponential, () => [
    { everyEpochs: undefined, everySteps: 3, factor: 0.5 },
  ]),
  "optim.schedules.multiStep": call(schedules.multiStep, () => [{ epochs: [2, 3], steps: undefined, factor: 0.5 }]),
  "optim.schedules.cosine": call(schedules.cosine, () => [{ final: 0.1, steps: 10, warmUp: 3 }]),
  "optim.schedules.cosineRestarts": call(schedules.cosineRestarts, () => [
    { epochs: undefined, steps: 3, multiplier: 2, final: 0.1 },
  ]),
  "optim.schedules.polynomial": call(schedules.polynomial, () => [{ power: 2, final: 0.1, steps: 10 }]),
  "optim.schedules.linear": call(schedules.linear, () => [{ start: 0.1, end: 0.5, steps: 10 }]),
  "optim.schedules.oneCycle": call(schedules.oneCycle, () => [
    { steps: 9, warmUp: 0.3, anneal: "linear", initialDivisor: 10, finalDivisor: 100, threePhases: true },
  ]),
  "optim.schedules.reduceOnPlateau": call(schedules.reduceOnPlateau, () => [
    { factor: 0.5, patience: 2, threshold: 0.1, thresholdMode: "absolute", cooldown: 1, minimum: 0.1 },
  ]),
  "optim.schedules.sequence": call(schedules.sequence, () => [
    [schedules.constant(), schedules.constant()],
    { epochs: [3], steps: undefined },
  ]),
};
