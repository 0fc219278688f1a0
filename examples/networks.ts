// The networks of the examples, written as a user of the package writes them.
import { nn } from "wasmgrad";

/** The convolutional network of the README, for digits of one channel. */
export function digitsCnn(): nn.Sequential {
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
