import { ArgumentError, type Block, checkInteger, Random, ShapeError } from "../engine/index.js";
import type { Dataset } from "../data/dataset.js";
import { Buffer, formatShape, Graph, Program, ProgramCache, Scalars, type Shape, type Value } from "../graph/index.js";
import type { Model } from "../layers/index.js";
import type { Loss } from "../losses/index.js";
import { fusionRules } from "../ops/fusion.js";
import type { Optimizer, Progress } from "../optim/index.js";
import { ResidentData } from "./residentData.js";
import { Breath } from "./breath.js";
import { Meter } from "./meter.js";

export interface TrainerOptions {
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  /** Seeds the shuffles and dropout. Default: drawn from the engine's. */
  readonly seed?: number;
}

export interface FitOptions {
  /** Default 1. */
  readonly epochs?: number;
  /** Default 32. The last batch of an epoch may be smaller. */
  readonly batchSize?: number;
  /** Visit the samples in a new random order each epoch. Default true. */
  readonly shuffle?: boolean;
  /** Evaluated after every epoch. */
  readonly validation?: Dataset;
  /** Called after every step, between kernels: keep it short. */
  readonly onStep?: (report: StepReport) => void;
  /**
   * Awaited before every step: training stands still until it resolves, and its rejection is `fit`'s. For pausing, and
   * for stopping within an epoch. The time it takes does not count as time of training.
   */
  readonly gate?: () => Promise<void>;
}

export interface StepReport {
  /** From 1. */
  readonly epoch: number;
  /** Within the epoch, from 1. */
  readonly step: number;
  /** Steps of an epoch. */
  readonly steps: number;
  /** Of this batch, before the update. */
  readonly loss: number;
  /** Mean over the epoch so far; undefined for losses without classes. */
  readonly accuracy: number | undefined;
  readonly samplesPerSecond: number;
}

export interface Evaluation {
  readonly loss: number;
  /** Fraction of samples whose largest output is their label; undefined for losses without classes. */
  readonly accuracy: number | undefined;
}

export interface EpochReport extends Evaluation {
  /** From 1. */
  readonly epoch: number;
  readonly validation: Evaluation | undefined;
  /** Of training alone: validation, the gate, and what else the event loop did meanwhile do not count. */
  readonly samplesPerSecond: number;
  /** Of training alone, too. */
  readonly seconds: number;
}

interface StepProgram {
  readonly program: Program;
  readonly loss: Value;
  readonly correct: Value | undefined;
}

/** Trains a model: epochs of shuffled batches, each step one call into WebAssembly. */
export class Trainer {
  /** Updates so far. */
  step = 0;
  private readonly scalars: Scalars;
  private readonly state: readonly Buffer[];
  private readonly resident = new WeakMap<Dataset, ResidentData>();
  private readonly programs = new ProgramCache<StepProgram>();
  /** How many data sets were made resident: the number of the next. */
  private datasets = 0;
  private readonly random: Random;
  private readonly breath = new Breath();

  constructor(
    readonly model: Model,
    private readonly options: TrainerOptions,
  ) {
    const { engine, parameterGroup } = model;
    const seed = options.seed ?? engine.random.uint32();
    this.random = new Random(seed);
    this.scalars = new Scalars(engine);
    this.scalars.setInteger("dropoutSeed", seed);
    this.state = options.optimizer.stateBuffers.map((name) => {
      const bytes = parameterGroup.count * 4;
      const block: Block = engine.memory.allocateFor(this, bytes, `optimizer state ${name}`);
      return Buffer.at(block, 0, bytes, name);
    });
  }

  /**
   * Trains for some epochs and yields a report after each. Stop early by leaving the loop.
   * @throws ArgumentError for options out of range or a data set that does not fit the loss
   * @throws ShapeError if samples do not have the model's input shape
   */
  async *fit(dataset: Dataset, options: FitOptions = {}): AsyncGenerator<EpochReport, void, void> {
    const { epochs = 1, batchSize = 32, shuffle = true, validation, onStep, gate } = options;
    checkInteger("epochs", epochs, 0);
    checkInteger("batchSize", batchSize, 1);
    this.checkDataset(dataset);
    if (validation) this.checkDataset(validation);
    const data = this.residentData(dataset);
    const steps = Math.ceil(dataset.length / batchSize);
    const firstStep = this.step;
    for (let epoch = 1; epoch <= epochs; epoch++) {
      if (shuffle) this.random.permutation(dataset.length, data.order());
      else data.order().forEach((_, i, order) => (order[i] = i));
      const meter = new Meter();
      for (let step = 1; step <= steps; step++) {
        if (gate) await meter.leaveOut(gate());
        const first = (step - 1) * batchSize;
        const samples = Math.min(batchSize, dataset.length - first);
        const totalSteps = firstStep + epochs * steps;
        const { loss, correct } = this.runStep(data, first, samples, { epoch, totalSteps });
        meter.add(samples, loss, correct);
        onStep?.({ epoch, step, steps, loss, accuracy: meter.accuracy, samplesPerSecond: meter.samplesPerSecond });
        await meter.leaveOut(this.breath.take());
      }
      const { samplesPerSecond, seconds } = meter.stop();
      const result = validation && (await this.evaluate(validation));
      yield { epoch, loss: meter.loss, accuracy: meter.accuracy, validation: result, samplesPerSecond, seconds };
    }
  }

  /** Loss and accuracy over a data set, in evaluation mode. Throws as `fit` does. */
  async evaluate(dataset: Dataset, { batchSize = 250 }: { readonly batchSize?: number } = {}): Promise<Evaluation> {
    checkInteger("batchSize", batchSize, 1);
    this.checkDataset(dataset);
    const data = this.residentData(dataset);
    const meter = new Meter();
    for (let first = 0; first < dataset.length; first += batchSize) {
      const samples = Math.min(batchSize, dataset.length - first);
      const entry = this.program("evaluate", data, samples);
      this.scalars.setInteger("cursor", first);
      entry.program.run();
      meter.add(samples, entry.program.readScalar(entry.loss), this.readCorrect(entry));
      await this.breath.take();
    }
    return { loss: meter.loss, accuracy: meter.accuracy };
  }

  /**
   * One update on the samples first … first + count − 1 of a data set, in the order they have there unless `fit` shuffled
   * them. For loops of one's own; `fit` is the usual way.
   */
  trainStep(dataset: Dataset, first: number, count: number): { loss: number; correct: number | undefined } {
    checkInteger("first", first, 0, dataset.length - 1);
    checkInteger("count", count, 1, dataset.length - first);
    const known = this.resident.get(dataset);
    if (!known) this.checkDataset(dataset);
    return this.runStep(known ?? this.residentData(dataset), first, count, { epoch: 1, totalSteps: Infinity });
  }

  /** The program of a training step for `samples` samples of a data set; for profiles and tests. */
  trainingProgram(dataset: Dataset, samples: number): Program {
    this.checkDataset(dataset);
    return this.program("train", this.residentData(dataset), samples).program;
  }

  private runStep(
    data: ResidentData,
    first: number,
    samples: number,
    progress: Omit<Progress, "step">,
  ): { loss: number; correct: number | undefined } {
    const entry = this.program("train", data, samples);
    this.step++;
    this.options.optimizer.prepare(this.scalars, { ...progress, step: this.step });
    this.scalars.setInteger("cursor", first);
    this.scalars.setInteger("dropoutStep", this.step);
    entry.program.run();
    return { loss: entry.program.readScalar(entry.loss), correct: this.readCorrect(entry) };
  }

  private readCorrect({ program, correct }: StepProgram): number | undefined {
    return correct && program.readScalar(correct);
  }

  private program(mode: "train" | "evaluate", data: ResidentData, samples: number): StepProgram {
    return this.programs.get(`${mode} ${samples} of ${data.number}`, () => this.compile(mode, data, samples));
  }

  private compile(mode: "train" | "evaluate", data: ResidentData, samples: number): StepProgram {
    const { model, scalars } = this;
    const { loss: lossFunction, optimizer } = this.options;
    const { dataset } = data;
    const graph = new Graph();
    const input = graph.input([samples, ...dataset.inputShape], "the model's input");
    const isClasses = lossFunction.targets === "classes";
    const targetShape: Shape = isClasses ? [samples] : [samples, ...dataset.targetShape];
    const target = graph.input(targetShape, "the targets", isClasses ? "i32" : "f32");
    const prediction = model.trace(graph, input, mode === "train");
    const { loss, correct } = graph.within("the loss", () => ({
      loss: lossFunction.apply(prediction, target),
      correct: lossFunction.countCorrect?.(prediction, target),
    }));
    const program = new Program(model.engine, graph, {
      outputs: correct ? [loss, correct] : [loss],
      scalars,
      rules: fusionRules,
      before: (emit, dataOf) => data.gather(emit, mode === "train", samples, dataOf(input), dataOf(target)),
      ...(mode === "train" && {
        backward: { from: loss },
        after: (emit) => optimizer.update(emit, { ...model.parameterGroup, state: this.state }),
      }),
    });
    return { program, loss, correct };
  }

  private residentData(dataset: Dataset): ResidentData {
    let data = this.resident.get(dataset);
    if (!data) this.resident.set(dataset, (data = new ResidentData(this.model.engine, dataset, this.datasets++)));
    return data;
  }

  private checkDataset(dataset: Dataset): void {
    const { inputShape, outputShape } = this.model;
    if (dataset.length < 1) throw new ArgumentError("the data set is empty: training needs at least one sample");
    if (formatShape(dataset.inputShape) !== formatShape(inputShape)) {
      throw new ShapeError(
        `samples are ${formatShape(dataset.inputShape)}, the model was built for ${formatShape(inputShape)}`,
      );
    }
    const isClasses = !(dataset.targets instanceof Float32Array);
    if (this.options.loss.targets === "values") {
      if (isClasses)
        throw new ArgumentError(`${this.options.loss.name} wants float targets; the data set has class labels`);
      return;
    }
    if (!isClasses)
      throw new ArgumentError(`${this.options.loss.name} wants class labels; the data set has float targets`);
    const classes = outputShape[outputShape.length - 1] ?? 0;
    const wrong = dataset.targets.findIndex((label) => !(label >= 0 && label < classes));
    if (wrong >= 0) {
      throw new ArgumentError(
        `sample ${wrong} has label ${dataset.targets[wrong]}; the model's ${classes} outputs are labels 0 … ${classes - 1}`,
      );
    }
  }
}
