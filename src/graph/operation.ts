import {
  ArgumentError,
  type Numbers,
  optional,
  type OptionsRead,
  type Reader,
  readOptions,
  show,
  takeFloats,
} from "../engine/index.js";
import {
  type AnyInputs,
  type AnyOperation,
  type Emitter,
  inputsOf,
  type Instruction,
  type Node,
  outputOf,
  type Reduction,
  type Rule,
  type Specification,
  Value,
  type ValueGraph,
  type View,
} from "./node.js";
import { isDense } from "./layout.js";
import { emitPointwise } from "./pointwise/emit.js";
import { lowerReduction } from "./reduce/emit.js";

type NameOf<S extends string> = S extends `${infer N}?` ? N : S;
type Optional<S extends string> = S extends `${infer N}?` ? N : never;
type Needed<S extends string> = S extends `${string}?` ? never : S;

/** Values by the names of an operation's inputs; those whose name ends in "?" may be left out. */
export type Inputs<I extends string> = { readonly [K in Needed<I>]: Value } & {
  readonly [K in Optional<I>]?: Value | undefined;
};
/** Values by the names of an operation's outputs. */
export type Outputs<O extends string> = { readonly [K in NameOf<O>]: Value };

/** One application of an operation, as its rules see it. */
export interface Application<I extends string, A, O extends string> {
  readonly inputs: Inputs<I>;
  /** The outputs, and what is kept for the gradient. */
  readonly outputs: Outputs<O>;
  readonly attributes: A;
}

type IsUnion<S, Whole = S> = S extends unknown ? ([Whole] extends [S] ? false : true) : never;

/** The gradients of the outputs. Of several, one that nothing depends on has none. */
export type Upstreams<O extends string> =
  true extends IsUnion<O> ? { readonly [K in NameOf<O>]?: Value } : { readonly [K in NameOf<O>]: Value };

/** A contribution to the gradient of each input that has one. */
export type Gradients<I extends string> = { readonly [K in NameOf<I>]?: Value | undefined };

/**
 * Everything that is known of an operation, in one place. An operation has `compose`, its meaning in other operations, or
 * `lower`, kernels of its own, or both: then `lower` is a faster way to the same.
 * @typeParam I names of the inputs; "bias?" may be left out
 * @typeParam A attributes
 * @typeParam O names of the outputs; "sum?" is written only if something reads it
 * @typeParam K names of what is kept for the gradient
 * @typeParam R how the options of the public function are read
 */
export interface Definition<
  I extends string,
  A,
  O extends string,
  K extends string,
  R extends Readonly<Record<string, Reader<unknown>>>,
> {
  readonly name: string;
  readonly inputs: readonly I[];
  /** Default: one, called y. */
  readonly outputs?: readonly O[];
  /** Further outputs, which only the gradient reads: they have none themselves, and are written only if it does. */
  readonly kept?: readonly K[];
  /** Attributes with their defaults, fixed when the graph is built: strides, flags. Default: none. */
  readonly attributes?: A;
  /** The options of the public function, each with what reads it; called when it is needed. Default: none. */
  readonly options?: () => R;
  /** Inputs that the public function takes among its options, as values or as numbers: they may be left out. Default: none. */
  readonly optionInputs?: readonly NameOf<I>[];
  /** Whether options follow the inputs one by one, not in an object. */
  readonly isPositional?: boolean;
  /** The attributes that options mean for these inputs. Default: attributes are called as the options are. */
  fit?(inputs: Inputs<I>, options: OptionsRead<R>): A;
  /**
   * For an operation whose output is elements of the first input in other places: nothing is executed, they are read where they
   * lie. Given the strides of the input, where in its memory the output lies; undefined if no strides say that, which then is
   * asked of a dense copy.
   */
  view?(strides: readonly number[], at: Application<I, A, O | K>): View | undefined;
  /**
   * Inputs that `lower` does not read, only the gradient: the definition of a fused backward operation needs what the
   * operation itself has no use for. They are not kept alive for it.
   */
  readonly forGradient?: readonly NameOf<I>[];
  /** Inputs that may hold other than float32: `shape` checks which. Default: none. */
  readonly otherTypes?: readonly NameOf<I>[];
  /** Outputs that are the new contents of an input, written in its memory: running statistics. */
  readonly updates?: { readonly [Name in NameOf<O | K>]?: NameOf<I> };
  /** Shape and type of every output. Throws ShapeError if the inputs do not fit. */
  shape(inputs: Inputs<I>, attributes: A): { readonly [Name in NameOf<O | K>]: Specification };
  /** The same in other operations. Defines the gradient where there is no `gradient`. */
  compose?(inputs: Inputs<I>, attributes: A): { readonly [Name in NameOf<O>]?: Value | undefined };
  /**
   * For an operation that computes each element of its one output from elements at the same place, its inputs broadcast to
   * that: the instruction of the pointwise kernel that does so. Neighbouring ones run in one pass. `lower` is then for a
   * kernel that is faster where the operation stands alone.
   */
  pointwise?(at: Application<I, A, O | K>): Instruction;
  /** For an operation that reduces its input over axes, in the same pass as elementwise operations that compute it. */
  reduce?(at: Application<I, A, O | K>): Reduction;
  /** Whether `lower` runs a pointwise program, which computes each element of its outputs from elements at the same place. */
  readonly isProgram?: boolean;
  /** Whether computing an element takes longer than writing and reading it: then nothing computes it twice. */
  readonly isExpensive?: boolean;
  /** Emits the records that write the outputs. */
  lower?(emit: Emitter, at: Application<I, A, O | K>): void;
  /**
   * The gradients of the inputs from those of the outputs, as nodes. What nobody asks for is dropped later, so a rule gives
   * all; records run in the order in which it makes the nodes.
   */
  gradient?(at: Application<I, A, O | K> & { readonly upstreams: Upstreams<O> }): Gradients<I>;
  /** Nothing flows back through it: its output is constant almost everywhere, or whoever wrote it says so. */
  readonly isConstant?: boolean;
  /** Its outputs follow from more than inputs and attributes: from random numbers, from a function of the caller's. */
  readonly isVolatile?: boolean;
  /**
   * A layer y = f(x, weight) + bias, linear in the weight; channels are the last axis of all three. What is done to a channel
   * of y by a factor and a summand can be done to weight and bias. It has an attribute `relu`.
   */
  readonly isAffine?: boolean;
  /** Fusions that this operation takes part in. */
  readonly rules?: readonly Rule[];
}

/** An operation that knows the names and types of what it takes. */
export interface Operation<I extends string, A, O extends string> extends AnyOperation {
  /** Adds a node to the graph of the inputs and returns its outputs. For callers that know what they give. */
  readonly apply: (inputs: Inputs<I>, attributes?: Partial<A>) => Outputs<O>;
  /**
   * The same for callers who may give anything.
   * @throws ArgumentError for inputs that are no values, unknown options, and what a reader refuses
   */
  readonly call: (inputs: Inputs<I>, options?: object) => Outputs<O>;
  /** Whether a node is one of this operation. */
  readonly made: (node: Node | undefined) => node is Node & Application<I, A, O>;
}

const withoutMark = (name: string): string => (name.endsWith("?") ? name.slice(0, -1) : name);

function lowerPointwise(emit: Emitter, node: Node): void {
  const y = outputOf(node);
  emitPointwise(emit, [node], new Set([y]), y.shape);
}

/** Kernels of their own read float32 that is dense; pointwise programs all else. */
function whereItFits(lower: (emit: Emitter, node: Node) => void): (emit: Emitter, node: Node) => void {
  return (emit, node) => {
    const reads = (x: Value): boolean => x.dataType === "f32" && isDense(x.shape, emit.strided(x).strides);
    if (inputsOf(node).every(reads)) lower(emit, node);
    else lowerPointwise(emit, node);
  };
}

/** Throws ArgumentError unless every input that is needed, or given, is a value. `signature` says what to write. */
function checkInputs(operation: string, names: readonly string[], given: AnyInputs, signature: () => string): void {
  for (const name of names) {
    const value: unknown = given[withoutMark(name)];
    if (value instanceof Value || (value === undefined && name.endsWith("?"))) continue;
    throw new ArgumentError(
      `${operation}: ${withoutMark(name)} must be a value of a graph, as graph.input and operations give them; got ` +
        `${show(value)}. Write ${signature()}`,
    );
  }
}

/** An input among the options: a value, or numbers that become a constant of the graph. */
function valueOption(graph: () => ValueGraph): Reader<Value | undefined> {
  return optional((name, given) => {
    if (given instanceof Value) return given;
    const { data, shape = [data.length] } = takeFloats(given as Numbers, name);
    return graph().constant(shape, data, name);
  });
}

/** How its public function is called: "linear(x, weight, bias?, { relu })". */
function signatureOf({ name, optionNames }: AnyOperation, inputs: readonly string[], isPositional: boolean): string {
  const list = optionNames.join(", ");
  const options = isPositional || list === "" ? list : `{ ${list} }`;
  return `${name}(${[...inputs, options].filter((part) => part !== "").join(", ")})`;
}

/** An operation from its definition. */
export function define<
  const I extends string,
  A extends object,
  const O extends string = "y",
  const K extends string = never,
  const R extends Readonly<Record<string, Reader<unknown>>> = Readonly<Record<string, never>>,
>(definition: Definition<I, A, O, K, R>): Operation<I, A, O | K> {
  const { name, inputs, isConstant = false, rules = [] } = definition;
  const readers = definition.options ?? (() => ({}) as R);
  const { isVolatile = false, isAffine = false, isExpensive = false, isProgram = false } = definition;
  const { forGradient = [], otherTypes = [], updates = {}, optionInputs = [] } = definition;
  const { outputs = ["y"], kept = [] }: { outputs?: readonly string[]; kept?: readonly string[] } = definition;
  // The rules of a definition know what they take; a node of any operation does not.
  const { shape, compose, gradient, view, pointwise, reduce, ...given } = definition as unknown as Pick<
    AnyOperation,
    "shape" | "compose" | "gradient" | "view" | "pointwise" | "reduce" | "lower"
  >;
  const ownLower = given.lower && (pointwise ? whereItFits(given.lower) : given.lower);
  const lower = ownLower ?? (pointwise ? lowerPointwise : reduce && lowerReduction);
  const operation: Operation<I, A, O | K> = {
    ...{ name, isView: view !== undefined, isConstant, isVolatile, isAffine, isExpensive, rules, shape },
    ...(view && { view }),
    ...(pointwise && { pointwise }),
    ...(reduce && { reduce }),
    ...(compose && { compose }),
    ...(lower && { lower }),
    ...(gradient && { gradient }),
    isProgram: isProgram || lower === lowerPointwise,
    inputNames: inputs.map(withoutMark),
    outputNames: [...outputs, ...kept].map(withoutMark),
    get optionNames() {
      return [...Object.keys(readers()), ...optionInputs];
    },
    readers,
    kept: new Set(kept),
    optional: new Set([...outputs.filter((output) => output.endsWith("?")).map(withoutMark), ...kept]),
    forGradient: new Set(forGradient),
    otherTypes: new Set(otherTypes),
    updates,
    apply(given, attributes) {
      const [first] = operation.inputNames;
      const { graph } = (given as AnyInputs)[first!]!;
      return graph.apply(operation, given, { ...definition.attributes, ...attributes }) as Outputs<O | K>;
    },
    call(given, options = {}) {
      const ownInputs = inputs.filter((input) => !(optionInputs as readonly string[]).includes(withoutMark(input)));
      checkInputs(name, ownInputs, given, () => signatureOf(operation, ownInputs, definition.isPositional ?? false));
      const reader = valueOption(() => (given as AnyInputs)[withoutMark(inputs[0]!)]!.graph);
      const valueReaders = Object.fromEntries(optionInputs.map((input) => [input, reader]));
      const all = readOptions<object, R>(name, options, { ...readers(), ...valueReaders }, `${name}: `);
      const isInput = ([option]: readonly [string, unknown]): boolean => option in valueReaders;
      const entries = Object.entries(all);
      const read = Object.fromEntries(entries.filter((entry) => !isInput(entry))) as OptionsRead<R>;
      const values = { ...Object.fromEntries(entries.filter(isInput)), ...given };
      return operation.apply(values, definition.fit ? definition.fit(values, read) : (read as Partial<A>));
    },
    made: (node): node is Node & Application<I, A, O | K> => node?.operation === operation,
  };
  return operation;
}
