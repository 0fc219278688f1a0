import type { Block, Engine } from "../engine/index.js";
import type { Dataset } from "../data/dataset.js";
import { Buffer, type Emitter, sizeOf } from "../graph/index.js";

/**
 * A data set in linear memory, with tables of sample indices that say in which order batches take them: shuffled for
 * training, sequential for evaluation. A batch is gathered by records at the start of a step's program: the rows
 * indices[cursor … cursor + batch).
 */
export class ResidentData {
  private readonly inputs: Buffer;
  private readonly targets: Buffer;
  private readonly shuffled: Buffer;
  private readonly sequential: Buffer;

  /** @param number tells the data sets of a trainer apart, without holding on to them */
  constructor(
    private readonly engine: Engine,
    readonly dataset: Dataset,
    readonly number: number,
  ) {
    this.inputs = this.upload(dataset.inputs, "inputs of the data set");
    this.targets = this.upload(dataset.targets, "targets of the data set");
    const inOrder = Int32Array.from({ length: dataset.length }, (_, i) => i);
    this.shuffled = this.upload(inOrder, "shuffled order of the data set");
    this.sequential = this.upload(inOrder, "order of the data set");
  }

  /** The order of training, to be permuted in place. The view is valid until memory grows. */
  order(): Int32Array<ArrayBuffer> {
    return this.engine.memory.i32(this.shuffled.address, this.dataset.length);
  }

  /** Emits the records that gather `batch` samples from `cursor` on into the inputs and targets of a program. */
  gather(emit: Emitter, isShuffled: boolean, batch: number, inputs: Buffer, targets: Buffer): void {
    const { dataset } = this;
    const indices = isShuffled ? this.shuffled : this.sequential;
    const common = { indices, cursor: emit.scalar("cursor"), rows: batch };
    const inputSize = sizeOf(dataset.inputShape);
    if (dataset.inputs instanceof Uint8Array) {
      emit.record("gatherBytes", {
        ...common,
        source: this.inputs,
        y: inputs,
        columns: inputSize,
        scale: 1 / 255,
        offset: 0,
      });
    } else emit.record("gatherWords", { ...common, source: this.inputs, y: inputs, columns: inputSize });
    if (dataset.targets instanceof Float32Array) {
      const columns = sizeOf(dataset.targetShape);
      emit.record("gatherWords", { ...common, source: this.targets, y: targets, columns });
    } else {
      const kernel = dataset.targets instanceof Uint8Array ? "gatherByteLabels" : "gatherWords";
      emit.record(kernel, { ...common, source: this.targets, y: targets, columns: 1 });
    }
  }

  private upload(data: Uint8Array | Int32Array | Float32Array, label: string): Buffer {
    const { memory } = this.engine;
    const block: Block = memory.allocateFor(this, data.byteLength, label);
    memory.u8(block.address, data.byteLength).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return Buffer.at(block, 0, data.byteLength, label);
  }
}
