import { nn, optim } from "wasmgrad";
import type { OptimizerName } from "./digits.js";

/** The convolutional network of the README, untrained. */
export function createNetwork(): nn.Sequential {
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
}

/** An optimizer whose learning rate is asked for at each step, so that it can be changed while training. */
export function createOptimizer(name: OptimizerName, rate: () => number): optim.Optimizer {
  const options = { learningRate: 1, schedule: rate };
  switch (name) {
    case "adam":
      return optim.adam(options);
    case "nesterov":
      return optim.sgd({ ...options, momentum: 0.9, nesterov: true });
    case "momentum":
      return optim.sgd({ ...options, momentum: 0.9 });
    case "sgd":
      return optim.sgd(options);
    case "adagrad":
      return optim.adagrad(options);
  }
}
