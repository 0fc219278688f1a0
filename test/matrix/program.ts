// What every row of the matrix trains, from the package as installed. It is copied into the folder where that lies.
import { createEngine, data, type Engine, losses, nn, optim, safetensors, StateError, Trainer } from "wasmgrad";

/** What one model came to. */
export interface Training {
  readonly name: string;
  readonly firstLoss: number;
  readonly lastLoss: number;
  readonly accuracy: number;
}

export interface Outcome {
  /** The build that the host takes by itself. */
  readonly build: string;
  readonly threads: number;
  readonly threadsReason: string;
  readonly trainings: readonly Training[];
  /** SHA-256 of all state that was trained with `reproducible`. */
  readonly hash: string;
  readonly milliseconds: number;
  /** "saved and loaded", or the error where there are no files. */
  readonly files: string;
}

/** Compiled kernels, for hosts that forbid compiling. */
export interface Modules {
  /** For the engine whose bits are the same everywhere. */
  readonly simd: WebAssembly.Module;
  readonly relaxed: WebAssembly.Module;
}

/** Numbers in [0, 1), the same in every engine: no Math function takes part. */
function* uniform(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

/** Points in a square, labelled by whether their coordinates have one sign. */
function quadrants(count: number, seed: number): data.Dataset {
  const random = uniform(seed);
  const inputs = Float32Array.from({ length: 2 * count }, () => 2 * random.next().value - 1);
  const targets = Uint8Array.from({ length: count }, (_, i) => Number(inputs[2 * i]! * inputs[2 * i + 1]! > 0));
  return data.dataset({ inputs, inputShape: [2], targets });
}

/** Noisy images with nothing, a row, or a column in them. */
function bars(count: number, seed: number): data.Dataset {
  const side = 8;
  const random = uniform(seed);
  const inputs = Float32Array.from({ length: count * side * side }, () => random.next().value / 2);
  const targets = Uint8Array.from({ length: count }, (_, i) => i % 3);
  for (let i = 0; i < count; i++) {
    const at = Math.floor(random.next().value * side);
    for (let j = 0; j < side; j++) {
      if (targets[i] === 1) inputs[(i * side + at) * side + j]! += 1;
      if (targets[i] === 2) inputs[(i * side + j) * side + at]! += 1;
    }
  }
  return data.dataset({ inputs, inputShape: [side, side, 1], targets });
}

async function fit(
  name: string,
  model: nn.Model,
  train: data.Dataset,
  test: data.Dataset,
  epochs: number,
): Promise<Training> {
  const trainer = new Trainer(model, { loss: losses.crossEntropy(), optimizer: optim.adam({ learningRate: 1e-2 }) });
  const history: number[] = [];
  for await (const { loss } of trainer.fit(train, { epochs, batchSize: 32 })) history.push(loss);
  const { accuracy = NaN } = await trainer.evaluate(test);
  return { name, firstLoss: history[0] ?? NaN, lastLoss: history.at(-1) ?? NaN, accuracy };
}

function perceptron(engine: Engine): nn.Model {
  return nn
    .sequential(nn.linear({ outFeatures: 32 }), nn.relu(), nn.linear({ outFeatures: 2 }))
    .build(engine, { inputShape: [2] });
}

function convolutional(engine: Engine): nn.Model {
  return nn
    .sequential(
      nn.conv2d({ outChannels: 8, kernelSize: 3, padding: 1 }),
      nn.batchNorm(),
      nn.relu(),
      nn.maxPool2d({ kernelSize: 2 }),
      nn.flatten(),
      nn.linear({ outFeatures: 3 }),
    )
    .build(engine, { inputShape: [8, 8, 1] });
}

async function hashOf(models: readonly nn.Model[]): Promise<string> {
  const tensors = models.flatMap((model) => [...model.state().values()]);
  const bytes = new Uint8Array(await new Blob(tensors.map((tensor) => tensor.data.slice())).arrayBuffer());
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function saveAndLoad(model: nn.Model): Promise<string> {
  try {
    await safetensors.save(model, "perceptron.safetensors");
    await safetensors.load(model, "perceptron.safetensors");
    return "saved and loaded";
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    return `${error.name}: ${error.message}`;
  }
}

/**
 * Trains two networks with the build whose bits are the same everywhere, and one with the build that the host takes by
 * itself. The second engine stays open: it must not keep the process from ending.
 */
export async function trainAll(modules?: Modules): Promise<Outcome> {
  const start = performance.now();
  const engine = await createEngine({
    ...{ seed: 5, reproducible: true, threads: 2 },
    ...(modules && { module: modules.simd }),
  });
  const mlp = perceptron(engine);
  const cnn = convolutional(engine);
  const trainings = [
    await fit("mlp", mlp, quadrants(600, 1), quadrants(200, 2), 25),
    await fit("cnn", cnn, bars(300, 3), bars(150, 4), 10),
  ];
  const hash = await hashOf([mlp, cnn]);
  const files = await saveAndLoad(mlp);
  const { threads, threadsReason } = engine.info;
  await engine.close();

  const usual = await createEngine({ seed: 5, ...(modules && { module: modules.relaxed }) });
  trainings.push(await fit("mlp, usual build", perceptron(usual), quadrants(600, 1), quadrants(200, 2), 25));
  const milliseconds = performance.now() - start;
  return { build: usual.info.build, threads, threadsReason, trainings, hash, milliseconds, files };
}
