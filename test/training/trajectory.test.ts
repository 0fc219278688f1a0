import { describe, expect, it } from "vitest";
import { createEngine, data, losses, nn, Trainer } from "../../src/index.js";
import { optimizers } from "../optim/table.js";
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

describe("30 steps of training", () => {
  it.each(Object.keys(optimizers))("have the losses of a float64 twin within 2e-4, by %s", async (name) => {
    const [optimizer, rule] = optimizers[name]!;
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
      shape: state.get(tensor)!.shape,
      kept: new Map<string, Float64Array>(),
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
      for (const { key, values, shape, kept } of twin) {
        rule(values, parameters[key]!.map((at) => gradient[at]!), kept, step, shape); // prettier-ignore
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
