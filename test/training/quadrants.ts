import {
  createEngine,
  data,
  type Dataset,
  type Engine,
  losses,
  type Model,
  nn,
  optim,
  Trainer,
} from "../../src/index.js";
import { randomFloats } from "../random.js";

/** Points in the plane, labelled by quadrant. */
export function quadrants(samples: number): Dataset {
  const inputs = randomFloats(samples * 2, 9);
  const targets = Uint8Array.from(
    { length: samples },
    (_, i) => (inputs[2 * i]! > 0 ? 1 : 0) + (inputs[2 * i + 1]! > 0 ? 2 : 0),
  );
  return data.dataset({ inputs, inputShape: [2], targets });
}

/** A small perceptron for them, with dropout. */
export async function perceptron(seed = 1, engine?: Engine): Promise<Model> {
  return nn
    .sequential(nn.linear({ outFeatures: 16 }), nn.tanh(), nn.dropout({ p: 0.1 }), nn.linear({ outFeatures: 4 }))
    .build(engine ?? (await createEngine({ seed, threads: 1 })), { inputShape: [2] });
}

export function trainerOf(model: Model, optimizer = optim.adam({ learningRate: 0.02 }), seed?: number): Trainer {
  return new Trainer(model, { loss: losses.crossEntropy(), optimizer, seed });
}

/** All numbers of a model's state, one after another. */
export function numbersOf(model: Model): number[] {
  return [...model.state().values()].flatMap(({ data }) => [...data]);
}
