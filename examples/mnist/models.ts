import { nn, optim } from "wasmgrad";
import type { ModelName, OptimizerName, Options } from "./options.js";

/** A new, untrained network for images of one channel and ten classes. */
export function createNetwork(name: ModelName): nn.Sequential {
  switch (name) {
    case "cnn":
      return nn.sequential(
        nn.conv2d({ outChannels: 16, kernelSize: 3, padding: 1 }),
        nn.batchNorm(),
        nn.relu(),
        nn.maxPool2d({ kernelSize: 2 }),
        nn.conv2d({ outChannels: 32, kernelSize: 3, padding: 1 }),
        nn.batchNorm(),
        nn.relu(),
        nn.maxPool2d({ kernelSize: 2 }),
        nn.flatten(),
        nn.linear({ outFeatures: 128 }),
        nn.relu(),
        nn.linear({ outFeatures: 10 }),
      );
    case "mlp":
      return nn.sequential(
        nn.flatten(),
        nn.linear({ outFeatures: 256 }),
        nn.relu(),
        nn.linear({ outFeatures: 128 }),
        nn.relu(),
        nn.linear({ outFeatures: 10 }),
      );
    case "sigmoid":
      return nn.sequential(
        nn.flatten(),
        nn.linear({ outFeatures: 128 }),
        nn.sigmoid(),
        nn.linear({ outFeatures: 64 }),
        nn.sigmoid(),
        nn.linear({ outFeatures: 10 }),
      );
  }
}

/** Plain SGD and AdaGrad keep their rate; the others come down to 0 over the epochs. */
export function createOptimizer({ optimizer, learningRate }: Options): optim.Optimizer {
  const falling = { learningRate, schedule: optim.schedules.cosine() };
  const byName: Record<OptimizerName, () => optim.Optimizer> = {
    sgd: () => optim.sgd({ learningRate }),
    momentum: () => optim.sgd({ ...falling, momentum: 0.9 }),
    nesterov: () => optim.sgd({ ...falling, momentum: 0.9, nesterov: true }),
    adagrad: () => optim.adagrad({ learningRate }),
    adam: () => optim.adam(falling),
  };
  return byName[optimizer]();
}
