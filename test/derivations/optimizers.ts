import type { Engine } from "../../src/engine/index.js";
import { adagrad, adam, type Optimizer } from "../../src/optim/index.js";
import { inverseSquareRoot } from "../../src/optim/schedules.js";
import { trainOn } from "../optim/given.js";
import { randomFloats } from "../random.js";
import { type Demonstration, expectAgreement, expectDisagreement, type Vector } from "./compare.js";

const steps = 20;
const lanes = 4;
const rate = 0.125;
/** Four weights, each with gradients of its own at every step. */
const start: Vector = [1, -0.5, 0.25, 2];
const gradients = Array.from({ length: steps }, (_, i) => [...randomFloats(lanes, 7 + i)]);

/** The weights after all steps. */
function train(engine: Engine, optimizer: Optimizer): Vector {
  const given = { weights: { w: { shape: [lanes], data: start } }, gradients: gradients.map((w) => ({ w })) };
  const { trainer, after } = trainOn(engine, optimizer, given);
  trainer.model.dispose();
  return [...after.at(-1)!.w!];
}

/** The update rule of the notes in float64. */
function adagradOf(start: Vector): Vector {
  return start.map((weight, lane) => {
    let [w, s] = [weight, 0];
    for (const g of gradients.map((each) => each[lane]!)) {
      s += g * g;
      w -= (rate * g) / Math.sqrt(s);
    }
    return w;
  });
}

/** Roundings of up to 20 updates of a weight below 4. */
const largest = 4;

/** Adam without momentum at the rate η₀/√t. */
const decaying = (beta2: number | ((t: number) => number)): Optimizer =>
  adam({ learningRate: rate, schedule: inverseSquareRoot(), beta1: 0, beta2, epsilon: 0 });

/** The same without the bias correction. */
function uncorrected(beta2: (t: number) => number): Vector {
  return start.map((weight, lane) => {
    let [w, v] = [weight, 0];
    gradients.forEach((each, i) => {
      const [g, beta] = [each[lane]!, beta2(i + 1)];
      v = beta * v + (1 - beta) * g * g;
      w -= ((rate / Math.sqrt(i + 1)) * g) / Math.sqrt(v);
    });
    return w;
  });
}

export const optimizers: Readonly<Record<string, Demonstration>> = {
  "Adam with β₁=0, β₂=1−1/t, η=η₀/√t is AdaGrad": (engine) => {
    const byAdagrad = train(engine, adagrad({ learningRate: rate, epsilon: 0 }));
    expectAgreement(byAdagrad, adagradOf(start), largest);
    // The product of all β₂ is 0, since the first is: nothing is left to correct.
    const scheduled = (t: number): number => 1 - 1 / t;
    expectAgreement(train(engine, decaying(scheduled)), byAdagrad, largest);
    expectAgreement(uncorrected(scheduled), byAdagrad, largest);

    // With a constant β₂ near 1 the correction is what makes the same mean.
    const near = 1 - 2 ** -24;
    expectAgreement(train(engine, decaying(near)), byAdagrad, largest);
    expectAgreement(
      train(
        engine,
        decaying(() => near),
      ),
      byAdagrad,
      largest,
    );
    expectDisagreement(
      uncorrected(() => near),
      byAdagrad,
      largest,
    );
  },
};
