import { WasmgradError } from "../engine/index.js";
import {
  type MemoryRange,
  type InputRecords,
  Graph,
  Program,
  type Scalars,
  type Sighting,
  sizeOf,
  type Value,
} from "../graph/index.js";
import type { Model, StateEntry } from "../layers/index.js";
import type { TracedStep } from "./stepPrograms.js";

/** A step that is to be executed once more. Its scalars, such as dropout's counter, still stand as they did. */
export interface DiagnosedStep {
  readonly model: Model;
  readonly scalars: Scalars;
  readonly trace: (graph: Graph) => TracedStep;
  /** Emits the records that gather the batch. */
  readonly gather: (step: TracedStep) => InputRecords;
  /** Runs a program on the batch. */
  readonly run: (program: Program) => void;
  /** Indices in the data set of the samples of the batch. */
  readonly samples: ArrayLike<number>;
}

export interface Diagnosis {
  /** What is first to blame: data, state as it was before the step, or what the step computed. */
  readonly cause: "data" | "state" | "computation" | "unknown";
  /** In a sentence. */
  readonly finding: string;
  /** The largest magnitude among the inputs of the batch, if known. */
  readonly largestInput?: number;
}

/**
 * Finds what is first to blame for a step that was not finite, in the order in which things come to be: inputs and targets,
 * parameters, what each operation computes, what each contributes to gradients, sums of that, running statistics. The step
 * is executed once more, without fusion and without an update; the model is afterwards as it was.
 */
export function diagnose(step: DiagnosedStep): Diagnosis {
  const { buffers, engine } = step.model;
  const bufferView = (): Float32Array | undefined => buffers && engine.memory.f32(buffers.address, buffers.bytes / 4);
  const previous = bufferView()?.slice();
  try {
    return execute(step, previous);
  } catch (error) {
    // Memory for a program without fusion may lack, and operations of the user's may throw.
    if (!(error instanceof WasmgradError)) throw error;
    return { cause: "unknown", finding: `Where it came from could not be found: ${error.message}.` };
  } finally {
    if (previous) bufferView()!.set(previous);
    buffers?.holding?.changed();
  }
}

function execute({ model, scalars, trace, gather, run, samples }: DiagnosedStep, previous?: Float32Array): Diagnosis {
  let first: string | undefined;
  const watch = (sighting: Sighting): void => void (first ??= describeSighting(sighting, samples));
  const graph = new Graph();
  const step = trace(graph);
  const { input, target, weights, loss } = step;
  // With something after it, as in a training step, gradients of parameters end up where an optimizer would read them.
  const after = (): void => undefined;
  const options = {
    outputs: [loss],
    backward: { from: loss },
    scalars,
    before: gather(step),
    after,
    fuse: false,
    watch,
  };
  const program = new Program(model.engine, graph, options);
  try {
    run(program);
    const inputs = input.dataType === "f32" ? program.read(input) : new Float32Array();
    const largestInput = inputs.reduce((largest, x) => Math.max(largest, Math.abs(x)), 0);
    const describe = (name: string, value: Value | undefined): string | undefined =>
      value?.dataType === "f32" ? describeData(name, value, program.read(value), samples) : undefined;
    const data = describe("input", input) ?? describe("target", target) ?? describe("weight", weights);
    if (data !== undefined) return { cause: "data", finding: data };
    const parameter = describeParameters(model);
    if (parameter !== undefined) {
      const finding = `${parameter} already before this step: it was loaded so, or an earlier update made it so.`;
      return { cause: "state", finding, largestInput };
    }
    const finding = first ?? describeGradients(model) ?? describeBuffers(model, previous);
    if (finding !== undefined) return { cause: "computation", finding, largestInput };
    const nothing = "Executed once more, operation by operation, all values and gradients of the step were finite.";
    return { cause: "unknown", finding: nothing, largestInput };
  } finally {
    program.dispose();
  }
}

function describeSighting(
  { source, value, isGradient, data }: Sighting,
  samples: ArrayLike<number>,
): string | undefined {
  const at = firstNonFinite(data);
  if (at === undefined) return undefined;
  const where = sampleOf(value, at, samples);
  return isGradient
    ? `All values are finite; the first gradient that is not is ${data[at]!}, which ${source} ` +
        `gives to ${value.label}${where}.`
    : `The first value that is not finite is ${data[at]!}, computed by ${source}${where}.`;
}

function describeData(name: string, value: Value, data: Float32Array, samples: ArrayLike<number>): string | undefined {
  const at = firstNonFinite(data);
  if (at === undefined) return undefined;
  return `The first value that is not finite is in the ${name}: ${data[at]!}${sampleOf(value, at, samples)}.`;
}

/** The first parameter of a model that is not finite; undefined if all are. */
export function describeParameters(model: Model): string | undefined {
  const found = firstEntry(model, ({ trainable, data }) => (trainable ? data : undefined));
  return found && `The parameter ${found.name} holds ${found.value}`;
}

/** Sums of contributions may overflow where none of them does. */
function describeGradients(model: Model): string | undefined {
  const found = firstEntry(model, ({ gradient }) => gradient);
  return found && `All values are finite; the gradient of ${found.name}, summed over its uses, holds ${found.value}.`;
}

/** What of a model's buffers has become infinite or NaN; what was so before may mean something, as in a mask. */
function describeBuffers(model: Model, previous: Float32Array | undefined): string | undefined {
  const { buffers } = model;
  if (!buffers || !previous) return undefined;
  const found = firstEntry(
    model,
    ({ trainable, data }) => (trainable ? undefined : data),
    (address) => Number.isFinite(previous[(address - buffers.address) / 4]),
  );
  return found && `All values and gradients are finite, but ${found.name} became ${found.value}.`;
}

function firstEntry(
  model: Model,
  bufferOf: (entry: StateEntry) => MemoryRange | undefined,
  counts: (address: number) => boolean = () => true,
): { readonly name: string; readonly value: number } | undefined {
  for (const entry of model.entries) {
    const buffer = bufferOf(entry);
    if (!buffer) continue;
    const values = model.engine.memory.f32(buffer.address, sizeOf(entry.shape));
    const at = values.findIndex((value, i) => !Number.isFinite(value) && counts(buffer.address + 4 * i));
    if (at >= 0) return { name: entry.name, value: values[at]! };
  }
  return undefined;
}

function firstNonFinite(data: Float32Array): number | undefined {
  const at = data.findIndex((value) => !Number.isFinite(value));
  return at < 0 ? undefined : at;
}

/** " for sample 17 of the data set", if the first axis of a value is the batch. */
function sampleOf({ shape, size, storage }: Value, at: number, samples: ArrayLike<number>): string {
  if (storage || shape[0] !== samples.length) return "";
  return ` for sample ${samples[Math.floor(at / (size / samples.length))]!} of the data set`;
}
