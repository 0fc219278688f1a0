import { data, type Engine, losses, type Model, nn, optim, Trainer } from "../../src/index.js";
import { randomFloats } from "../random.js";

/** Of one sample. */
export const inputShape = [4, 4, 1] as const;
export const inputSize = 16;

/** A small network with all kinds of state. */
export function buildModel(engine: Engine): Model {
  const layers = nn.sequential(
    nn.conv2d({ outChannels: 8, kernelSize: 3, padding: 1 }),
    nn.batchNorm(),
    nn.relu(),
    nn.flatten(),
    nn.dropout({ p: 0.1 }),
    nn.linear({ outFeatures: 3 }),
  );
  return layers.build(engine, { inputShape });
}

export function samples(length = 24): data.Dataset {
  const targets = Uint8Array.from({ length }, (_, i) => i % 3);
  return data.dataset({ inputs: randomFloats(length * inputSize), inputShape, targets });
}

export function trainerOf(model: Model): Trainer {
  return new Trainer(model, { loss: losses.crossEntropy(), optimizer: optim.adam({ learningRate: 1e-2 }) });
}

/** Collects garbage and lets finalizers run. */
export async function collectGarbage(): Promise<void> {
  for (let i = 0; i < 4; i++) {
    globalThis.gc!();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
