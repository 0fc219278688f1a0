import {
  ArgumentError,
  checkFunction,
  checkInteger,
  DisposableBase,
  flag,
  type Holding,
  integerFrom,
  optional,
  Random,
  readOptions,
  StateError,
} from "../engine/index.js";
import type { Dataset } from "../data/dataset.js";
import { readRate } from "../optim/optimizer.js";
import { type Program, Scalars } from "../graph/index.js";
import type { Model } from "../layers/index.js";
import { lossOf } from "../losses/loss.js";
import { EventLoopTurns } from "./eventLoopTurns.js";
import { type Batches, batchError, cutIntoBatches } from "./batches.js";
import { type FitOptions, type FitSettings, readFitOptions } from "./fitOptions.js";
import { Meter } from "./meter.js";
import type { EpochReport, Evaluation } from "./reports.js";
import type { ResidentData } from "./residentData.js";
import { type RunControl, TrainingRun } from "./run.js";
import { type OnNonFinite, StepGuard } from "./stepGuard.js";
import { type StepBatch, Stepper } from "./stepper.js";
import { modeOf, resultOf, type StepKind, StepPrograms, type StepResult } from "./stepPrograms.js";
import { checkTrainer, type TrainerOptions } from "./trainerOptions.js";
import { TrainingData } from "./trainingData.js";
import { Update } from "./update.js";

export interface EvaluateOptions {
  /** Samples computed at once. Default 250. */
  readonly batchSize?: number;
  /** Evaluate the averages that `optim.movingAverage` keeps, in place of the weights. Default false. */
  readonly averaged?: boolean;
}

const defaultEvaluationBatch = 250;
/** What messages call it. */
const validationSet = "the validation set";

/**
 * Trains a model: epochs of shuffled batches, each step one call into WebAssembly.
 *
 * One `fit` at a time: while it is under way, another and `trainStep` are refused with a StateError. `evaluate` and the
 * model's `predict`, `save` and `loadState` may be called at any time: they take their turn between two steps.
 */
export class Trainer extends DisposableBase {
  /** Epochs that fits have begun. */
  private epochs = 0;
  /** Of the epochs that came to their end. */
  private readonly losses: number[] = [];
  private isTraining = false;
  private isAveraged = false;
  private readonly holding: Holding;
  private readonly data: TrainingData;
  private readonly programs: StepPrograms;
  private readonly update: Update;
  private readonly stepper: Stepper;
  private readonly onNonFinite: OnNonFinite;
  private readonly random: Random;
  private readonly turns = new EventLoopTurns();

  /**
   * @throws ArgumentError for a model that was not built, options that are missing, unknown or not what they should be, and a
   *   loss that cannot learn from what the model gives, such as cross-entropy from a softmax
   * @throws ShapeError if the loss is on classes and the model puts out no row of scores
   */
  constructor(
    readonly model: Model,
    options: TrainerOptions,
  ) {
    super();
    checkTrainer(model, options);
    const { engine } = model;
    const { optimizer } = options;
    const loss = lossOf(options.loss);
    this.holding = engine.memory.writable().hold("trainer");
    this.holding.dependOn(model.holding);
    try {
      const scalars = Scalars.of(engine, this.holding, 64 * optimizer.groups.length);
      this.update = new Update(model, optimizer, options.clipping, scalars, this.holding);
      this.data = new TrainingData(model, loss, this.holding);
      this.onNonFinite = options.onNonFinite ?? "throw";
      const guard = new StepGuard(model, scalars, this.update.state, this.holding);
      this.programs = new StepPrograms(model, loss, scalars, this.update, guard);
      this.stepper = new Stepper(model, optimizer, this.update, scalars, this.programs, guard);
      // Last, so that a trainer that cannot be made draws no number.
      const seed = options.seed ?? engine.random.uint32();
      this.random = new Random(seed);
      scalars.setInteger("dropoutSeed", seed);
    } catch (error) {
      this.holding.dispose();
      throw error;
    }
  }

  /** Updates so far, over all fits and calls of `trainStep`. */
  get step(): number {
    return this.stepper.updates;
  }

  /**
   * The learning rate before the schedule, of parameters whose group gives none of its own; rates of groups keep their ratio to it.
   * It may be set between any two steps. Throws ArgumentError for what is no number of at least 0.
   */
  get learningRate(): number {
    return this.update.learningRate;
  }

  set learningRate(rate: number) {
    this.update.learningRate = readRate("learningRate", rate);
  }

  /**
   * Calls `work` with the averages that `optim.movingAverage` keeps in place of the weights, and takes the weights back: for
   * `model.predict`, `model.state` and the like. Before the first step the averages are the weights.
   * @param work must not be async, since training would go on from the averages meanwhile
   * @returns what `work` returns
   * @throws StateError if the optimizer keeps no averages, ArgumentError for what is no function, or an async one
   */
  withAverage<T>(work: () => T): T {
    this.checkUsable();
    checkFunction("what is done with the average", work, "() => model.predict(inputs)");
    const isOuter = !this.isAveraged;
    if (isOuter) this.exchange();
    let result: T;
    try {
      result = work();
    } finally {
      if (isOuter) this.exchange();
    }
    if (!(result instanceof Promise)) return result;
    throw new ArgumentError("withAverage: the function must not be async: the weights are back when it returns");
  }

  /**
   * Starts training for some epochs. Await the run, or loop over its reports, or both; nothing else is needed to make it
   * go. A wrong call too rejects the run, before anything has changed.
   * @throws ArgumentError, in the run, for unknown options or ones out of range; for targets that are not the loss's; and
   *   for batches that the model cannot train on, such as one of a single sample with batch norm (`dropLast` helps)
   * @throws ShapeError, in the run, if samples or targets do not have the model's shapes
   * @throws NonFiniteError, in the run, at a step whose loss or gradient is NaN or infinite, unless `onNonFinite` says otherwise:
   *   model and optimizer are as before that step. Also where at the end of an epoch parameters are not finite
   * @throws StateError, in the run, while another run of this trainer is under way
   */
  fit(dataset: Dataset, options: FitOptions = {}): TrainingRun {
    return new TrainingRun((control) => {
      this.checkUsable();
      this.checkIdle("fit");
      const settings = readFitOptions(options, { onNonFinite: this.onNonFinite });
      const data = this.data.place(dataset);
      const batches = cutIntoBatches(data.length, settings.batchSize, settings.dropLast);
      if (settings.validation !== undefined) this.data.place(settings.validation, validationSet);
      this.isTraining = true;
      return this.train(dataset, data, batches, settings, control);
    });
  }

  /**
   * Loss and accuracy over a data set, in evaluation mode. Training of the model stands still meanwhile; if `loadState`
   * changes it, the evaluation begins anew. A loss that is not finite is reported as it is. Rejects as `fit` does.
   */
  async evaluate(dataset: Dataset, options: EvaluateOptions = {}): Promise<Evaluation> {
    const { batchSize, averaged } = readOptions("evaluate", options, {
      batchSize: optional(integerFrom(1), defaultEvaluationBatch),
      averaged: optional(flag, false),
    });
    this.checkUsable();
    const data = this.data.read(dataset);
    if (averaged) this.update.checkHas("average");
    return this.measure(data, batchSize, averaged);
  }

  /**
   * One update on the samples first … first + count − 1 of a data set. For loops of one's own; `fit` is the usual way. What
   * becomes of a step that is not finite says `onNonFinite` of the trainer.
   * @returns the mean loss before the update, how many labels count, and how many were predicted rightly
   * @throws NonFiniteError as `fit` does
   * @throws StateError while a run of this trainer, or an evaluation of its model, is under way
   */
  trainStep(dataset: Dataset, first: number, count: number): StepResult {
    this.checkUsable();
    this.checkIdle("trainStep");
    if (this.model.evaluations.isHeld) {
      throw new StateError("the model is being evaluated: await what evaluate returned before calling trainStep");
    }
    const data = this.data.readRows(dataset, first, count);
    const { onNonFinite } = this;
    const kind = { mode: modeOf(onNonFinite), order: "given", data, samples: count } as const;
    const epoch = Math.max(1, this.epochs);
    const batches = [{ kind, first, entry: this.programs.get(kind) }];
    return this.stepper.train({ batches, onNonFinite, epoch, run: undefined, losses: this.losses });
  }

  /**
   * The program of a training step on the first `samples` samples of a data set, as it is now; for profiles and tests.
   * @throws ArgumentError for more samples than there are; else as `fit`
   */
  trainingProgram(dataset: Dataset, samples: number): Program {
    this.checkUsable();
    const data = this.data.read(dataset);
    checkInteger("samples", samples, 1, data.length);
    return this.programs.get({ mode: modeOf(this.onNonFinite), order: "given", data, samples }).program;
  }

  /**
   * Gives back at once what the trainer holds: the optimizer's state, data sets, programs; not the model. Without, that
   * happens some time after nothing refers to the trainer any more. Every other use, the next step of a run too, is a
   * StateError from now on. May be called again.
   * @throws StateError while the engine executes a program
   */
  dispose(): void {
    this.holding.dispose();
    this.model.engine.arena.trim();
  }

  private async *train(
    dataset: Dataset,
    data: ResidentData,
    batches: Batches,
    settings: FitSettings,
    control: RunControl,
  ): AsyncGenerator<EpochReport, void, void> {
    const { epochs, shuffle, onNonFinite, validation, onStep, gate, accumulate } = settings;
    const steps = Math.ceil(batches.steps / accumulate);
    try {
      const kind = { mode: modeOf(onNonFinite), order: shuffle ? "shuffled" : "given", data } as const;
      const batchesOf = this.prepare(kind, batches, settings);
      for (let epoch = 1; epoch <= epochs; epoch++) {
        const meter = new Meter();
        for (let step = 1; step <= steps; step++) {
          do {
            const mustWait = gate !== undefined || this.turns.isDue || !this.isFree(control);
            // Even where nothing is to be waited for, what else waits for promises comes to its turn.
            await (mustWait ? meter.leaveOut(this.turn(control, gate)) : Promise.resolve());
          } while (!this.isFree(control));
          if (control.isStopping) {
            this.stepper.checkState(onNonFinite, epoch);
            return;
          }
          if (step === 1) {
            this.data.readAgain(dataset, data);
            this.epochs++;
            if (shuffle) this.random.permutation(data.length, data.order());
          }
          const run = { step: (epoch - 1) * steps + step, steps: epochs * steps, epoch, epochs };
          const parts = batchesOf(step);
          const at = { batches: parts, onNonFinite, epoch: this.epochs, run, losses: this.losses };
          const result = this.stepper.train(at);
          const { loss, skipped } = result;
          const samples = parts.reduce((sum, part) => sum + part.kind.samples, 0);
          if (skipped) meter.skip();
          else meter.add(samples, result);
          const { accuracy, samplesPerSecond } = meter;
          onStep?.({ epoch, step, steps, loss, accuracy, skipped: meter.skipped, samplesPerSecond });
        }
        this.stepper.checkState(onNonFinite, epoch);
        const { samplesPerSecond, seconds } = meter.stop();
        const result =
          validation && (await this.measure(this.data.read(validation, validationSet), defaultEvaluationBatch));
        const { loss, accuracy, skipped } = meter;
        this.losses.push((result ?? meter).loss);
        yield { epoch, loss, accuracy, validation: result, skipped, samplesPerSecond, seconds };
      }
    } finally {
      this.isTraining = false;
      this.programs.letGo();
    }
  }

  /**
   * Compiles all programs of a run, so that whatever does not fit is told before its first step.
   * @returns the batches of each step of an epoch, by its number from 1
   */
  private prepare(
    kind: Omit<StepKind, "samples">,
    batches: Batches,
    { validation, accumulate }: FitSettings,
  ): (step: number) => readonly StepBatch[] {
    const { size, last, steps } = batches;
    const batchesOf = (step: number): readonly StepBatch[] => {
      const begin = (step - 1) * accumulate;
      const count = Math.min(accumulate, steps - begin);
      return Array.from({ length: count }, (_, i) => {
        const samples = begin + i + 1 < steps ? size : last;
        const isLast = i + 1 === count;
        const part = count === 1 ? "whole" : isLast ? "last" : i === 0 ? "first" : "middle";
        try {
          const whole = { ...kind, samples, part } as const;
          return { kind: whole, first: (begin + i) * size, entry: this.programs.keep(whole) };
        } catch (error) {
          throw batchError(error, batches, samples);
        }
      });
    };
    for (const step of [1, Math.ceil(steps / accumulate)]) batchesOf(step);
    if (validation) {
      const data = this.data.place(validation, validationSet);
      const evaluation = { mode: "evaluate", order: "given", data } as const;
      const { size, last } = cutIntoBatches(data.length, defaultEvaluationBatch, false);
      for (const samples of [size, last]) this.programs.keep({ ...evaluation, samples });
    }
    return batchesOf;
  }

  /** What a step waits for: the event loop, then whoever holds training, and last the gate. */
  private async turn(control: RunControl, gate: FitSettings["gate"]): Promise<void> {
    await this.turns.take();
    const { evaluations } = this.model;
    while (!this.isFree(control)) await (evaluations.isHeld ? evaluations.released() : control.change());
    if (gate && !control.isStopping) await control.unlessStopped(gate());
  }

  /** Whether nobody holds training: no loop at work on a report, no evaluation of the model. */
  private isFree(control: RunControl): boolean {
    return control.isStopping || !(control.isHeld || this.model.evaluations.isHeld);
  }

  private async measure(data: ResidentData, batchSize: number, averaged = false): Promise<Evaluation> {
    const { model, programs, stepper, turns } = this;
    const { length } = data;
    return model.evaluations.during(async () => {
      let meter = new Meter();
      let { stateVersion } = model;
      let first = 0;
      while (first < length) {
        const samples = Math.min(batchSize, length - first);
        const entry = programs.get({ mode: "evaluate", order: "given", data, samples });
        const run = (): void => stepper.runFrom(first, entry.program);
        if (averaged) this.withAverage(run);
        else run();
        meter.add(samples, resultOf(entry));
        first += samples;
        await turns.take();
        if (stateVersion === model.stateVersion) continue;
        [meter, first, stateVersion] = [new Meter(), 0, model.stateVersion];
      }
      return { loss: meter.loss, accuracy: meter.accuracy };
    });
  }

  /** Puts the averages in the place of the weights, and back. */
  private exchange(): void {
    this.update.checkHas("average");
    if (this.step > 0) this.update.exchange("average");
    this.isAveraged = !this.isAveraged;
  }

  /** Throws StateError if the trainer or its model was disposed, and while the engine executes a program. */
  private checkUsable(): void {
    this.holding.check();
    this.model.engine.memory.checkIdle();
  }

  private checkIdle(call: string): void {
    if (this.isAveraged) throw new StateError(`the weights are averages now: call ${call} outside withAverage`);
    if (!this.isTraining) return;
    throw new StateError(
      `this trainer is training already: await the run that fit returned, or end it by its stop(), before ${call}`,
    );
  }
}
