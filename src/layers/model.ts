import {
  ArgumentError,
  checkInteger,
  checkNesting,
  checkText,
  DisposableBase,
  type Engine,
  floatsOf,
  type Holding,
  integerFrom,
  MemoryError,
  mostLength,
  type Numbers,
  numbersOf,
  oneOf,
  optional,
  readOptions,
  samplesOf,
  ShapeError,
  show,
  type Taken,
  takeIntegers,
  type Tensor,
  unread,
} from "../engine/index.js";
import {
  MemoryRange,
  checkEngine,
  checkValues,
  formatShape,
  Graph,
  Program,
  ProgramCache,
  type Shape,
  sizeOf,
  type Value,
} from "../graph/index.js";
import { checkBatchAxis, tracedBatch } from "./batchAxis.js";
import { Hold } from "./hold.js";
import { type Layer, Scope } from "./scope.js";
import { matchState } from "./state.js";
import { type StateEntry, StateStore } from "./stateStore.js";

export interface BuildOptions {
  /** Shape of one sample, without the batch: [features] or [height, width, channels]. */
  readonly inputShape: Shape;
  /** What inputs are: "f32" numbers, or "i32" tokens. Default "f32". */
  readonly dataType?: "f32" | "i32";
}

export interface PredictOptions {
  /** Samples computed at once; bounds the memory of activations. Default 256. */
  readonly batchSize?: number;
}

/** Parameters that lie next to each other, so that an optimizer updates them in one record. */
export interface ParameterGroup {
  readonly weights: MemoryRange;
  readonly gradients: MemoryRange;
  /** Number of floats, padding between parameters included; the padding and its gradient are 0. */
  readonly count: number;
}

/**
 * Layers with their state in an engine's memory. The memory is given back by `dispose`, or some time after the model and
 * what was made of it (trainers, programs) are garbage.
 */
export class Model extends DisposableBase {
  /** Shape of one output, without the batch. */
  readonly outputShape: Shape;
  readonly inputShape: Shape;
  /** What inputs are: numbers, or tokens. */
  readonly dataType: "f32" | "i32";
  /** @internal */
  readonly parameterGroup: ParameterGroup;
  /** All buffers, such as running statistics, next to each other; undefined if there are none. @internal */
  readonly buffers: MemoryRange | undefined;
  /** Evaluations under way, while which trainers of this model make no step. @internal */
  readonly evaluations = new Hold();
  /** What the memory of the state belongs to. @internal */
  readonly holding: Holding;
  private loads = 0;
  private readonly store = new StateStore();
  private readonly predictions: ProgramCache<{ program: Program; input: Value; output: Value }>;

  /** Use `nn.sequential(…).build(engine, { inputShape })`. */
  constructor(
    readonly engine: Engine,
    private readonly layer: Layer,
    options: BuildOptions,
  ) {
    super();
    checkEngine("build", engine);
    const { inputShape, dataType } = readOptions("build", options, {
      inputShape: unread<Shape>(),
      dataType: optional(oneOf(["f32", "i32"]), "f32" as const),
    });
    this.inputShape = checkInputShape(inputShape);
    this.dataType = dataType;
    this.holding = engine.memory.writable().hold("model");
    this.predictions = new ProgramCache(engine);
    const graph = new Graph();
    const output = this.trace(graph, this.input(graph, tracedBatch), true);
    checkBatchAxis(graph, output);
    this.store.freeze();
    this.outputShape = output.shape.slice(1);

    try {
      ({ group: this.parameterGroup, buffers: this.buffers } = this.allocate());
      engine.random.transaction(() => {
        for (const entry of this.entries) this.initialize(entry);
      });
    } catch (error) {
      this.holding.dispose();
      throw error;
    }
  }

  /** Number of trainable numbers. */
  get parameterCount(): number {
    return this.entries.reduce((sum, { shape, trainable }) => sum + (trainable ? sizeOf(shape) : 0), 0);
  }

  /** How often `loadState` has replaced the state. @internal */
  get stateVersion(): number {
    return this.loads;
  }

  /** Names and shapes of all state, in order of declaration. */
  get entries(): readonly StateEntry[] {
    return [...this.store.entries.values()];
  }

  /** Adds the model's nodes to a graph. `training` decides what batch norm and dropout do. @internal */
  trace(graph: Graph, x: Value, training: boolean): Value {
    this.holding.check();
    checkValues("a model", x);
    if (x.graph !== graph) throw new ShapeError(`a model is traced into one graph: ${x.label} belongs to another`);
    return this.layer.apply(x, new Scope(graph, training, this.store));
  }

  /**
   * Evaluates the model on samples laid out one after another.
   * @param inputs any number of samples of `inputShape`, as `data.dataset` takes them: numbers in a typed or plain array, or
   * arrays of samples; bytes are scaled by 1/255. For a model of int32 all are whole numbers, bytes too
   * @returns their outputs, of `outputShape` each
   * @throws ArgumentError for what holds no numbers, or no whole number of samples
   */
  predict(inputs: Numbers, options: PredictOptions = {}): Float32Array<ArrayBuffer> {
    const { batchSize } = readOptions("predict", options, { batchSize: optional(integerFrom(1, mostLength), 256) });
    this.holding.check();
    const areTokens = this.dataType === "i32";
    const taken: Taken<Uint8Array | Int32Array | Float32Array> = areTokens
      ? takeIntegers(inputs, "inputs")
      : samplesOf(inputs, "inputs");
    const sampleSize = sizeOf(this.inputShape);
    const samples = taken.data.length / sampleSize;
    if (!Number.isInteger(samples)) {
      throw new ArgumentError(
        `predict wants samples of shape ${formatShape(this.inputShape)}, ${sampleSize} numbers each; got ${taken.data.length}`,
      );
    }
    checkNesting("inputs", taken, samples, this.inputShape);
    const outputSize = sizeOf(this.outputShape);
    const outputs = newOutputs(samples, this.outputShape);
    for (let first = 0; first < samples; first += batchSize) {
      const count = Math.min(batchSize, samples - first);
      const { program, input, output } = this.predictionProgram(count);
      // Looked at anew: an operation of the caller's own may have handed the memory over meanwhile.
      const chunk = (numbersOf(taken.data, "inputs") as typeof taken.data).subarray(
        first * sampleSize,
        (first + count) * sampleSize,
      );
      program.write(input, chunk instanceof Uint8Array && !areTokens ? bytesToUnit(chunk) : chunk);
      program.run();
      outputs.set(program.read(output), first * outputSize);
    }
    return outputs;
  }

  /** A copy of every parameter and buffer, by name. */
  state(): Map<string, Tensor> {
    this.holding.check();
    const { memory } = this.engine;
    return new Map(
      this.entries.map(({ name, shape, data }) => [
        name,
        { shape, data: memory.f32(data.address, sizeOf(shape)).slice() },
      ]),
    );
  }

  /**
   * Replaces parameters and buffers.
   * @throws FormatError if a tensor is missing, unknown, or of another shape or length, ArgumentError for what is no Map of
   *   tensors of numbers; nothing is changed then
   */
  loadState(state: ReadonlyMap<string, Tensor>, source = "state"): void {
    this.holding.check();
    checkText("the name of a state", source);
    const loaded = matchState(this.entries, state, source);
    const memory = this.engine.memory.writable();
    for (const { entry, data } of loaded) memory.f32(entry.data.address, data.length).set(data);
    this.holding.changed();
    this.loads++;
  }

  /**
   * Gives the memory of the model back at once, with that of the trainers and programs that were made of it; without, that
   * happens some time after nothing refers to it any more. Every other use of them is a StateError from now on. May be
   * called again.
   * @throws StateError while the engine executes a program
   */
  dispose(): void {
    this.engine.memory.checkIdle();
    this.predictions.clear();
    this.holding.dispose();
    this.engine.arena.trim();
  }

  /** Places all state in memory. */
  private allocate(): { readonly group: ParameterGroup; readonly buffers: MemoryRange | undefined } {
    const { holding } = this;
    const bytes = this.entries.reduce((sum, { data, gradient }) => sum + data.bytes + (gradient?.bytes ?? 0), 0);
    this.engine.memory.checkFits(bytes, "parameters and their gradients");
    const place = (buffers: readonly MemoryRange[], label: string): MemoryRange => {
      const block = { address: 0, bytes: 0, label, owner: "models" };
      Object.assign(block, holding.allocate(MemoryRange.placeAll(buffers, block, holding), label));
      return MemoryRange.at(block, 0, block.bytes, label, holding);
    };
    // Vectors after all others: an optimizer that treats biases and norms in another way has two neighbourhoods, not many.
    const isVector = ({ shape }: StateEntry): number => Number(shape.length <= 1);
    const trainable = this.entries.filter((entry) => entry.trainable).sort((a, b) => isVector(a) - isVector(b));
    const weights = place(
      trainable.map((entry) => entry.data),
      "parameters",
    );
    const gradients = place(
      trainable.map((entry) => entry.gradient!),
      "gradients",
    );
    const untrained = this.entries.filter((entry) => !entry.trainable).map((entry) => entry.data);
    const buffers = untrained.length > 0 ? place(untrained, "model buffers") : undefined;
    return { group: { weights, gradients, count: weights.bytes / 4 }, buffers };
  }

  private initialize({ name, shape, initializer, data: buffer }: StateEntry): void {
    const data = floatsOf(initializer(shape, this.engine.random), `the initial numbers of ${name}`);
    if (data.length !== sizeOf(shape)) {
      throw new ShapeError(`${name} has shape ${formatShape(shape)}; its initializer gave ${data.length} numbers`);
    }
    this.engine.memory.writable().f32(buffer.address, data.length).set(data);
  }

  private input(graph: Graph, samples: number): Value {
    return graph.input([samples, ...this.inputShape], "the model's input", this.dataType);
  }

  private predictionProgram(samples: number): { program: Program; input: Value; output: Value } {
    return this.predictions.get(String(samples), () => {
      const graph = new Graph();
      const input = this.input(graph, samples);
      const output = this.trace(graph, input, false);
      const program = new Program(this.engine, graph, { outputs: [output], isTransient: true });
      return { program, input, output };
    });
  }
}

/** Bytes scaled by 1/255, rounded as the gather kernel rounds. */
function bytesToUnit(bytes: Uint8Array): Float32Array {
  const scale = Math.fround(1 / 255);
  return Float32Array.from(bytes, (byte) => byte * scale);
}

function checkInputShape(shape: Shape): Shape {
  if (!Array.isArray(shape)) throw new ArgumentError(`inputShape must be an array of lengths, got ${show(shape)}`);
  for (const length of shape as Shape) checkInteger("inputShape", length, 1, mostLength);
  return [...(shape as Shape)];
}

/** Room for the outputs of so many samples. Throws MemoryError if the host has none. */
function newOutputs(samples: number, shape: Shape): Float32Array<ArrayBuffer> {
  const size = samples * sizeOf(shape);
  try {
    return new Float32Array(size);
  } catch (cause) {
    throw new MemoryError(
      `the host has no ${4 * size} bytes for ${samples} outputs of shape ${formatShape(shape)}; predict fewer at once`,
      { cause },
    );
  }
}
