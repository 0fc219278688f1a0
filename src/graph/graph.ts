import { type FieldValues, type KernelName, ShapeError } from "../engine/index.js";
import type { Buffer } from "./buffer.js";

export type Shape = readonly number[];
/** Elements are float32, or int32 for class labels. */
export type DataType = "f32" | "i32";

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** A value as messages tell of it: "the output of layer 0 (linear), [1, 5]". */
export function formatValue({ label, shape }: Value): string {
  return `${label}, ${formatShape(shape)}`;
}

/** A tensor of known shape in a graph. Nothing is computed when it is made; the program compiled from the graph does. */
export class Value {
  constructor(
    readonly graph: Graph,
    readonly shape: Shape,
    readonly dataType: DataType,
    /** Fixed memory of a parameter or other state; undefined where the planner decides. */
    readonly storage: Buffer | undefined,
    /** Where the gradient of a trainable parameter is accumulated. */
    readonly gradientStorage: Buffer | undefined,
    readonly requiresGradient: boolean,
    /** What messages call it: "the output of layer 0 (linear)", "0.weight". */
    readonly label: string,
  ) {}

  get size(): number {
    return sizeOf(this.shape);
  }
  get bytes(): number {
    return this.size * 4;
  }
}

/** The values and nodes of one computation, in the order they were made, which is an order of execution. */
export class Graph {
  readonly nodes: Node[] = [];
  readonly inputs: Value[] = [];
  /** By their memory. */
  private readonly states = new Map<Buffer, Value>();
  private readonly places: string[] = [];

  /** A value that the caller writes before the program runs. */
  input(shape: Shape, label: string, dataType: DataType = "f32", requiresGradient = false): Value {
    const value = new Value(this, shape, dataType, undefined, undefined, requiresGradient, label);
    this.inputs.push(value);
    return value;
  }

  /**
   * A value in memory that outlives the program; trainable if it has `gradientStorage`. The same memory is always the same
   * value: two would each write the gradient as if it were theirs alone. Throws ShapeError if it has another shape by now.
   */
  state(shape: Shape, storage: Buffer, label: string, gradientStorage?: Buffer): Value {
    const known = this.states.get(storage);
    if (known) {
      if (formatShape(known.shape) === formatShape(shape)) return known;
      throw new ShapeError(`${label} is ${formatShape(known.shape)} and cannot also be ${formatShape(shape)}`);
    }
    const value = new Value(this, shape, "f32", storage, gradientStorage, gradientStorage !== undefined, label);
    this.states.set(storage, value);
    return value;
  }

  /** Adds a node and returns its output. Operations in src/ops call this after checking shapes. */
  apply<A, S>(
    operation: Operation<A, S>,
    inputs: readonly Value[],
    attributes: A,
    shape: Shape,
    dataType: DataType = "f32",
  ): Value {
    for (const input of inputs) {
      if (input.graph !== this) throw new ShapeError(`${operation.name}: ${input.label} belongs to another graph`);
    }
    const source = this.sourceOf(operation.name);
    const requiresGradient = operation.backward !== undefined && inputs.some((input) => input.requiresGradient);
    const label = `the output of ${source}`;
    const output = new Value(this, shape, dataType, undefined, undefined, requiresGradient, label);
    this.nodes.push({ operation, inputs, attributes, source, output });
    return output;
  }

  /**
   * Runs `build`; messages and profiles say of its nodes that they are in `place`, e.g. "layer 2.0 (linear)" or "the loss".
   * Of places within each other the innermost counts.
   */
  within<T>(place: string, build: () => T): T {
    this.places.push(place);
    try {
      return build();
    } finally {
      this.places.pop();
    }
  }

  private sourceOf(operation: string): string {
    const place = this.places.at(-1);
    if (place === undefined) return operation;
    return place.endsWith(`(${operation})`) ? place : `${operation} in ${place}`;
  }
}

/** One application of an operation. */
export interface Node<A = unknown, S = unknown> {
  readonly operation: Operation<A, S>;
  readonly inputs: readonly Value[];
  readonly attributes: A;
  readonly output: Value;
  /** The operation and its place: "layer 0 (linear)", "add in layer 1 (residual)". */
  readonly source: string;
}

/**
 * What an operation knows: its kernel records forward and backward. The shape rule is in the function that makes the node.
 * @typeParam A attributes fixed when the graph is built (strides, flags)
 * @typeParam S what forward keeps for backward (buffers of statistics, packed operands)
 */
export interface Operation<A = unknown, S = unknown> {
  readonly name: string;
  /**
   * The output is the first input under another shape: it shares its memory and no records are emitted.
   */
  readonly isView?: boolean;
  /** Emits the records that write `emit.data(node.output)`; returns what backward needs. */
  forward(emit: Emitter, node: Node<A, S>): S;
  /** Emits the records that turn `dy`, the gradient of the output, into those of the inputs, by `emit.contribute`. */
  backward?(emit: Emitter, node: Node<A, S>, saved: S, dy: Buffer): void;
}

/** What operations emit records with. Every record gets the provenance of the node that is being emitted. */
export interface Emitter {
  /** Whether backward records will follow; if not, forward need not keep anything. */
  readonly training: boolean;
  /** Memory of a value. */
  data(value: Value): Buffer;
  /** Memory in the arena, alive from the first record that refers to it to the last. Contents start undefined. */
  scratch(bytes: number, label: string): Buffer;
  /** Read-only data that belongs to the program, e.g. a table of offsets. */
  constant(data: Int32Array | Float32Array, label: string): Buffer;
  /** A 4-byte slot that TypeScript writes before each run, e.g. "learningRate". The same name is the same slot. */
  scalar(name: string): Buffer;
  /** A distinct number for each node that draws random numbers: its stream. */
  stream(): number;
  /** Appends a record. */
  record<K extends KernelName>(kernel: K, fields: FieldValues<K>): void;
  /**
   * Appends a call of a TypeScript function, which gets views of the buffers it names in `uses`. The views are valid
   * during the call only.
   */
  hostCall(uses: readonly Buffer[], call: (views: readonly Float32Array[]) => void): void;
  /**
   * Backward: calls `write` with a buffer for the gradient of each value, in which it must write (not add) this node's
   * contribution; undefined for a value that needs none. Not called if no value needs one. A value used several times
   * gets the sum of all contributions.
   */
  contribute(values: readonly Value[], write: (gradients: readonly (Buffer | undefined)[]) => void): void;
  /** Backward: `gradient` itself is this node's contribution to the gradient of `value` (as for add and reshape). */
  pass(value: Value, gradient: Buffer): void;
}
