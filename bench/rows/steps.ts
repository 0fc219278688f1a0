import { data, losses, type Model, type nn, type OnNonFinite, optim, type Program, Trainer } from "../../src/index.js";
import { type Engine, Random } from "../../src/engine/index.js";
import {
  batch,
  type Cnn,
  type Kernels,
  type Mlp,
  NaiveCnn,
  naiveKernels,
  NaiveReluMlp,
  NaiveSigmoidMlp,
  TunedCnn,
  TunedReluMlp,
  TunedSigmoidMlp,
} from "../baselines/index.js";
import { characters, characterTransformer } from "../characterTransformer.js";
import { digitsCnn, digitsPerceptron, sigmoidPerceptron } from "../networks.js";
import type { Row, Subject } from "../row.js";
import { uniform } from "../subject.js";
import { type StepWork, workOf } from "../work.js";

const adam = { learningRate: 1e-3 };

interface Network {
  readonly letter: string;
  readonly shape: string;
  readonly inputShape: readonly number[];
  readonly layers: () => nn.Sequential;
  readonly optimizer: () => optim.Optimizer;
  /** The plain JavaScript twin, whose initial parameters both start from. */
  readonly baseline: (kernels: Kernels) => Mlp | Cnn;
}

const isNaive = (kernels: Kernels): boolean => kernels === naiveKernels;

const networks: readonly Network[] = [
  {
    letter: "a",
    shape: "MLP 784-128-64-10 sigmoid, SGD",
    inputShape: [784],
    layers: sigmoidPerceptron,
    optimizer: () => optim.sgd({ learningRate: 0.5 }),
    baseline: (kernels) => (isNaive(kernels) ? new NaiveSigmoidMlp() : new TunedSigmoidMlp()),
  },
  {
    letter: "b",
    shape: "MLP 784-256-128-10 ReLU, Adam",
    inputShape: [784],
    layers: digitsPerceptron,
    optimizer: () => optim.adam(adam),
    baseline: (kernels) => (isNaive(kernels) ? new NaiveReluMlp() : new TunedReluMlp()),
  },
  {
    letter: "c",
    shape: "MNIST CNN, Adam",
    inputShape: [28, 28, 1],
    layers: digitsCnn,
    optimizer: () => optim.adam(adam),
    baseline: (kernels) => (isNaive(kernels) ? new NaiveCnn() : new TunedCnn()),
  },
];

/** A trainer of a network and the data set of one batch that it steps on. */
interface StepTrainer {
  readonly program: Program;
  readonly step: () => number;
}

/** The same of the character transformer. */
function transformerTrainer(engine: Engine): StepTrainer {
  const { batch, context, kinds } = characters;
  const random = new Random(2);
  const text = (): Int32Array => Int32Array.from({ length: batch * context }, () => random.below(kinds));
  const dataset = data.dataset({ inputs: text(), inputShape: [context], targets: text(), targetShape: [context] });
  const model = characterTransformer().build(engine, { inputShape: [context], dataType: "i32" });
  const trainer = new Trainer(model, { loss: losses.crossEntropy(), optimizer: optim.adam(adam) });
  return { program: trainer.trainingProgram(dataset, batch), step: () => trainer.trainStep(dataset, 0, batch).loss };
}

/** The names of the networks whose steps are measured. */
export const stepLetters: readonly string[] = [...networks.map(({ letter }) => letter), "transformer"];

const checkedSteps = 3;

/** Inputs of a batch in [0, 1) and its labels. */
function samples(): { inputs: Float32Array; labels: Int32Array } {
  const random = new Random(2);
  const inputs = uniform(batch * 784, 1).map((value) => (value + 1) / 2);
  return { inputs, labels: Int32Array.from({ length: batch }, () => random.below(10)) };
}

/** The model with the parameters that the baseline begins with. */
function buildModel(engine: Engine, network: Network): Model {
  const model = network.layers().build(engine, { inputShape: network.inputShape });
  const { parameters } = network.baseline(naiveKernels);
  const state = model.state();
  for (const { name, trainable } of model.entries) if (trainable) state.get(name)!.data.set(parameters.value(name));
  model.loadState(state);
  return model;
}

/** A trainer of one of the networks and the data set of one batch that it steps on. */
export function stepTrainer(engine: Engine, letter: string, onNonFinite: OnNonFinite = "throw"): StepTrainer {
  if (letter === "transformer") return transformerTrainer(engine);
  const network = networks.find((candidate) => candidate.letter === letter)!;
  const { inputs, labels } = samples();
  const dataset = data.dataset({ inputs, inputShape: network.inputShape, targets: labels });
  const trainer = new Trainer(buildModel(engine, network), {
    loss: losses.crossEntropy(),
    optimizer: network.optimizer(),
    onNonFinite,
  });
  return { program: trainer.trainingProgram(dataset, batch), step: () => trainer.trainStep(dataset, 0, batch).loss };
}

function stepSubject(step: () => number): Subject {
  return {
    run: step,
    result: () => Float32Array.from({ length: checkedSteps }, step),
  };
}

function trainingRow(network: Network): Row {
  return {
    name: `training step (${network.letter})`,
    shape: `${network.shape}, batch ${batch}`,
    ...work(network, true, batch),
    tolerance: 1e-3,
    wasm: (engine) => stepSubject(stepTrainer(engine, network.letter).step),
    baseline: (kernels) => {
      const { inputs, labels } = samples();
      const twin = network.baseline(kernels);
      return stepSubject(() => twin.step(inputs, labels));
    },
  };
}

function inferenceRow(network: Network, size: number): Row {
  const inputs = (): Float32Array => samples().inputs.subarray(0, 784 * size);
  return {
    name: `inference (${network.letter})`,
    shape: `${network.shape.split(",")[0]!}, batch ${size}`,
    ...work(network, false, size),
    tolerance: 1e-4,
    wasm: (engine) => {
      const model = buildModel(engine, network);
      const x = inputs();
      return { run: () => model.predict(x), result: () => model.predict(x) };
    },
  };
}

function work(network: Network, isTraining: boolean, size: number): StepWork & { isStep: true } {
  return { ...workOf(network.letter as "a" | "b" | "c", isTraining, size), isStep: true };
}

export const stepRows: readonly Row[] = [
  ...networks.map(trainingRow),
  inferenceRow(networks[2]!, 1),
  inferenceRow(networks[2]!, batch),
];
