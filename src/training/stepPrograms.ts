import { type Emitter, type InputRecords, Graph, Program, ProgramCache, type Scalars, Value } from "../graph/index.js";
import type { Model } from "../layers/index.js";
import type { Loss } from "../losses/index.js";
import { checkPrediction } from "../losses/prediction.js";
import { type Counts, countsOf, lossOfBatch, wantedTargetShape } from "./batchLoss.js";
import type { Gathered, ResidentData } from "./residentData.js";
import type { OnNonFinite, StepGuard } from "./stepGuard.js";
import type { StepPart, Update } from "./update.js";

export interface StepKind {
  /** "train unguarded" makes the update though loss or gradient be NaN or infinite. */
  readonly mode: "train" | "train unguarded" | "evaluate";
  /** In which order batches take the samples: that of the data set, or the latest shuffle. */
  readonly order: "given" | "shuffled";
  readonly data: ResidentData;
  /** Of a batch. */
  readonly samples: number;
  /** Default "whole". */
  readonly part?: StepPart;
}

/** What a step computes. */
interface StepResults extends Counts {
  readonly loss: Value;
}

export interface StepProgram extends StepResults {
  readonly program: Program;
}

/** The values of a step in a graph. */
export interface TracedStep extends StepResults, Gathered<Value> {}

/** Loss of a batch, how many of its labels count, and how many are predicted rightly; undefined for losses without classes. */
export interface BatchResult {
  readonly loss: number;
  readonly correct: number | undefined;
  readonly counted: number | undefined;
}

/** Of a step of training. */
export interface StepResult extends BatchResult {
  /** Mean over the batch before the update; NaN if the step was skipped. */
  readonly loss: number;
  /** Whether no update was made because the step was not finite. */
  readonly skipped: boolean;
}

/** The mode of training steps. */
export function modeOf(onNonFinite: OnNonFinite): "train" | "train unguarded" {
  return onNonFinite === "continue" ? "train unguarded" : "train";
}

/** The programs of a trainer's steps, compiled when they are first asked for. */
export class StepPrograms {
  private readonly cache: ProgramCache<StepProgram>;

  constructor(
    private readonly model: Model,
    private readonly loss: Loss,
    private readonly scalars: Scalars,
    private readonly update: Update,
    private readonly guard: StepGuard,
  ) {
    this.cache = new ProgramCache(model.engine);
  }

  get(kind: StepKind): StepProgram {
    return this.cache.get(keyOf(kind), () => this.compile(kind));
  }

  /** Compiles a program and keeps it until `letGo`, however many others are asked for meanwhile. */
  keep(kind: StepKind): StepProgram {
    const program = this.get(kind);
    this.cache.kept.add(keyOf(kind));
    return program;
  }

  letGo(): void {
    this.cache.kept.clear();
  }

  /** Adds the model and the loss to a graph. */
  trace(graph: Graph, { mode, data, samples }: StepKind): TracedStep {
    const { model, loss: lossFunction } = this;
    const input = graph.input([samples, ...data.inputShape], "the model's input", model.dataType);
    const wanted = wantedTargetShape(lossFunction, model, data);
    const target = graph.input([samples, ...wanted], "the targets", data.hasLabels ? "i32" : "f32");
    const weights = data.isWeighted ? graph.input([samples], "the weights of samples") : undefined;
    const prediction = model.trace(graph, input, mode !== "evaluate");
    if (mode === "evaluate") checkPrediction(lossFunction, prediction, "evaluation");
    return graph.within("the loss", () => ({
      ...{ input, target, weights },
      loss: lossOfBatch(lossFunction, prediction, target, weights),
      ...countsOf(lossFunction, prediction, target),
    }));
  }

  /** Emits the records that gather the batch of a step. */
  gather({ order, data, samples }: StepKind, { input, target, weights }: TracedStep): InputRecords {
    return (emit, dataOf) => {
      const into = { input: dataOf(input), target: dataOf(target), weights: weights && dataOf(weights) };
      data.gather(emit, order === "shuffled", samples, into);
    };
  }

  private compile(kind: StepKind): StepProgram {
    const { model, scalars } = this;
    const { mode, part = "whole" } = kind;
    const graph = new Graph();
    const step = this.trace(graph, kind);
    const { loss, correct, counted } = step;
    const update = new Graph();
    if (mode !== "evaluate") this.update.trace(update, part);
    const program = new Program(model.engine, graph, {
      outputs: [loss, correct, counted].filter((value) => value instanceof Value),
      scalars,
      isTransient: true,
      before: this.gather(kind, step),
      ...(mode !== "evaluate" && {
        backward: { from: loss },
        ...(mode === "train" && { after: (emit: Emitter) => this.guard.emit(emit, emit.data(loss)) }),
        update,
      }),
    });
    return { program, loss, correct, counted };
  }
}

export function resultOf({ program, loss, correct, counted }: StepProgram): BatchResult {
  return {
    loss: program.readScalar(loss),
    correct: correct && program.readScalar(correct),
    counted: counted instanceof Value ? program.readScalar(counted) : counted,
  };
}

function keyOf({ mode, order, data, samples, part = "whole" }: StepKind): string {
  return `${mode} ${part} ${samples} of ${data.number} as ${order}`;
}
