import {
  ArgumentError,
  checkBoolean,
  checkFunction,
  checkText,
  type Numbers,
  ShapeError,
  show,
} from "../engine/index.js";
import { bytesOfType, checkDataType, type DataType, titleOfType } from "./dataType.js";
import { takeElements } from "./elements.js";
import { MemoryRange } from "./memoryRange.js";
import {
  type AnyInputs,
  type AnyOperation,
  type Assignment,
  type Node,
  type Specification,
  Value,
  type ValueGraph,
} from "./node.js";
import { checkShape, formatShape, type Shape, sizeOf } from "./shape.js";

/** The values and nodes of one computation, in the order they were made, which is an order of execution. */
export class Graph implements ValueGraph {
  readonly inputs: Value[] = [];
  /** @internal */
  readonly assignments: Assignment[] = [];
  private nodeList: Node[] = [];
  private readonly places: string[] = [];
  /** Provenance of the nodes that a rule makes: that of the node it was made for. */
  private fixedSource: string | undefined;
  private streams = 0;

  /** Provenance of the nodes that are made now. @internal */
  get source(): string {
    return this.fixedSource ?? this.places.at(-1) ?? "the graph";
  }

  /** @internal */
  get nodes(): readonly Node[] {
    return this.nodeList;
  }
  /** By their memory. */
  private readonly states = new Map<MemoryRange, Value>();

  /**
   * A value that the caller writes before the program runs.
   * @throws ShapeError, MemoryError for a shape that no value can have
   * @throws ArgumentError for a type that none has, and arguments of other kinds
   */
  input(shape: Shape, label: string, dataType: DataType = "f32", requiresGradient = false): Value {
    checkText("the label of an input", label);
    checkBoolean(`input ${label}: requiresGradient`, requiresGradient);
    checkDataType(`input ${label}: the data type`, dataType);
    const checked = checkShape(`input ${label}`, shape);
    const value = new Value(this, checked, dataType, label, { requiresGradient });
    this.inputs.push(value);
    return value;
  }

  /**
   * A value in memory that outlives the program; trainable if it has `gradientStorage`. The same memory is always the same
   * value: two would each write the gradient as if it were theirs alone.
   * @throws ShapeError if the memory is smaller than the value, or that of a value of another shape
   * @internal
   */
  state(shape: Shape, storage: MemoryRange, label: string, gradientStorage?: MemoryRange): Value {
    if (!(storage instanceof MemoryRange))
      throw new ArgumentError(`${label}: wants the memory of state, got ${show(storage)}`);
    const known = this.states.get(storage);
    if (known) {
      if (formatShape(known.shape) === formatShape(shape)) return known;
      throw new ShapeError(`${label} is ${formatShape(known.shape)} and cannot also be ${formatShape(shape)}`);
    }
    const checked = checkShape(label, shape);
    for (const { bytes } of gradientStorage ? [storage, gradientStorage] : [storage]) {
      const wanted = bytesOfType("f32") * sizeOf(checked);
      if (bytes >= wanted) continue;
      throw new ShapeError(`${label} ${formatShape(checked)} takes ${wanted} bytes, its memory has ${bytes}`);
    }
    const value = new Value(this, checked, "f32", label, { storage, ...(gradientStorage && { gradientStorage }) });
    this.states.set(storage, value);
    return value;
  }

  /**
   * A value whose contents are the same in every run.
   * @param contents the elements, or one number that all are
   * @param dataType default: int32 for an Int32Array, float32 for all else
   * @throws ShapeError, MemoryError for a shape that no value can have, or that `contents` does not
   * @throws ArgumentError for what holds no numbers, or numbers that the type does not have
   */
  constant(shape: Shape, contents: Numbers | number, label = "a constant", dataType?: DataType): Value {
    checkText("the label of a constant", label);
    const checked = checkShape(label, shape);
    const type = checkDataType(`${label}: the data type`, dataType ?? (contents instanceof Int32Array ? "i32" : "f32"));
    if (typeof contents === "number") {
      takeElements([contents], type, label);
      return new Value(this, checked, type, label, { constant: contents });
    }
    const constant = takeElements(contents, type, label).data;
    if (constant.length !== sizeOf(checked)) {
      throw new ShapeError(`${label} ${formatShape(checked)} cannot have ${constant.length} elements`);
    }
    return new Value(this, checked, type, label, { constant });
  }

  /**
   * The integers 0 … length − 1, int32. `ops.expand`, `ops.reshape` and `ops.cast` make of them what else is wanted.
   * @throws ShapeError, MemoryError for what is no length
   */
  iota(length: number, label = "iota"): Value {
    checkShape(label, [length]);
    return this.constant(
      [length],
      Int32Array.from({ length }, (_, i) => i),
      label,
    );
  }

  /** Has a program that runs this graph write `value` to the memory of `state`. @internal */
  assign(state: Value, value: Value): void {
    this.assignments.push({ state, value });
  }

  /** Whether a node draws random numbers. @internal */
  get drawsRandomNumbers(): boolean {
    return this.streams > 0;
  }

  /** A number for each node that draws random numbers, in the order they are made: its stream. @internal */
  stream(): number {
    return this.streams++;
  }

  /**
   * Adds a node and returns its outputs. Operations call this; use theirs.
   * @throws ShapeError, MemoryError for inputs that do not fit, and for a shape that no value can have
   * @throws ArgumentError for integers where the operation wants floats
   * @internal
   */
  apply(operation: AnyOperation, inputs: AnyInputs, attributes: unknown): Readonly<Record<string, Value>> {
    for (const name of operation.inputNames) {
      const input = inputs[name];
      if (input && input.graph !== this) {
        throw new ShapeError(`${operation.name}: ${input.label} belongs to another graph`);
      }
    }
    const node = this.node(operation, inputs, attributes, this.sourceOf(operation));
    for (const name of operation.inputNames) {
      const input = inputs[name];
      if (!input || input.dataType === "f32" || operation.otherTypes.has(name)) continue;
      // Pointwise programs read float16 as float32.
      const readsHalf = operation.pointwise !== undefined || operation.reduce !== undefined || !operation.lower;
      if (input.dataType === "f16" && readsHalf && !operation.isView) continue;
      throw new ArgumentError(
        `${operation.name}: wants float32 values, ${input.label} holds ${titleOfType(input.dataType)}; convert it by ` +
          `cast(x, "f32")`,
      );
    }
    this.nodeList.push(node);
    return node.outputs;
  }

  /** A node that is not part of the graph (yet): its outputs are those given, where given, and new values otherwise. @internal */
  node(
    operation: AnyOperation,
    inputs: AnyInputs,
    attributes: unknown,
    source: string,
    given: Readonly<Record<string, Value>> = {},
  ): Node {
    const specifications = operation.shape(inputs, attributes);
    const outputs = Object.fromEntries(
      operation.outputNames.map((name) => [
        name,
        given[name] ?? this.output(name, specifications[name]!, operation, source),
      ]),
    );
    return { operation, inputs, attributes, outputs, source };
  }

  /** Adds nodes that were made apart from the graph. @internal */
  append(nodes: readonly Node[]): void {
    this.nodeList.push(...nodes);
  }

  /**
   * Runs `build`; messages and profiles say of its nodes that they are in `place`, e.g. "layer 2.0 (linear)" or "the loss".
   * Of places within each other the innermost counts.
   */
  within<T>(place: string, build: () => T): T {
    checkText("a place of a graph", place);
    checkFunction("what is built within a place", build, "() => ops.relu(x)");
    this.places.push(place);
    try {
      return build();
    } finally {
      this.places.pop();
    }
  }

  /** The nodes that `build` makes, with the given provenance. They do not stay in the graph. @internal */
  collect(source: string, build: () => void): readonly Node[] {
    const { nodeList, fixedSource } = this;
    const collected: Node[] = [];
    this.nodeList = collected;
    this.fixedSource = source;
    try {
      build();
    } finally {
      this.nodeList = nodeList;
      this.fixedSource = fixedSource;
    }
    return collected;
  }

  private output(name: string, specification: Specification, operation: AnyOperation, source: string): Value {
    const { shape, dataType } =
      "shape" in specification ? specification : ({ shape: specification, dataType: "f32" } as const);
    const isFirst = name === operation.outputNames[0];
    const label = isFirst ? `the output of ${source}` : `${name} of ${source}`;
    return new Value(this, checkShape(label, shape), dataType, label);
  }

  private sourceOf(operation: AnyOperation): string {
    if (this.fixedSource !== undefined) return this.fixedSource;
    const place = this.places.at(-1);
    if (place === undefined) return operation.name;
    return place.endsWith(`(${operation.name})`) ? place : `${operation.name} in ${place}`;
  }
}
