import type { Engine } from "../../src/engine/index.js";
import { MemoryRange, Graph, Program, Scalars } from "../../src/graph/index.js";
import { adagrad, adam, type Optimizer } from "../../src/optim/index.js";
import { randomFloats } from "../random.js";
import { type Demonstration, expectAgreement, expectDisagreement, type Vector } from "./compare.js";

const steps = 20;
const lanes = 4;
const rate = 0.125;
/** Four weights, each with gradients of its own at every step. */
const start: Vector = [1, -0.5, 0.25, 2];
const gradients = Array.from({ length: steps }, (_, i) => [...randomFloats(lanes, 7 + i)]);

/** The weights after all steps, each by the optimizer of that step; `tune` may change the scalars that it wrote. */
function train(
  engine: Engine,
  optimizerAt: (step: number) => Optimizer,
  tune: (scalars: Scalars) => void = () => undefined,
): Vector {
  const bytes = 4 * lanes;
  const block = engine.memory.allocate(4 * bytes, "optimizer under test");
  const buffer = (index: number): MemoryRange => MemoryRange.at(block, index * bytes, bytes, `buffer ${index}`);
  const view = (index: number): Float32Array => engine.memory.f32(block.address + index * bytes, lanes);
  [start, [], [], []].forEach((values, i) => view(i).fill(0).set(values));
  gradients.forEach((g, i) => {
    view(1).set(g);
    const optimizer = optimizerAt(i + 1);
    const state = optimizer.stateBuffers.map((_, k) => buffer(2 + k));
    const group = { weights: buffer(0), gradients: buffer(1), state, count: lanes, guard: 0 } as const;
    const scalars = new Scalars(engine);
    const program = new Program(engine, new Graph(), {
      outputs: [],
      scalars,
      after: (emit) => optimizer.update(emit, group),
    });
    optimizer.prepare(scalars, { step: i + 1, epoch: 1, run: { step: i + 1, steps, epoch: 1, epochs: 1 } });
    tune(scalars);
    program.run();
    program.dispose();
  });
  const weights = [...view(0)];
  engine.memory.release(block);
  return weights;
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

const decaying = (beta2: (t: number) => number) => (t: number) =>
  adam({ learningRate: rate / Math.sqrt(t), beta1: 0, beta2: beta2(t), epsilon: 0 });
const uncorrected = (scalars: Scalars): void => {
  scalars.set("biasCorrection1", 1);
  scalars.set("biasCorrection2", 1);
};

export const optimizers: Readonly<Record<string, Demonstration>> = {
  "Adam with β₁=0, β₂=1−1/t, η=η₀/√t is AdaGrad": (engine) => {
    const byAdagrad = train(engine, () => adagrad({ learningRate: rate, epsilon: 0 }));
    expectAgreement(byAdagrad, adagradOf(start), largest);
    const scheduled = decaying((t) => 1 - 1 / t);
    expectAgreement(train(engine, scheduled, uncorrected), byAdagrad, largest);
    // A bias correction by 1 − β₂ᵗ on top is wrong.
    expectDisagreement(train(engine, scheduled), byAdagrad, largest);

    // With a constant β₂ near 1 the correction is what makes the same mean.
    const constant = decaying(() => 1 - 1e-9);
    expectAgreement(train(engine, constant), byAdagrad, largest);
    expectDisagreement(train(engine, constant, uncorrected), byAdagrad, largest);
  },
};
