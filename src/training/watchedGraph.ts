import type { FieldValues, KernelName } from "../engine/index.js";
import {
  type Buffer,
  type DataType,
  type Emitter,
  Graph,
  type Node,
  type Operation,
  type Shape,
  type Value,
} from "../graph/index.js";

/** A result of an operation, looked at as soon as it is computed. */
export interface Sighting {
  readonly node: Node;
  /** What was computed: the output, forward, or what backward contributes to the gradient of an input. */
  readonly value: Value;
  readonly isGradient: boolean;
  /** Valid during the call only. */
  readonly data: Float32Array;
}

/**
 * A graph whose programs show every floating-point result of every operation in the order of execution. Nothing is kept for
 * it, so they need hardly more memory than others.
 */
export class WatchedGraph extends Graph {
  constructor(private readonly look: (sighting: Sighting) => void) {
    super();
  }

  override apply<A, S>(
    operation: Operation<A, S>,
    inputs: readonly Value[],
    attributes: A,
    shape: Shape,
    dataType?: DataType,
  ): Value {
    const { look } = this;
    const watched: Operation<A, S> = {
      ...operation,
      forward(emit, node) {
        const saved = operation.forward(emit, node);
        const value = node.output;
        if (value.dataType === "f32") {
          emit.hostCall([emit.data(value)], ([data]) => look({ node: node, value, isGradient: false, data: data! }));
        }
        return saved;
      },
      ...(operation.backward && {
        backward(emit, node, saved, dy) {
          const show = (value: Value, data: Float32Array): void => look({ node: node, value, isGradient: true, data });
          operation.backward!(new WatchedEmitter(emit, show), node, saved, dy);
        },
      }),
    };
    return super.apply(watched, inputs, attributes, shape, dataType);
  }
}

/** Emits for an operation, and a call of `show` after the records of each gradient that it contributes. */
class WatchedEmitter implements Emitter {
  constructor(
    private readonly emit: Emitter,
    private readonly show: (value: Value, data: Float32Array) => void,
  ) {}

  contribute(values: readonly Value[], write: (gradients: readonly (Buffer | undefined)[]) => void): void {
    this.emit.contribute(values, (gradients) => {
      write(gradients);
      gradients.forEach((gradient, i) => {
        if (gradient) this.emit.hostCall([gradient], ([data]) => this.show(values[i]!, data!));
      });
    });
  }

  get training(): boolean {
    return this.emit.training;
  }
  data(value: Value): Buffer {
    return this.emit.data(value);
  }
  scratch(bytes: number, label: string): Buffer {
    return this.emit.scratch(bytes, label);
  }
  constant(length: number, label: string, fill: (table: Int32Array) => void): Buffer {
    return this.emit.constant(length, label, fill);
  }
  scalar(name: string): Buffer {
    return this.emit.scalar(name);
  }
  stream(): number {
    return this.emit.stream();
  }
  record<K extends KernelName>(kernel: K, fields: FieldValues<K>): void {
    this.emit.record(kernel, fields);
  }
  hostCall(uses: readonly Buffer[], call: (views: readonly Float32Array[]) => void): void {
    this.emit.hostCall(uses, call);
  }
  pass(value: Value, gradient: Buffer): void {
    this.emit.pass(value, gradient);
  }
}
