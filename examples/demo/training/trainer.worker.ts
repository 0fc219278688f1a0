import { ArgumentError, createEngine, data, type Dataset, losses, serveTrainer, Trainer } from "wasmgrad";
import { batchSize, type DigitCalls, digitFiles, type DigitOptions, pixels, side } from "./digits.js";
import { inspect } from "./inspect.js";
import { createNetwork, createOptimizer } from "./network.js";

interface Digits {
  readonly train: Dataset;
  readonly test: Dataset;
}

/** Fetches the page's own digits once, however often training starts anew. */
function createLoader(): (options: DigitOptions) => Promise<Digits> {
  let own: Promise<Digits> | undefined;
  const fetchOwn = async (digitsUrl: string): Promise<Digits> => {
    const files = await Promise.all(
      digitFiles.map(async (name) => {
        const response = await fetch(new URL(name, digitsUrl));
        if (!response.ok) throw new Error(`The digits could not be fetched: ${name} answers ${response.status}.`);
        return [name, new Uint8Array(await response.arrayBuffer())] as const;
      }),
    );
    return data.mnist(new Map(files));
  };
  return async ({ files, digitsUrl }) => {
    if (!files) {
      own ??= fetchOwn(digitsUrl);
      // What failed once may come at the next attempt.
      own.catch(() => (own = undefined));
      return own;
    }
    const digits = await data.mnist(files);
    if (String(digits.train.inputShape) !== String([side, side, 1])) {
      const [height, width] = digits.train.inputShape;
      throw new ArgumentError(`the images must be ${side} × ${side}, these are ${height} × ${width}`);
    }
    return digits;
  };
}

const loadDigits = createLoader();

serveTrainer<DigitCalls>(async (options: DigitOptions) => {
  const { seed, threads } = options;
  // Digits first: an engine with threads that nothing is trained on would have to be closed.
  const { train, test } = await loadDigits(options);
  const engine = await createEngine({ seed, threads });
  const model = createNetwork().build(engine, { inputShape: train.inputShape });
  let rate = options.learningRate;
  const optimizer = createOptimizer(options.optimizer, () => rate);
  return {
    trainer: new Trainer(model, { loss: losses.crossEntropy(), optimizer }),
    dataset: train,
    fit: { epochs: options.epochs, batchSize, validation: test },
    close: () => engine.close(),
    calls: {
      dataset: () => ({ trainingImages: train.length, heldOutImages: test.length }),
      setLearningRate: (value) => {
        rate = value;
      },
      filters: () => {
        const { shape, data: weights } = model.state().get("0.weight")!;
        return { size: shape[0]!, count: shape[3]!, weights };
      },
      inspect: () => inspect(test, model.predict(test.inputs)),
      sample: (label, turn) => {
        const ofLabel = [...test.targets.keys()].filter((i) => test.targets[i] === label);
        const index = ofLabel[turn % ofLabel.length];
        return index === undefined
          ? undefined
          : Uint8Array.from(test.inputs.subarray(index * pixels, (index + 1) * pixels));
      },
      save: () => model.toBytes(),
      load: (bytes, fileName) => model.load(bytes, fileName),
    },
  };
});
