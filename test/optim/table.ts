import { optim } from "../../src/index.js";
import * as rules from "../oracle/rules.js";

const rate = { learningRate: 0.02 };
const byRoot = (t: number): number => 1 - 1 / t;

/**
 * Optimizers and what they are in float64. ε is large where a gradient that is 0 but for rounding would otherwise decide: that of
 * the bias before batch norm.
 */
export const optimizers: Readonly<Record<string, readonly [optim.Optimizer, rules.TensorRule]>> = {
  "SGD with momentum and weight decay": [
    optim.sgd({ learningRate: 0.05, momentum: 0.9, weightDecay: 0.01 }),
    rules.sgd(0.05, { momentum: 0.9, weightDecay: 0.01 }),
  ],
  "SGD with dampening": [
    optim.sgd({ ...rate, momentum: 0.9, dampening: 0.4, weightDecay: 0.01 }),
    rules.sgd(0.02, { momentum: 0.9, dampening: 0.4, weightDecay: 0.01 }),
  ],
  "Nesterov's momentum": [
    optim.sgd({ ...rate, momentum: 0.8, nesterov: true }),
    rules.sgd(0.02, { momentum: 0.8, nesterov: true }),
  ],
  "SGD at rate η₀/√t": [
    optim.sgd({ learningRate: 0.1, schedule: optim.schedules.inverseSquareRoot() }),
    (w, g, state, step, shape) => rules.sgd(0.1 / Math.sqrt(step), {})(w, g, state, step, shape),
  ],
  AdaGrad: [optim.adagrad({ ...rate, epsilon: 1e-6 }), rules.adagrad(0.02, 1e-6)],
  "AdaGrad with decay": [
    optim.adagrad({ ...rate, epsilon: 1e-6, learningRateDecay: 0.1, initialAccumulator: 0.1 }),
    rules.adagrad(0.02, 1e-6, { decay: 0.1, initial: 0.1 }),
  ],
  RMSprop: [
    optim.rmsprop({ learningRate: 0.002, epsilon: 1e-2, weightDecay: 0.01 }),
    rules.rmsprop(0.002, 1e-2, { weightDecay: 0.01 }),
  ],
  "RMSprop, centered, with momentum": [
    optim.rmsprop({ learningRate: 0.002, epsilon: 1e-1, alpha: 0.9, momentum: 0.5, centered: true }),
    rules.rmsprop(0.002, 1e-1, { alpha: 0.9, momentum: 0.5, centered: true }),
  ],
  AdaDelta: [optim.adadelta({ learningRate: 2, epsilon: 1e-4 }), rules.adadelta(2, 0.9, 1e-4)],
  Adam: [optim.adam({ learningRate: 0.01, epsilon: 1e-3 }), rules.adam(0.01, 1e-3)],
  "Adam with amsgrad": [
    optim.adam({ learningRate: 0.01, epsilon: 1e-3, amsgrad: true, weightDecay: 0.1, beta2: 0.9 }),
    rules.adam(0.01, 1e-3, { amsgrad: true, weightDecay: 0.1, beta2: 0.9 }),
  ],
  "Adam with β₂ by step": [
    optim.adam({ learningRate: 0.01, epsilon: 1e-3, beta2: byRoot }),
    rules.adam(0.01, 1e-3, {}, byRoot),
  ],
  AdamW: [
    optim.adamW({ learningRate: 0.01, epsilon: 1e-3, weightDecay: 0.2 }),
    rules.adam(0.01, 1e-3, { decoupled: true, weightDecay: 0.2 }),
  ],
  Adamax: [optim.adamax({ learningRate: 0.01, epsilon: 1e-3 }), rules.adamax(0.01, 1e-3)],
  NAdam: [optim.nadam({ learningRate: 0.01, epsilon: 1e-3 }), rules.nadam(0.01, 1e-3)],
  RAdam: [optim.radam({ learningRate: 0.05, epsilon: 1e-3, beta2: 0.9 }), rules.radam(0.05, 1e-3, 0.9)],
  LAMB: [optim.lamb({ learningRate: 0.01, epsilon: 1e-3, weightDecay: 0.1 }), rules.lamb(0.01, 1e-3, 0.1)],
  Adafactor: [optim.adafactor({ learningRate: 0.1, weightDecay: 0.01 }), rules.adafactor(0.1, 0.01)],
  Muon: [optim.muon({ ...rate, others: optim.sgd(rate) }), rules.muon(0.02, {}, rules.sgd(0.02, {}))],
  "Lookahead around Adam": [
    optim.lookahead(optim.adam({ learningRate: 0.01, epsilon: 1e-3 }), { steps: 3, alpha: 0.4 }),
    rules.lookahead(rules.adam(0.01, 1e-3), 3, 0.4),
  ],
  "Lookahead around NAdam": [
    optim.lookahead(optim.nadam({ learningRate: 0.01, epsilon: 1e-3 })),
    rules.lookahead(rules.nadam(0.01, 1e-3), 5, 0.5),
  ],
  Lion: [optim.lion({ learningRate: 0.002, weightDecay: 0.1 }), rules.lion(0.002, 0.1)],
};
