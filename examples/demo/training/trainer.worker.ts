import { createEngine, losses, safetensors, serveTrainer, Trainer } from "wasmgrad";
import { batchSize, type DigitCalls, type DigitOptions, pixels } from "./digits.js";
import { inspect } from "./inspect.js";
import { digitsCnn } from "../../networks.js";
import { createOptimizer } from "./optimizer.js";
import { type Digits, readDigits } from "./readDigits.js";

/** Those of the last start. */
let digits: Digits | undefined;

serveTrainer<DigitCalls>(async (options: DigitOptions) => {
  const { files, seed, threads } = options;
  // While the digits are read, which takes longer. An engine with threads that nothing is trained on has to be closed.
  const creating = createEngine({ seed, threads });
  creating.catch(() => undefined);
  try {
    if (files) digits = await readDigits(files);
    if (!digits) throw new Error("The first start must bring digits.");
  } catch (error) {
    await creating.then(
      (unused) => unused.close(),
      () => undefined,
    );
    throw error;
  }
  const { train, test } = digits;
  const engine = await creating;
  const model = digitsCnn().build(engine, { inputShape: train.inputShape });
  let rate = options.learningRate;
  const optimizer = createOptimizer(options.optimizer, () => rate);
  return {
    trainer: new Trainer(model, { loss: losses.crossEntropy(), optimizer }),
    dataset: train,
    // No validation: the page asks for more than its accuracy, and `inspect` gives both at once.
    fit: { epochs: options.epochs, batchSize },
    close: () => engine.close(),
    calls: {
      dataset: () => ({ trainingImages: train.length, heldOutImages: test.length }),
      checkFiles: async (chosen) => {
        await readDigits(chosen);
      },
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
      save: () => safetensors.toBytes(model),
      load: (bytes, fileName) => safetensors.load(model, bytes, fileName),
    },
  };
});
