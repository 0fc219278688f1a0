import { ArgumentError, flag, numberFrom, optional } from "../engine/index.js";
import { define } from "../graph/index.js";
import { add } from "../ops/elementwise/add.js";
import { multiply } from "../ops/elementwise/multiply.js";
import { decayed, stepped } from "./arithmetic.js";
import { type Optimizer, optimizer, type OptimizerOptions } from "./optimizer.js";
import { rule } from "./rule.js";

export interface SgdRule {
  /** Default 0. */
  readonly momentum?: number;
  /** What the momentum lacks of a gradient, but for the first: it is multiplied by 1 − dampening. Default 0. */
  readonly dampening?: number;
  /** Nesterov's momentum; needs momentum > 0 and no dampening. Default false. */
  readonly nesterov?: boolean;
  /** L2 penalty: weightDecay·w is added to the gradient. Default 0. */
  readonly weightDecay?: number;
}

export interface SgdOptions extends SgdRule, OptimizerOptions<SgdRule> {}

const sgdOperation = /* @__PURE__ */ define({
  name: "sgd",
  inputs: ["weight", "gradient", "velocity?", "learningRate"],
  outputs: ["newWeight", "newVelocity?"],
  updates: { newWeight: "weight", newVelocity: "velocity" },
  attributes: { momentum: 0, nesterov: false, weightDecay: 0 },
  shape: ({ weight }) => ({ newWeight: weight.shape, newVelocity: weight.shape }),
  lower: (emit, { inputs: { gradient, velocity, learningRate }, outputs, attributes }) =>
    emit.record("sgd", {
      ...{ weights: outputs.newWeight, gradients: gradient, velocity: velocity && outputs.newVelocity },
      ...{ learningRate, count: gradient.size, ...attributes },
    }),
});

/**
 * Stochastic gradient descent as PyTorch's: g += weightDecay·w; b = momentum·b + (1 − dampening)·g, at first g; w −= rate·b, or
 * rate·(g + momentum·b) with Nesterov (Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013).
 * @throws ArgumentError for values out of range
 */
export function sgd(options: SgdOptions): Optimizer {
  const readers = {
    momentum: optional(numberFrom(0), 0),
    dampening: optional(numberFrom(-Infinity), 0),
    nesterov: optional(flag, false),
    weightDecay: optional(numberFrom(0), 0),
  };
  return optimizer<SgdRule, typeof readers>("sgd", options, readers, ({ dampening, ...attributes }) => {
    const { momentum, nesterov, weightDecay } = attributes;
    if (nesterov && momentum === 0) throw new ArgumentError("nesterov needs a momentum above 0, got 0; 0.9 is common");
    if (nesterov && dampening !== 0) throw new ArgumentError(`nesterov goes without dampening, got ${dampening}`);
    return rule({
      state: momentum > 0 ? ["velocity"] : [],
      scalars: ({ step }) => ({ share: step === 1 ? 1 : 1 - dampening }),
      update({ weight, gradient, learningRate, state: { velocity }, scalars: { share } }) {
        if (momentum === 0 || dampening === 0) {
          const given = { weight, gradient, learningRate, ...(momentum > 0 && { velocity }) };
          const { newWeight, newVelocity } = sgdOperation.apply(given, attributes);
          return { weight: newWeight, ...(momentum > 0 && { velocity: newVelocity }) };
        }
        const added = multiply(decayed(gradient, weight, weightDecay), share);
        const sum = add(multiply(velocity, momentum), added);
        return { weight: stepped(weight, sum, learningRate), velocity: sum };
      },
    });
  });
}
