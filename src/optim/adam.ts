import { flag, numberFrom, optional, type OptionsRead } from "../engine/index.js";
import { define } from "../graph/index.js";
import { add } from "../ops/elementwise/add.js";
import { divide } from "../ops/elementwise/divide.js";
import { maximum } from "../ops/elementwise/extrema.js";
import { multiply } from "../ops/elementwise/multiply.js";
import { sqrt } from "../ops/elementwise/powers.js";
import { decayed, mean, meanSquare, stepped } from "./arithmetic.js";
import { correction, type Decay, decay, momentReaders, productOver } from "./moments.js";
import { type Optimizer, optimizer, type OptimizerOptions } from "./optimizer.js";
import { type Rule, rule } from "./rule.js";

export interface AdamWRule {
  /** Decay of the first moment. Default 0.9. */
  readonly beta1?: number;
  /** Decay of the second moment: a number, or a function of the step, from 1. Default 0.999. */
  readonly beta2?: Decay;
  /** Added to the root of the second moment. Default 1e-8. */
  readonly epsilon?: number;
  /** How fast weights shrink by themselves, or in `adam` are pulled to 0. Default 0; of `adamW` 0.01. */
  readonly weightDecay?: number;
  /** Divide by the largest second moment so far (Reddi et al., "On the Convergence of Adam and Beyond", 2018). Default false. */
  readonly amsgrad?: boolean;
}

export interface AdamRule extends AdamWRule {
  /** Shrink the weights directly, as `adamW` does, instead of adding weightDecay·w to the gradient. Default false. */
  readonly decoupled?: boolean;
}

export interface AdamOptions extends AdamRule, OptimizerOptions<AdamRule> {}
export interface AdamWOptions extends AdamWRule, OptimizerOptions<AdamWRule> {}

const adamOperation = /* @__PURE__ */ define({
  name: "adam",
  inputs: ["weight", "gradient", "firstMoment", "secondMoment", "learningRate", "biasCorrection1", "biasCorrection2"],
  outputs: ["newWeight", "newFirst", "newSecond"],
  updates: { newWeight: "weight", newFirst: "firstMoment", newSecond: "secondMoment" },
  attributes: { rest1: 0, rest2: 0, beta2: 0, epsilon: 0, weightDecay: 0, decoupled: false },
  shape: ({ weight: { shape } }) => ({ newWeight: shape, newFirst: shape, newSecond: shape }),
  lower: (emit, { inputs: { gradient, learningRate, biasCorrection1, biasCorrection2 }, outputs, attributes }) =>
    emit.record("adam", {
      ...{ weights: outputs.newWeight, gradients: gradient, count: gradient.size },
      ...{ firstMoment: outputs.newFirst, secondMoment: outputs.newSecond },
      ...{ learningRate, biasCorrection1, biasCorrection2, ...attributes },
    }),
});

const readers = () => ({
  ...momentReaders(),
  beta2: optional(decay, 0.999),
  amsgrad: optional(flag, false),
});

type Read = OptionsRead<ReturnType<typeof readers>> & { readonly decoupled: boolean };

/** One pass by a kernel of its own. */
function ruleOfKernel({ beta1, epsilon, weightDecay, decoupled }: Read, beta2: number): Rule {
  const constants = { rest1: 1 - beta1, rest2: 1 - beta2, beta2, epsilon, weightDecay, decoupled };
  return rule({
    state: ["firstMoment", "secondMoment"],
    scalars: ({ step }) => ({
      biasCorrection1: 1 / correction(beta1, step),
      biasCorrection2: 1 / Math.sqrt(correction(beta2, step)),
    }),
    update({ weight, gradient, learningRate, state, scalars }) {
      const given = { weight, gradient, learningRate, ...state, ...scalars };
      const { newWeight, newFirst, newSecond } = adamOperation.apply(given, constants);
      return { weight: newWeight, firstMoment: newFirst, secondMoment: newSecond };
    },
  });
}

function adamRule(own: Read): Rule {
  const { beta1, beta2, epsilon, weightDecay, amsgrad, decoupled } = own;
  if (typeof beta2 === "number" && !amsgrad) return ruleOfKernel(own, beta2);
  const betaAt = typeof beta2 === "number" ? (): number => beta2 : beta2;
  const product = productOver(betaAt);
  return rule({
    state: amsgrad ? ["firstMoment", "secondMoment", "largestSecond"] : ["firstMoment", "secondMoment"],
    scalars: ({ step, learningRate }) => ({
      rate: learningRate / correction(beta1, step),
      biasCorrection2: 1 / Math.sqrt(1 - product(step)),
      beta2: betaAt(step),
      rest2: 1 - betaAt(step),
      shrink: 1 - learningRate * weightDecay,
    }),
    update({ weight, gradient, state, scalars: { rate, biasCorrection2, beta2, rest2, shrink } }) {
      const g = decoupled ? gradient : decayed(gradient, weight, weightDecay);
      const firstMoment = mean(state.firstMoment, g, 1 - beta1);
      const secondMoment = meanSquare(state.secondMoment, g, beta2, rest2);
      const largestSecond = amsgrad ? maximum(state.largestSecond, secondMoment) : secondMoment;
      const direction = divide(firstMoment, add(multiply(sqrt(largestSecond), biasCorrection2), epsilon));
      return {
        weight: stepped(decoupled && weightDecay > 0 ? multiply(weight, shrink) : weight, direction, rate),
        ...{ firstMoment, secondMoment, ...(amsgrad && { largestSecond }) },
      };
    },
  });
}

/**
 * Adam (Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 1): m = β₁m + (1−β₁)g,
 * v = β₂v + (1−β₂)g², w −= rate·m̂/(√v̂ + ε) with m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ). Where β₂ varies, β₂ᵗ is the product over all steps.
 * @throws ArgumentError for values out of range
 */
export function adam(options: AdamOptions): Optimizer {
  const all = { ...readers(), decoupled: optional(flag, false) };
  return optimizer<AdamRule, typeof all>("adam", options, all, adamRule);
}

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019): w shrinks by
 * rate·weightDecay·w before each step of Adam.
 * @throws ArgumentError for values out of range
 */
export function adamW(options: AdamWOptions): Optimizer {
  const all = { ...readers(), weightDecay: optional(numberFrom(0), 0.01) };
  return optimizer<AdamWRule, typeof all>("adamW", options, all, (own) => adamRule({ ...own, decoupled: true }));
}
