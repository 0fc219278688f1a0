import {
  alignUp,
  ArgumentError,
  type Block,
  checkInteger,
  checkNesting,
  type Engine,
  FormatError,
  type Numbers,
  samplesOf,
  ShapeError,
} from "../engine/index.js";
import { Buffer, formatShape, Graph, Program, ProgramCache, type Shape, sizeOf, type Value } from "../graph/index.js";
import {
  type FilePath,
  type FileSource,
  type FileTensor,
  parseSafetensors,
  readSource,
  serializeSafetensors,
  writeFileAtomically,
} from "../io/index.js";
import { fusionRules } from "../ops/fusion.js";
import { checkBatchAxis, tracedBatch } from "./batchAxis.js";
import { Hold } from "./hold.js";
import { type Layer, Scope, type StateEntry, StateStore } from "./scope.js";

export interface BuildOptions {
  /** Shape of one sample, without the batch: [features] or [height, width, channels]. */
  readonly inputShape: Shape;
}

export interface PredictOptions {
  /** Samples computed at once; bounds the memory of activations. Default 256. */
  readonly batchSize?: number;
}

/** Parameters that lie next to each other, so that an optimizer updates them in one record. */
export interface ParameterGroup {
  readonly weights: Buffer;
  readonly gradients: Buffer;
  /** Number of floats, padding between parameters included; the padding and its gradient are 0. */
  readonly count: number;
}

/** Layers with their state in an engine's memory. The memory is given back when the model is garbage-collected. */
export class Model {
  /** Shape of one output, without the batch. */
  readonly outputShape: Shape;
  readonly inputShape: Shape;
  readonly parameterGroup: ParameterGroup;
  /** All buffers, such as running statistics, next to each other; undefined if there are none. */
  readonly buffers: Buffer | undefined;
  /** Evaluations under way, while which trainers of this model make no step. */
  readonly evaluations = new Hold();
  private loads = 0;
  private readonly store = new StateStore();
  private readonly predictions = new ProgramCache<{ program: Program; input: Value; output: Value }>();

  /** Use `nn.sequential(…).build(engine, { inputShape })`. */
  constructor(
    readonly engine: Engine,
    private readonly layer: Layer,
    { inputShape }: BuildOptions,
  ) {
    for (const length of inputShape) checkInteger("inputShape", length, 1);
    this.inputShape = [...inputShape];
    const graph = new Graph();
    const output = this.trace(graph, graph.input([tracedBatch, ...inputShape], "the model's input"), true);
    checkBatchAxis(graph, output);
    this.store.freeze();
    this.outputShape = output.shape.slice(1);

    const trainable = this.entries.filter((entry) => entry.trainable);
    const weights = this.allocate(
      trainable.map((entry) => entry.data),
      "parameters",
    );
    const gradients = this.allocate(
      trainable.map((entry) => entry.gradient!),
      "gradients",
    );
    const untrained = this.entries.filter((entry) => !entry.trainable).map((entry) => entry.data);
    if (untrained.length > 0) {
      const block = this.allocate(untrained, "model buffers");
      this.buffers = Buffer.at(block, 0, block.bytes, "model buffers");
    }
    this.parameterGroup = {
      weights: Buffer.at(weights, 0, weights.bytes, "parameters"),
      gradients: Buffer.at(gradients, 0, gradients.bytes, "gradients"),
      count: weights.bytes / 4,
    };
    for (const { name, shape, initializer } of this.entries) this.setState(name, initializer(shape, engine.random));
  }

  /** Number of trainable numbers. */
  get parameterCount(): number {
    return this.entries.reduce((sum, { shape, trainable }) => sum + (trainable ? sizeOf(shape) : 0), 0);
  }

  /** How often `loadState` has replaced the state. */
  get stateVersion(): number {
    return this.loads;
  }

  /** Names and shapes of all state, in order of declaration. */
  get entries(): readonly StateEntry[] {
    return [...this.store.entries.values()];
  }

  /** Adds the model's nodes to a graph. `training` decides what batch norm and dropout do. */
  trace(graph: Graph, x: Value, training: boolean): Value {
    return this.layer.apply(x, new Scope(graph, training, this.store));
  }

  /**
   * Evaluates the model on samples laid out one after another.
   * @param inputs any number of samples of `inputShape`, as `data.dataset` takes them: numbers in a typed or plain array, or
   * arrays of samples; bytes are scaled by 1/255
   * @returns their outputs, of `outputShape` each
   * @throws ArgumentError for what holds no numbers, or no whole number of samples
   */
  predict(inputs: Numbers, { batchSize = 256 }: PredictOptions = {}): Float32Array<ArrayBuffer> {
    checkInteger("batchSize", batchSize, 1);
    const taken = samplesOf(inputs, "inputs");
    const sampleSize = sizeOf(this.inputShape);
    const samples = taken.data.length / sampleSize;
    if (!Number.isInteger(samples)) {
      throw new ArgumentError(
        `predict wants samples of shape ${formatShape(this.inputShape)}, ${sampleSize} numbers each; got ${taken.data.length}`,
      );
    }
    checkNesting("inputs", taken, samples, this.inputShape);
    const outputSize = sizeOf(this.outputShape);
    const outputs = new Float32Array(samples * outputSize);
    for (let first = 0; first < samples; first += batchSize) {
      const count = Math.min(batchSize, samples - first);
      const { program, input, output } = this.predictionProgram(count);
      const chunk = taken.data.subarray(first * sampleSize, (first + count) * sampleSize);
      program.write(input, chunk instanceof Uint8Array ? bytesToUnit(chunk) : chunk);
      program.run();
      outputs.set(program.read(output), first * outputSize);
    }
    return outputs;
  }

  /** A copy of every parameter and buffer, by name. */
  state(): Map<string, FileTensor> {
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
   * @throws FormatError if a tensor is missing, unknown or of another shape; nothing is changed then
   */
  loadState(state: ReadonlyMap<string, FileTensor>, source = "state"): void {
    for (const { name, shape } of this.entries) {
      const tensor = state.get(name);
      if (!tensor) throw new FormatError(`${source} has no tensor ${name}, which this model needs`);
      if (formatShape(tensor.shape) !== formatShape(shape)) {
        throw new FormatError(
          `${source}: ${name} is ${formatShape(tensor.shape)}, this model wants ${formatShape(shape)}`,
        );
      }
    }
    for (const name of state.keys()) {
      if (!this.store.entries.has(name))
        throw new FormatError(`${source} has a tensor ${name}, which this model lacks`);
    }
    for (const { name } of this.entries) this.setState(name, state.get(name)!.data);
    this.loads++;
  }

  /** All state as the bytes of a safetensors file: what a browser offers for download. */
  toBytes(): Uint8Array<ArrayBuffer> {
    const metadata = { format: "wasmgrad", layout: "linear [in, out]; conv2d [height, width, in, out]" };
    return serializeSafetensors(this.state(), metadata);
  }

  /**
   * Saves all state as a safetensors file. What was there is replaced only once the new file is complete; it keeps its mode,
   * and of a symbolic link it is the target. Throws ArgumentError, naming the path, if it cannot be written.
   * @param path a path, or a URL that begins with file:
   */
  async save(path: FilePath): Promise<void> {
    await writeFileAtomically(path, this.toBytes());
  }

  /**
   * Loads what `save` wrote. Throws FormatError, and changes nothing, if the file is damaged or of another model;
   * ArgumentError if it cannot be read.
   * @param source a path, a URL that begins with file:, the bytes of the file, or a Blob or File
   * @param fileName what errors call it. Default: its path or name
   */
  async load(source: FileSource, fileName?: string): Promise<void> {
    const { bytes, name } = await readSource(source, fileName);
    this.loadState(parseSafetensors(bytes, name).tensors, name);
  }

  private setState(name: string, data: Float32Array): void {
    const { data: buffer, shape } = this.store.entries.get(name)!;
    if (data.length !== sizeOf(shape)) {
      throw new ShapeError(`${name} has shape ${formatShape(shape)}; its initializer gave ${data.length} numbers`);
    }
    this.engine.memory.f32(buffer.address, data.length).set(data);
  }

  private allocate(buffers: readonly Buffer[], label: string): Block {
    const bytes = buffers.reduce((sum, buffer) => sum + alignUp(buffer.bytes), 0);
    const block = this.engine.memory.allocateFor(this, bytes, label);
    let offset = 0;
    for (const buffer of buffers) {
      buffer.place(block, offset);
      offset += alignUp(buffer.bytes);
    }
    return block;
  }

  private predictionProgram(samples: number): { program: Program; input: Value; output: Value } {
    return this.predictions.get(String(samples), () => {
      const graph = new Graph();
      const input = graph.input([samples, ...this.inputShape], "the model's input");
      const output = this.trace(graph, input, false);
      return { program: new Program(this.engine, graph, { outputs: [output], rules: fusionRules }), input, output };
    });
  }
}

/** Bytes scaled by 1/255, rounded as the gather kernel rounds. */
function bytesToUnit(bytes: Uint8Array): Float32Array {
  const scale = Math.fround(1 / 255);
  return Float32Array.from(bytes, (byte) => byte * scale);
}
