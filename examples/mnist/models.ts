import { optim } from "wasmgrad";
import { digitsCnn, digitsPerceptron, sigmoidPerceptron } from "../networks.js";
import type { ModelName, OptimizerName, Options } from "./options.js";

/** Makes untrained networks for images of one channel and ten classes. */
export const networks = { cnn: digitsCnn, mlp: digitsPerceptron, sigmoid: sigmoidPerceptron } satisfies Readonly<
  Record<ModelName, unknown>
>;

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
