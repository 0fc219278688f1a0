import { type Engine, type Holding, typedArrayKind } from "../engine/index.js";
import { type Dataset, type Inputs, isSameShape, type Targets } from "../data/dataset.js";
import { MemoryRange, type Emitter, type Shape, sizeOf } from "../graph/index.js";

/**
 * A copy of a data set in linear memory, with tables of sample indices that say in which order batches take them: shuffled
 * for training, sequential for evaluation. A batch is gathered by records at the start of a step's program: the rows
 * indices[cursor … cursor + batch).
 */
export class ResidentData {
  readonly length: number;
  readonly inputShape: Shape;
  readonly targetShape: Shape;
  private readonly inputs: MemoryRange;
  private readonly targets: MemoryRange;
  private readonly shuffled: MemoryRange;
  private readonly sequential: MemoryRange;
  private readonly holding: Holding;
  private readonly inputType: string | undefined;
  private readonly targetType: string | undefined;

  /**
   * Memory for a data set; nothing is copied yet.
   * @param trainer whose programs take batches from it; it goes when the trainer does
   * @param views those of the data set, checked
   * @param number tells the data sets of a trainer apart, without holding on to them
   */
  constructor(
    private readonly engine: Engine,
    trainer: Holding,
    views: Dataset,
    readonly number: number,
  ) {
    const { length, inputs, targets, inputShape, targetShape } = views;
    this.length = length;
    this.inputShape = inputShape;
    this.targetShape = targetShape;
    this.inputType = typedArrayKind(inputs);
    this.targetType = typedArrayKind(targets);
    this.holding = engine.memory.writable().hold("data set");
    this.holding.dependOn(trainer);
    try {
      this.inputs = this.allocate(inputs.byteLength, "inputs of the data set");
      this.targets = this.allocate(targets.byteLength, "targets of the data set");
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

  /** Whether this memory, and the programs that gather from it, suit a data set of these views. */
  fits({ length, inputs, targets, inputShape, targetShape }: Dataset): boolean {
    return (
      this.length === length &&
      this.inputType === typedArrayKind(inputs) &&
      this.targetType === typedArrayKind(targets) &&
      isSameShape(this.inputShape, inputShape) &&
      isSameShape(this.targetShape, targetShape)
    );
  }

  /** Copies samples to their places, from sample `first` on. */
  write(first: number, inputs: Inputs, targets: Targets): void {
    this.copy(inputs, this.inputs, first * sizeOf(this.inputShape));
    this.copy(targets, this.targets, first * sizeOf(this.targetShape));
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

  /** Emits the records that gather `batch` samples from `cursor` on into the inputs and targets of a program. */
  gather(emit: Emitter, isShuffled: boolean, batch: number, inputs: MemoryRange, targets: MemoryRange): void {
    const indices = isShuffled ? this.shuffled : this.sequential;
    const common = { indices, cursor: emit.scalar("cursor"), rows: batch };
    const ofInputs = { ...common, source: this.inputs, y: inputs, columns: sizeOf(this.inputShape) };
    if (this.inputType === "Uint8Array") emit.record("gatherBytes", { ...ofInputs, scale: 1 / 255, offset: 0 });
    else emit.record("gatherWords", ofInputs);
    const ofTargets = { ...common, source: this.targets, y: targets, columns: sizeOf(this.targetShape) };
    emit.record(this.targetType === "Uint8Array" ? "gatherByteLabels" : "gatherWords", ofTargets);
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
