import { ArgumentError, show, type FieldValues, type KernelName, ShapeError } from "../engine/index.js";
import { Buffer } from "./buffer.js";
import { checkShape, formatShape, type Shape, sizeOf } from "./shape.js";

/** Elements are float32, or int32 for class labels. */
export type DataType = "f32" | "i32";

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

/** Throws ArgumentError unless what `operation` was given are values, as operations and `graph.input` return them. */
export function checkValues(operation: string, ...values: readonly unknown[]): void {
  for (const value of values) {
    if (value instanceof Value) continue;
    throw new ArgumentError(
      `${operation} wants values of a graph, as graph.input and operations give them; got ${show(value)}`,
    );
  }
}

/** The values and nodes of one computation, in the order they were made, which is an order of execution. */
export class Graph {
  readonly nodes: Node[] = [];
  readonly inputs: Value[] = [];
  /** By their memory. */
  private readonly states = new Map<Buffer, Value>();
  private readonly places: string[] = [];

  /**
   * A value that the caller writes before the program runs.
   * @throws ShapeError, MemoryError for a shape that no value can have
   */
  input(shape: Shape, label: string, dataType: DataType = "f32", requiresGradient = false): Value {
    if (!["f32", "i32"].includes(dataType)) {
      throw new ArgumentError(`input ${label}: data are "f32" or "i32", got ${show(dataType)}`);
    }
    const checked = checkShape(`input ${label}`, shape);
    const value = new Value(this, checked, dataType, undefined, undefined, requiresGradient, label);
    this.inputs.push(value);
    return value;
  }

  /**
   * A value in memory that outlives the program; trainable if it has `gradientStorage`. The same memory is always the same
   * value: two would each write the gradient as if it were theirs alone.
   * @throws ShapeError if the memory is smaller than the value, or that of a value of another shape
   */
  state(shape: Shape, storage: Buffer, label: string, gradientStorage?: Buffer): Value {
    if (!(storage instanceof Buffer))
      throw new ArgumentError(`${label}: wants the memory of state, got ${show(storage)}`);
    const known = this.states.get(storage);
    if (known) {
      if (formatShape(known.shape) === formatShape(shape)) return known;
      throw new ShapeError(`${label} is ${formatShape(known.shape)} and cannot also be ${formatShape(shape)}`);
    }
    const checked = checkShape(label, shape);
    for (const { bytes } of gradientStorage ? [storage, gradientStorage] : [storage]) {
      if (bytes >= 4 * sizeOf(checked)) continue;
      throw new ShapeError(
        `${label} ${formatShape(checked)} takes ${4 * sizeOf(checked)} bytes, its memory has ${bytes}`,
      );
    }
    const value = new Value(this, checked, "f32", storage, gradientStorage, gradientStorage !== undefined, label);
    this.states.set(storage, value);
    return value;
  }

  /**
   * Adds a node and returns its output. Operations in src/ops call this after checking shapes.
   * @throws ShapeError, MemoryError for a shape that no value can have; ShapeError for values of another graph
   * @throws ArgumentError for integers where the operation wants floats
   */
  apply<A, S>(
    operation: Operation<A, S>,
    inputs: readonly Value[],
    attributes: A,
    shape: Shape,
    dataType: DataType = "f32",
  ): Value {
    for (const input of inputs) {
      if (input.graph !== this) throw new ShapeError(`${operation.name}: ${input.label} belongs to another graph`);
      if (input.dataType !== "f32" && !operation.takesIntegers) {
        throw new ArgumentError(`${operation.name}: wants float32 values, ${input.label} holds int32`);
      }
    }
    const source = this.sourceOf(operation.name);
    const label = `the output of ${source}`;
    const checked = checkShape(label, shape);
    const requiresGradient = operation.backward !== undefined && inputs.some((input) => input.requiresGradient);
    const output = new Value(this, checked, dataType, undefined, undefined, requiresGradient, label);
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
  /** Inputs may be int32; it has checked which. */
  readonly takesIntegers?: boolean;
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
  /**
   * A read-only table of int32 that belongs to the program, e.g. of offsets. `fill` is called once its memory is there: what
   * does not fit is refused before it is computed.
   */
  constant(length: number, label: string, fill: (table: Int32Array) => void): Buffer;
  /** A 4-byte slot that TypeScript writes before each run, e.g. "learningRate". The same name is the same slot. */
  scalar(name: string): Buffer;
  /** A distinct number for each node that draws random numbers: its stream. */
  stream(): number;
  /** Appends a record. */
  record<K extends KernelName>(kernel: K, fields: FieldValues<K>): void;
  /**
   * Appends a call of a TypeScript function, which gets views of the buffers it names in `uses`. The views are valid
   * during the call only, so the function must not be async: a promise that it returns is a KernelError.
   */
  hostCall(uses: readonly Buffer[], call: (views: readonly Float32Array[]) => unknown): void;
  /**
   * Backward: calls `write` with a buffer for the gradient of each value, in which it must write (not add) this node's
   * contribution; undefined for a value that needs none. Not called if no value needs one. A value used several times
   * gets the sum of all contributions.
   */
  contribute(values: readonly Value[], write: (gradients: readonly (Buffer | undefined)[]) => void): void;
  /** Backward: `gradient` itself is this node's contribution to the gradient of `value` (as for add and reshape). */
  pass(value: Value, gradient: Buffer): void;
}
