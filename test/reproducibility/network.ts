import { createEngine, data, type EngineOptions, losses, optim, Trainer } from "../../src/index.js";
import { digitsCnn } from "../../bench/networks.js";

/** 200 steps of 64 images. */
export const imageCount = 12_800;

export interface TrainedState {
  /** SHA-256 of the bytes of every parameter and statistic after training. */
  readonly hash: string;
  readonly threads: number;
  readonly milliseconds: number;
}

/**
 * Trains the MNIST network, dropout included, for 200 steps: the same in Node and in a page.
 * @param images 12,800 images of 28 × 28 bytes
 */
export async function trainNetwork(
  images: Uint8Array,
  labels: Uint8Array,
  options: EngineOptions,
): Promise<TrainedState> {
  const engine = await createEngine({ seed: 1, ...options });
  const model = digitsCnn({ dropout: 0.3 }).build(engine, { inputShape: [28, 28, 1] });
  const trainer = new Trainer(model, {
    loss: losses.crossEntropy(),
    optimizer: optim.adam({ learningRate: 2e-3, schedule: optim.schedules.cosine() }),
  });
  const dataset = data.dataset({ inputs: images, inputShape: [28, 28, 1], targets: labels });
  const start = performance.now();
  for await (const { loss } of trainer.fit(dataset, { batchSize: 64 })) {
    if (!(loss < 1)) throw new Error(`the network does not learn: its loss is ${loss}`);
  }
  const milliseconds = performance.now() - start;
  const arrays = [...model.state().values()].map((tensor) => tensor.data);
  if (arrays.some((array) => array.some(Number.isNaN))) throw new Error("a parameter is NaN");
  const { threads } = engine.info;
  await engine.close();
  return { hash: await sha256(arrays), threads, milliseconds };
}

async function sha256(arrays: readonly Float32Array[]): Promise<string> {
  const bytes = await new Blob(arrays as Float32Array<ArrayBuffer>[]).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
