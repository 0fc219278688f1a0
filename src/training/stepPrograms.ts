import { type Buffer, Graph, Program, ProgramCache, type Scalars, type Shape, type Value } from "../graph/index.js";
import type { Model } from "../layers/index.js";
import type { Loss } from "../losses/index.js";
import { checkPrediction } from "../losses/prediction.js";
import { fusionRules } from "../ops/fusion.js";
import type { Optimizer } from "../optim/index.js";
import type { ResidentData } from "./residentData.js";

export interface StepKind {
  readonly mode: "train" | "evaluate";
  /** In which order batches take the samples: that of the data set, or the latest shuffle. */
  readonly order: "given" | "shuffled";
  readonly data: ResidentData;
  /** Of a batch. */
  readonly samples: number;
}

export interface StepProgram {
  readonly program: Program;
  readonly loss: Value;
  readonly correct: Value | undefined;
}

/** Loss of a batch, and how many of its samples are predicted rightly; undefined for losses without classes. */
export interface StepResult {
  readonly loss: number;
  readonly correct: number | undefined;
}

/** The programs of a trainer's steps, compiled when they are first asked for. */
export class StepPrograms {
  private readonly cache: ProgramCache<StepProgram>;

  constructor(
    private readonly model: Model,
    private readonly loss: Loss,
    private readonly optimizer: Optimizer,
    private readonly scalars: Scalars,
    private readonly optimizerState: readonly Buffer[],
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

  private compile({ mode, order, data, samples }: StepKind): StepProgram {
    const { model, scalars, loss: lossFunction, optimizer } = this;
    const graph = new Graph();
    const input = graph.input([samples, ...data.inputShape], "the model's input");
    const isClasses = lossFunction.targets === "classes";
    const targetShape: Shape = isClasses ? [samples] : [samples, ...wantedTargetShape(lossFunction, model)];
    const target = graph.input(targetShape, "the targets", isClasses ? "i32" : "f32");
    const prediction = model.trace(graph, input, mode === "train");
    if (mode === "evaluate") checkPrediction(lossFunction, prediction, "evaluation");
    const { loss, correct } = graph.within("the loss", () => ({
      loss: lossFunction.apply(prediction, target),
      correct: lossFunction.countCorrect?.(prediction, target),
    }));
    const program = new Program(model.engine, graph, {
      outputs: correct ? [loss, correct] : [loss],
      scalars,
      rules: fusionRules,
      isTransient: true,
      before: (emit, dataOf) => data.gather(emit, order === "shuffled", samples, dataOf(input), dataOf(target)),
      ...(mode === "train" && {
        backward: { from: loss },
        after: (emit) => optimizer.update(emit, { ...model.parameterGroup, state: this.optimizerState }),
      }),
    });
    return { program, loss, correct };
  }
}

export function resultOf({ program, loss, correct }: StepProgram): StepResult {
  return { loss: program.readScalar(loss), correct: correct && program.readScalar(correct) };
}

/** Shape of a sample's target under a loss on values. */
export function wantedTargetShape(loss: Loss, { outputShape }: Model): Shape {
  return loss.targetShape ? loss.targetShape(outputShape) : outputShape;
}

function keyOf({ mode, order, data, samples }: StepKind): string {
  return `${mode} ${samples} of ${data.number} as ${order}`;
}
