import { type Engine, type Holding, typedArrayKind } from "../engine/index.js";
import { type Dataset, type Inputs, isSameShape, type Targets } from "../data/dataset.js";
import { type DataType, MemoryRange, type Emitter, type Shape, sizeOf } from "../graph/index.js";

/** What a batch is gathered into, of the inputs of a program. */
export interface Gathered<T> {
  readonly input: T;
  readonly target: T;
  readonly weights: T | undefined;
}

/**
 * A copy of a data set in linear memory, with tables of sample indices that say in which order batches take them: shuffled
 * for training, sequential for evaluation. A batch is gathered by records at the start of a step's program: the rows
 * indices[cursor … cursor + batch).
 */
export class ResidentData {
  readonly length: number;
  readonly inputShape: Shape;
  readonly targetShape: Shape;
  /** Whether targets are integers. */
  readonly hasLabels: boolean;
  private readonly inputs: MemoryRange;
  private readonly targets: MemoryRange;
  private readonly weights: MemoryRange | undefined;
  private readonly shuffled: MemoryRange;
  private readonly sequential: MemoryRange;
  private readonly holding: Holding;
  private readonly inputType: string | undefined;
  private readonly targetType: string | undefined;

  /**
   * Memory for a data set; nothing is copied yet.
   * @param trainer whose programs take batches from it; it goes when the trainer does
   * @param views those of the data set, checked
   * @param modelType what the model takes: bytes and integers are numbers or tokens by that
   * @param number tells the data sets of a trainer apart, without holding on to them
   */
  constructor(
    private readonly engine: Engine,
    trainer: Holding,
    views: Dataset,
    private readonly modelType: DataType,
    readonly number: number,
  ) {
    const { length, inputs, targets, inputShape, targetShape, sampleWeights } = views;
    this.length = length;
    this.inputShape = inputShape;
    this.targetShape = targetShape;
    this.inputType = typedArrayKind(inputs);
    this.targetType = typedArrayKind(targets);
    this.hasLabels = this.targetType !== "Float32Array";
    this.holding = engine.memory.writable().hold("data set");
    this.holding.dependOn(trainer);
    try {
      this.inputs = this.allocate(inputs.byteLength, "inputs of the data set");
      this.targets = this.allocate(targets.byteLength, "targets of the data set");
      this.weights = sampleWeights && this.allocate(sampleWeights.byteLength, "weights of the data set");
      this.shuffled = this.allocate(4 * length, "shuffled order of the data set");
      this.sequential = this.allocate(4 * length, "order of the data set");
    } catch (error) {
      this.holding.dispose();
      throw error;
    }
    for (const { address } of [this.shuffled, this.sequential]) {
      const order = engine.memory.i32(address, length);
      for (let i = 0; i < length; i++) order[i] = i;
    }
  }

  /** Whether samples have weights. */
  get isWeighted(): boolean {
    return this.weights !== undefined;
  }

  /** Whether this memory, and the programs that gather from it, suit a data set of these views. */
  fits({ length, inputs, targets, inputShape, targetShape, sampleWeights }: Dataset): boolean {
    return (
      this.length === length &&
      this.isWeighted === (sampleWeights !== undefined) &&
      this.inputType === typedArrayKind(inputs) &&
      this.targetType === typedArrayKind(targets) &&
      isSameShape(this.inputShape, inputShape) &&
      isSameShape(this.targetShape, targetShape)
    );
  }

  /** Copies samples to their places, from sample `first` on. @param targets theirs, checked */
  write(first: number, { inputs, sampleWeights }: Dataset, targets: Targets): void {
    const areNumbers = inputs instanceof Int32Array && this.modelType === "f32";
    this.copy(areNumbers ? Float32Array.from(inputs) : inputs, this.inputs, first * sizeOf(this.inputShape));
    this.copy(targets, this.targets, first * sizeOf(this.targetShape));
    if (sampleWeights && this.weights) this.copy(sampleWeights, this.weights, first);
  }

  /** The order of training, to be permuted in place. The view is valid until memory grows. */
  order(): Int32Array<ArrayBuffer> {
    return this.engine.memory.writable().i32(this.shuffled.address, this.length);
  }

  /** Indices of the `count` samples from `first` on in one of the orders. */
  samplesOf(order: "given" | "shuffled", first: number, count: number): Int32Array {
    if (order === "shuffled") return this.order().slice(first, first + count);
    return Int32Array.from({ length: count }, (_, i) => first + i);
  }

  /** Emits the records that gather `batch` samples from `cursor` on into the inputs of a program. */
  gather(emit: Emitter, isShuffled: boolean, batch: number, { input, target, weights }: Gathered<MemoryRange>): void {
    const indices = isShuffled ? this.shuffled : this.sequential;
    const common = { indices, cursor: emit.scalar("cursor"), rows: batch };
    const integers = (type: string | undefined) => (type === "Uint8Array" ? "gatherByteLabels" : "gatherWords");
    const ofInputs = { ...common, source: this.inputs, y: input, columns: sizeOf(this.inputShape) };
    const areScaled = this.inputType === "Uint8Array" && this.modelType === "f32";
    if (areScaled) emit.record("gatherBytes", { ...ofInputs, scale: 1 / 255, offset: 0 });
    else emit.record(integers(this.inputType), ofInputs);
    const ofTargets = { ...common, source: this.targets, y: target, columns: sizeOf(this.targetShape) };
    emit.record(integers(this.targetType), ofTargets);
    if (weights) emit.record("gatherWords", { ...common, source: this.weights, y: weights, columns: 1 });
  }

  private copy(from: Inputs | Targets, to: MemoryRange, element: number): void {
    const bytes = new Uint8Array(from.buffer, from.byteOffset, from.byteLength);
    this.engine.memory
      .writable()
      .u8(to.address + element * from.BYTES_PER_ELEMENT, bytes.length)
      .set(bytes);
  }

  private allocate(bytes: number, label: string): MemoryRange {
    return MemoryRange.at(this.holding.allocate(bytes, label), 0, bytes, label, this.holding);
  }
}
