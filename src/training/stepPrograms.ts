import {
  type Emitter,
  type InputRecords,
  Graph,
  Program,
  ProgramCache,
  type Scalars,
  type Shape,
  type Value,
} from "../graph/index.js";
import type { Model } from "../layers/index.js";
import type { Loss } from "../losses/index.js";
import { checkPrediction } from "../losses/prediction.js";
import type { ResidentData } from "./residentData.js";
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

export interface StepProgram {
  readonly program: Program;
  readonly loss: Value;
  readonly correct: Value | undefined;
}

/** The values of a step in a graph. */
export interface TracedStep {
  readonly input: Value;
  readonly target: Value;
  readonly loss: Value;
  readonly correct: Value | undefined;
}

/** Loss of a batch, and how many of its samples are predicted rightly; undefined for losses without classes. */
export interface BatchResult {
  readonly loss: number;
  readonly correct: number | undefined;
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
    const input = graph.input([samples, ...data.inputShape], "the model's input");
    const isClasses = lossFunction.targets === "classes";
    const targetShape: Shape = isClasses ? [samples] : [samples, ...wantedTargetShape(lossFunction, model)];
    const target = graph.input(targetShape, "the targets", isClasses ? "i32" : "f32");
    const prediction = model.trace(graph, input, mode !== "evaluate");
    if (mode === "evaluate") checkPrediction(lossFunction, prediction, "evaluation");
    return graph.within("the loss", () => ({
      ...{ input, target },
      loss: lossFunction.apply(prediction, target),
      correct: lossFunction.countCorrect?.(prediction, target),
    }));
  }

  /** Emits the records that gather the batch of a step. */
  gather({ order, data, samples }: StepKind, { input, target }: TracedStep): InputRecords {
    return (emit, dataOf) => data.gather(emit, order === "shuffled", samples, dataOf(input), dataOf(target));
  }

  private compile(kind: StepKind): StepProgram {
    const { model, scalars } = this;
    const { mode, part = "whole" } = kind;
    const graph = new Graph();
    const step = this.trace(graph, kind);
    const { loss, correct } = step;
    const update = new Graph();
    if (mode !== "evaluate") this.update.trace(update, part);
    const program = new Program(model.engine, graph, {
      outputs: correct ? [loss, correct] : [loss],
      scalars,
      isTransient: true,
      before: this.gather(kind, step),
      ...(mode !== "evaluate" && {
        backward: { from: loss },
        ...(mode === "train" && { after: (emit: Emitter) => this.guard.emit(emit, emit.data(loss)) }),
        update,
      }),
    });
    return { program, loss, correct };
  }
}

export function resultOf({ program, loss, correct }: StepProgram): BatchResult {
  return { loss: program.readScalar(loss), correct: correct && program.readScalar(correct) };
}

/** Shape of a sample's target under a loss on values. */
export function wantedTargetShape(loss: Loss, { outputShape }: Model): Shape {
  return loss.targetShape ? loss.targetShape(outputShape) : outputShape;
}

function keyOf({ mode, order, data, samples, part = "whole" }: StepKind): string {
  return `${mode} ${part} ${samples} of ${data.number} as ${order}`;
}
