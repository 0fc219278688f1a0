// The networks of the examples once more, made of the sources: benchmarks look inside, and those are built on the package. A test
// holds both to the same.
import { nn } from "../src/index.js";

/** The convolutional network of the README, for digits of one channel. */
export function digitsCnn({ dropout = 0 }: { readonly dropout?: number } = {}): nn.Sequential {
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
    ...(dropout > 0 ? [nn.dropout({ p: dropout })] : []),
    nn.linear({ outFeatures: 10 }),
  );
}

/** Two hidden layers of ReLUs. */
export function digitsPerceptron(): nn.Sequential {
  return nn.sequential(
    nn.flatten(),
    nn.linear({ outFeatures: 256 }),
    nn.relu(),
    nn.linear({ outFeatures: 128 }),
    nn.relu(),
    nn.linear({ outFeatures: 10 }),
  );
}

/** Two hidden layers of sigmoids, as in the first networks for digits. */
export function sigmoidPerceptron(): nn.Sequential {
  return nn.sequential(
    nn.flatten(),
    nn.linear({ outFeatures: 128 }),
    nn.sigmoid(),
    nn.linear({ outFeatures: 64 }),
    nn.sigmoid(),
    nn.linear({ outFeatures: 10 }),
  );
}
