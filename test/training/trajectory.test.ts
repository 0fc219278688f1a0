import { describe, expect, it } from "vitest";
import { createEngine, data, losses, nn, optim, Trainer } from "../../src/index.js";
import { Tape } from "../oracle/tape.js";
import { randomFloats } from "../random.js";

const batch = 6;
const size = 6;
const channels = 3;
const classes = 4;
const epsilon = 1e-5;

/** A small network written out on the tape: conv 3×3 p1, batch norm, ReLU, max pool 2, linear, cross-entropy. */
function twinLoss(
  tape: Tape,
  parameters: Record<string, number[]>,
  inputs: Float32Array,
  labels: readonly number[],
): number {
  const { weight, bias, gamma, beta, matrix, offset } = parameters as Record<
    "weight" | "bias" | "gamma" | "beta" | "matrix" | "offset",
    number[]
  >;
  const x = Array.from(inputs, (value) => tape.constant(value));
  const pixels: number[][] = Array.from({ length: channels }, () => []);
  for (let n = 0; n < batch; n++) {
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        const taps: [number, number][] = [];
        for (let i = 0; i < 3; i++) {
          for (let j = 0; j < 3; j++) {
            const [h, w] = [row + i - 1, column + j - 1];
            if (h >= 0 && h < size && w >= 0 && w < size) taps.push([(n * size + h) * size + w, i * 3 + j]);
          }
        }
        for (let c = 0; c < channels; c++) {
          const products = tape.dot(
            taps.map(([pixel]) => x[pixel]!),
            taps.map(([, tap]) => weight[tap * channels + c]!),
          );
          pixels[c]!.push(tape.add(products, bias[c]!));
        }
      }
    }
  }
  const activated = pixels.map((values, c) => {
    const mean = tape.scale(tape.sum(values), 1 / values.length);
    const centered = values.map((value) => tape.add(value, tape.scale(mean, -1)));
    const variance = tape.scale(tape.dot(centered, centered), 1 / values.length);
    const inverse = tape.apply(
      variance,
      (v) => 1 / Math.sqrt(v + epsilon),
      (v) => -0.5 * (v + epsilon) ** -1.5,
    );
    return centered.map((value) => {
      const normalised = tape.add(tape.multiply(tape.multiply(value, inverse), gamma[c]!), beta[c]!);
      return tape.apply(
        normalised,
        (v) => Math.max(v, 0),
        (v) => (v > 0 ? 1 : 0),
      );
    });
  });
  const half = size / 2;
  const losses = labels.map((label, n) => {
    const features: number[] = [];
    for (let row = 0; row < half; row++) {
      for (let column = 0; column < half; column++) {
        for (let c = 0; c < channels; c++) {
          const corner = (n * size + 2 * row) * size + 2 * column;
          features.push(tape.maximum([0, 1, size, size + 1].map((step) => activated[c]![corner + step]!)));
        }
      }
    }
    const logits = Array.from({ length: classes }, (_, k) =>
      tape.add(
        tape.dot(
          features,
          features.map((_, i) => matrix[i * classes + k]!),
        ),
        offset[k]!,
      ),
    );
    const exponentials = logits.map((logit) => tape.apply(logit, Math.exp, Math.exp));
    const logarithm = tape.apply(tape.sum(exponentials), Math.log, (v) => 1 / v);
    return tape.add(logarithm, tape.scale(logits[label]!, -1));
  });
  return tape.scale(tape.sum(losses), 1 / batch);
}

type Update = (w: number, g: number, state: number[], step: number) => number;

const updates: Record<string, { optimizer: optim.Optimizer; update: Update }> = {
  "SGD with momentum and weight decay": {
    optimizer: optim.sgd({ learningRate: 0.05, momentum: 0.9, weightDecay: 0.01 }),
    update: (w, g, state) => {
      state[0] = 0.9 * (state[0] ?? 0) + g + 0.01 * w;
      return w - 0.05 * state[0];
    },
  },
  "Nesterov's momentum": {
    optimizer: optim.sgd({ learningRate: 0.02, momentum: 0.8, nesterov: true }),
    update: (w, g, state) => {
      state[0] = 0.8 * (state[0] ?? 0) + g;
      return w - 0.02 * (g + 0.8 * state[0]);
    },
  },
  "SGD at rate η₀/√t": {
    optimizer: optim.sgd({ learningRate: 0.1, schedule: optim.schedules.inverseSquareRoot() }),
    update: (w, g, _state, step) => w - (0.1 / Math.sqrt(step)) * g,
  },
  AdaGrad: {
    optimizer: optim.adagrad({ learningRate: 0.02, epsilon: 1e-6 }),
    update: (w, g, state) => {
      state[0] = (state[0] ?? 0) + g * g;
      return w - (0.02 * g) / (Math.sqrt(state[0]) + 1e-6);
    },
  },
  Adam: {
    // ε is large because the gradient of the convolution's bias, before batch norm, is 0 but for rounding.
    optimizer: optim.adam({ learningRate: 0.01, epsilon: 1e-3 }),
    update: (w, g, state, step) => {
      state[0] = 0.9 * (state[0] ?? 0) + 0.1 * g;
      state[1] = 0.999 * (state[1] ?? 0) + 0.001 * g * g;
      const denominator = Math.sqrt(state[1] / (1 - 0.999 ** step)) + 1e-3;
      return w - (0.01 * state[0]) / (1 - 0.9 ** step) / denominator;
    },
  },
};

describe("30 steps of training", () => {
  it.each(Object.keys(updates))("have the losses of a float64 twin within 2e-4, by %s", async (name) => {
    const { optimizer, update } = updates[name]!;
    const engine = await createEngine({ seed: 11, reproducible: true });
    const model = nn
      .sequential(
        nn.conv2d({ outChannels: channels, kernelSize: 3, padding: 1 }),
        nn.batchNorm({ epsilon }),
        nn.relu(),
        nn.maxPool2d({ kernelSize: 2 }),
        nn.flatten(),
        nn.linear({ outFeatures: classes }),
      )
      .build(engine, { inputShape: [size, size, 1] });
    const inputs = randomFloats(batch * size * size, 21);
    const labels = [0, 1, 2, 3, 1, 2];
    const state = model.state();
    const names = {
      weight: "0.weight",
      bias: "0.bias",
      gamma: "1.weight",
      beta: "1.bias",
      matrix: "5.weight",
      offset: "5.bias",
    };
    const twin = Object.entries(names).map(([key, tensor]) => ({
      key,
      values: Float64Array.from(state.get(tensor)!.data),
      states: Array.from(state.get(tensor)!.data, () => [] as number[]),
    }));

    const trainer = new Trainer(model, { loss: losses.crossEntropy(), optimizer });
    const dataset = data.dataset({ inputs, inputShape: [size, size, 1], targets: Uint8Array.from(labels) });
    const actual: number[] = [];
    const options = { epochs: 30, batchSize: batch, shuffle: false };
    for await (const { loss } of trainer.fit(dataset, options)) actual.push(loss);

    const expected: number[] = [];
    for (let step = 1; step <= 30; step++) {
      const tape = new Tape();
      const parameters = Object.fromEntries(
        twin.map(({ key, values }) => [key, Array.from(values, (value) => tape.constant(value))]),
      );
      const loss = twinLoss(tape, parameters, inputs, labels);
      expected.push(tape.values[loss]!);
      const gradient = tape.gradient(loss);
      for (const { key, values, states } of twin) {
        parameters[key]!.forEach((at, i) => (values[i] = update(values[i]!, gradient[at]!, states[i]!, step)));
      }
    }
    expect(actual.length).toBe(30);
    for (let i = 0; i < 30; i++) {
      if (!(Math.abs(actual[i]! - expected[i]!) <= 2e-4))
        expect.fail(`step ${i + 1}: ${actual[i]} and not ${expected[i]}`);
    }
    expect(expected[29]!).toBeLessThan(0.9 * expected[0]!);
  });
});
