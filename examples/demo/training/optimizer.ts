import { optim } from "wasmgrad";
import type { OptimizerName } from "./digits.js";

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
