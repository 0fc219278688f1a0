import {
  ArgumentError,
  type FieldValues,
  type InstructionName,
  type KernelName,
  type Numbers,
  type Placed,
  type Reader,
  type RecordWork,
  show,
} from "../engine/index.js";
import { bytesOfType, type DataType } from "./dataType.js";
import type { Elements } from "./elements.js";
import type { Strided } from "./layout.js";
import type { MemoryRange } from "./memoryRange.js";
import { formatShape, type Shape, sizeOf } from "./shape.js";

// Values, the nodes that compute them and the operations that nodes apply speak of one another, so they stand together.

/** Throws ArgumentError unless what `operation` was given are values, as operations and `graph.input` return them. */
export function checkValues(operation: string, ...values: readonly unknown[]): void {
  for (const value of values) {
    if (value instanceof Value) continue;
    throw new ArgumentError(
      `${operation} wants values of a graph, as graph.input and operations give them; got ${show(value)}`,
    );
  }
}

/** A value as messages tell of it: "the output of layer 0 (linear), [1, 5]". */
export function formatValue({ label, shape }: Pick<Value, "label" | "shape">): string {
  return `${label}, ${formatShape(shape)}`;
}

/** The elements of a constant, or one number that all of them are. */
export type Contents = Elements | number;

/** Where a value that no node computes comes from. */
export interface Origin {
  /** Fixed memory of a parameter or other state. */
  readonly storage?: MemoryRange;
  /** Where the gradient of a trainable parameter is to end up. */
  readonly gradientStorage?: MemoryRange;
  /** Contents that are the same in every run: the elements, or one number that all of them are. */
  readonly constant?: Contents;
  /** Whether a program that differentiates computes its gradient. Default: if it has `gradientStorage`. */
  readonly requiresGradient?: boolean;
}

/** A tensor of known shape in a graph. Nothing is computed when it is made; the program compiled from the graph does. */
export class Value {
  /** @internal */
  readonly storage: MemoryRange | undefined;
  /** @internal */
  readonly gradientStorage: MemoryRange | undefined;
  /** @internal */
  readonly constant: Contents | undefined;
  readonly requiresGradient: boolean;

  constructor(
    readonly graph: ValueGraph,
    readonly shape: Shape,
    readonly dataType: DataType,
    readonly label: string,
    { storage, gradientStorage, constant, requiresGradient = gradientStorage !== undefined }: Origin = {},
  ) {
    this.storage = storage;
    this.gradientStorage = gradientStorage;
    this.constant = constant;
    this.requiresGradient = requiresGradient;
  }

  get size(): number {
    return sizeOf(this.shape);
  }
  get bytes(): number {
    return this.size * bytesOfType(this.dataType);
  }
}

/** The new contents of a value that has memory of its own, written when the program runs. */
export interface Assignment {
  readonly state: Value;
  readonly value: Value;
}

/** The graph of a value: what operations, and whatever compiles it, see of it. The class is Graph. */
export interface ValueGraph {
  /** @internal */
  readonly nodes: readonly Node[];
  readonly inputs: readonly Value[];
  /** @internal */
  readonly assignments: readonly Assignment[];
  /** Provenance of the nodes that are made now. @internal */
  readonly source: string;
  /** A value that the caller writes before the program runs. */
  input(shape: Shape, label: string, dataType?: DataType, requiresGradient?: boolean): Value;
  /** A value in memory that outlives the program; trainable if it has `gradientStorage`. @internal */
  state(shape: Shape, storage: MemoryRange, label: string, gradientStorage?: MemoryRange): Value;
  /** A value whose contents are the same in every run: these elements, or one number that all of them are. */
  constant(shape: Shape, contents: Numbers | number, label?: string, dataType?: DataType): Value;
  /** The integers 0 … length − 1, int32. */
  iota(length: number, label?: string): Value;
  /** Has a program that runs this graph write `value` to the memory of `state`. @internal */
  assign(state: Value, value: Value): void;
  /** A number for each node that draws random numbers, in the order they are made: its stream. @internal */
  stream(): number;
  /** Adds a node and returns its outputs. @internal */
  apply(operation: AnyOperation, inputs: AnyInputs, attributes: unknown): Readonly<Record<string, Value>>;
  /** A node that is not part of the graph (yet): its outputs are those given, where given, and new values otherwise. @internal */
  node(
    operation: AnyOperation,
    inputs: AnyInputs,
    attributes: unknown,
    source: string,
    given?: Readonly<Record<string, Value>>,
  ): Node;
  /** Runs `build`; messages and profiles say of its nodes that they are in `place`. */
  within<T>(place: string, build: () => T): T;
  /** Adds nodes that were made apart from the graph. @internal */
  append(nodes: readonly Node[]): void;
  /** The nodes that `build` makes, with the given provenance. They do not stay in the graph. @internal */
  collect(source: string, build: () => void): readonly Node[];
}

/** One application of an operation. */
export interface Node {
  readonly operation: AnyOperation;
  readonly inputs: AnyInputs;
  readonly attributes: unknown;
  readonly outputs: Readonly<Record<string, Value>>;
  /** The operation and its place: "layer 0 (linear)", "add in layer 1 (residual)". */
  readonly source: string;
}

/** The inputs that a node has, in the order of their names. */
export function inputsOf({ operation, inputs }: Node): readonly Value[] {
  return operation.inputNames.flatMap((name) => inputs[name] ?? []);
}

/** The first output of a node: that which is not kept for its gradient. */
export function outputOf({ operation, outputs }: Node): Value {
  return outputs[operation.outputNames[0]!]!;
}

/** The inputs that its records read. */
export function readsOf({ operation, inputs }: Node): readonly Value[] {
  return operation.inputNames.flatMap((name) => (operation.forGradient.has(name) ? [] : (inputs[name] ?? [])));
}

/** What a shape rule says of one output: a shape of float32, or a shape and the type of its elements. */
export type Specification = Shape | { readonly shape: Shape; readonly dataType: DataType };

/** An operation whatever its inputs, attributes and outputs are. */
export interface AnyOperation {
  readonly name: string;
  /** Names without question marks. */
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Options of its public function. */
  readonly optionNames: readonly string[];
  /** How they are read. */
  readonly readers: () => Readonly<Record<string, Reader<unknown>>>;
  /** Those of them that carry no gradient. */
  readonly kept: ReadonlySet<string>;
  /** Those that are written only if something reads them. */
  readonly optional: ReadonlySet<string>;
  readonly forGradient: ReadonlySet<string>;
  readonly otherTypes: ReadonlySet<string>;
  readonly updates: Readonly<Record<string, string>>;
  readonly isView: boolean;
  view?(strides: readonly number[], node: Node): View | undefined;
  pointwise?(node: Node): Instruction;
  readonly isExpensive: boolean;
  readonly isProgram: boolean;
  reduce?(node: Node): Reduction;
  readonly isConstant: boolean;
  readonly isVolatile: boolean;
  readonly isAffine: boolean;
  readonly rules: readonly Rule[];
  shape(inputs: AnyInputs, attributes: unknown): Readonly<Record<string, Specification>>;
  compose?(inputs: AnyInputs, attributes: unknown): Readonly<Record<string, Value | undefined>>;
  lower?(emit: Emitter, node: Node): void;
  gradient?(node: Node & { readonly upstreams: AnyInputs }): AnyInputs;
}

/** Up to sixteen 32-bit words that an instruction reads as they are. */
export interface Words {
  readonly words: readonly number[];
}

/** The name of a scalar of the step: one 4-byte number. */
export interface Scalar {
  readonly scalar: string;
}

/** What an instruction reads: a value that broadcasts to its result, or one number; of those that are given, of float32. */
export type Operand = Value | number | Words | Scalar;

/** What an elementwise operation is in the pointwise kernel: its output is what this instruction makes of its operands. */
export interface Instruction {
  readonly name: InstructionName;
  readonly operands: readonly Operand[];
}

/** What a reduction does: `kind` over `axes` of its input, and then, of float32, a division. */
export interface Reduction {
  readonly kind: "sum" | "product" | "maximum" | "minimum" | "sumOfIntegers";
  readonly axes: readonly number[];
  /** Default 1. */
  readonly divisor?: number;
}

/** How a value reads the memory of another: where its first element is in it, and its strides, in elements. */
export interface View {
  readonly offset: number;
  readonly strides: readonly number[];
}

export type AnyInputs = Readonly<Record<string, Value | undefined>>;

/** What a rule knows of the nodes around the one it looks at. */
export interface Surroundings {
  /** The node that computes a value, if one does. */
  readonly producerOf: (value: Value | undefined) => Node | undefined;
  /** The same if nothing else uses the value, so that it need not be computed. */
  readonly onlyProducerOf: (value: Value | undefined) => Node | undefined;
  /**
   * Whether a value follows from state and constants alone, in a program that changes no state: what is computed from such
   * values is computed once for all runs between two changes of the state. In others no value is.
   */
  readonly isFixed: (value: Value | undefined) => boolean;
}

/** One node in the place of some. */
export interface Replacement {
  readonly operation: AnyOperation;
  readonly inputs: AnyInputs;
  readonly attributes: unknown;
  /** Values that the new node computes from now on, by the names of its outputs: those of all nodes that go. Others are new. */
  readonly outputs: Readonly<Record<string, Value>>;
  /** Nodes before the one looked at that go with it. */
  readonly absorbs: readonly Node[];
  /** Nodes that the rule has made (`graph.collect`), which compute inputs of the new one. */
  readonly makes?: readonly Node[];
}

/** A fusion of neighbouring nodes, kept beside the operation that knows it. */
export interface Rule {
  readonly name: string;
  /** Rules of a lower phase are applied everywhere before those of a higher one: fusions may exclude each other. */
  readonly phase: number;
  /**
   * Whether it is applied after differentiation, to forward and backward nodes alike: a rule that changes nothing of what
   * forward keeps. Default false.
   */
  readonly isLate?: boolean;
  /** Whether it asks for values that are fixed, so that it is of use in programs that change no state alone. Default false. */
  readonly isForInference?: boolean;
  /** What a node becomes together with nodes before it; undefined if the rule does not fit. */
  rewrite(node: Node, around: Surroundings): Replacement | undefined;
}

/** What a pointer field of a record takes: a value (as `data` gives its memory), memory, or nothing. An output that nothing reads is nothing, too. */
export type Pointer = Value | Placed | 0 | undefined;

/** The fields of a kernel's record, with values for pointers. */
export type RecordFields<K extends KernelName> = {
  readonly [F in keyof FieldValues<K>]: Placed | 0 extends FieldValues<K>[F] ? Pointer : FieldValues<K>[F];
};

/** What operations emit records with. Every record gets the provenance of the node that is being lowered. */
export interface Emitter {
  /** Threads of the engine: for the size of scratch memory, never for what is computed. */
  readonly threads: number;
  /** Whether anything reads this output. If not it has no memory. @internal */
  isRead(output: Value): boolean;
  /**
   * Memory in which the elements of a value lie one after another, whether or not anything else reads it. A view whose elements do
   * not is copied first, once.
   */
  data(value: Value): MemoryRange;
  /** Where the elements of a value lie: never a copy. */
  strided(value: Value): Strided;
  /** Memory in the arena, alive from the first record that refers to it to the last. Contents start undefined. */
  scratch(bytes: number, label: string): MemoryRange;
  /**
   * A read-only table of int32 that belongs to the program, e.g. of offsets. `fill` is called once its memory is there: what
   * does not fit is refused before it is computed.
   * @param key says what the table is of: one with the same key is the same, and not made again
   */
  constant(key: string, length: number, fill: (table: Int32Array) => void): MemoryRange;
  /** A 4-byte slot that TypeScript writes before each run, e.g. "learningRate". The same name is the same slot. */
  scalar(name: string): MemoryRange;
  /** Appends a record. @param work what it does, where kernel and fields do not tell */
  record<K extends KernelName>(kernel: K, fields: RecordFields<K>, work?: RecordWork): void;
  /**
   * Appends a call of a TypeScript function, which gets views of the memory it names in `uses`. The views are valid during
   * the call only, so the function must not be async: a promise that it returns is a KernelError.
   */
  hostCall(uses: readonly (Value | MemoryRange)[], call: (views: readonly Float32Array[]) => unknown): void;
}
