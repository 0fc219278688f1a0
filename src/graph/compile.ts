import { ArgumentError, type Engine, flag, optional, readOptions, show, type Tensor } from "../engine/index.js";
import type { Graph } from "./graph.js";
import { isFloating } from "./dataType.js";
import { Value } from "./node.js";
import type { Program } from "./program.js";
import { callable, type DisposableFunction, type FunctionArguments, tensorOf } from "./tracedFunction.js";

/** What a function of values returns: one, or several in an array or an object. */
export type FunctionResult = Value | readonly Value[] | { readonly [name: string]: Value };

/** The same with numbers for values. */
export type Computed<Result extends FunctionResult> = Result extends Value
  ? Tensor
  : { readonly [Name in keyof Result]: Tensor };

export interface FunctionOptions {
  /** Whether neighbouring operations become one where a fusion is known. Default true. */
  readonly fuse?: boolean;
}

/** A function of numbers that computes what a function of values says. */
export type CompiledFunction<Parameters extends readonly Value[], Result extends FunctionResult> = ((
  ...given: FunctionArguments<Parameters>
) => Computed<Result>) &
  DisposableFunction;

/**
 * Makes a function of numbers of a function of values. It is traced and compiled on the first call with arguments of given
 * shapes and types, and the program is kept for later ones.
 * @param f takes a Value for each argument, applies operations, and returns a Value, or several in an array or an object. It is
 *   not called again for arguments of the same shapes and types
 * @returns a function that takes numbers, typed arrays, nested arrays or `{ shape, data }`, and returns what `f` returns with
 *   `{ shape, data }` for every Value, integers and truth values as float32, too. Its calls throw ArgumentError for other arguments and for an `f` that returns no Value;
 *   what `f` itself throws, such as a ShapeError; and StateError while the engine executes a program
 * @throws ArgumentError for what is no engine, no function, and for unknown options
 */
export function compile<Parameters extends Value[], Result extends FunctionResult>(
  engine: Engine,
  f: (...inputs: Parameters) => Result,
  options: FunctionOptions = {},
): CompiledFunction<Parameters, Result> {
  const { fuse } = readOptions("compile", options, { fuse: optional(flag, true) });
  return callable("compile", engine, f, (result, _, graph) => {
    const outputs = valuesOf(result, graph);
    return {
      options: { outputs, fuse },
      read: (program) => rebuild(result, (value) => tensorOf(value, numbersOf(program, value))),
    };
  });
}

/** The values that a function returned. Throws ArgumentError for anything else. */
function valuesOf(result: FunctionResult, graph: Graph): readonly Value[] {
  const given: unknown = result;
  const isStructure = typeof given === "object" && given !== null && !(given instanceof Value);
  const parts: unknown[] = isStructure ? Object.values(given) : [];
  const values = parts.length > 0 ? parts : [given];
  return values.map((value) => checkReturned("compile", value, graph));
}

/** Throws ArgumentError unless a function returned a value of the graph in which it was called. */
export function checkReturned(name: string, value: unknown, graph: Graph): Value {
  if (!(value instanceof Value)) {
    const hint = value instanceof Promise ? "; it must not be async" : "";
    throw new ArgumentError(
      `${name}: the function must return values, as operations give them, got ${show(value)}${hint}`,
    );
  }
  if (value.graph !== graph) {
    throw new ArgumentError(
      `${name}: the function returned ${value.label}, a value of another graph: compute it from the function's arguments`,
    );
  }
  return value;
}

/** What a value holds, as float32. Throws ArgumentError for integers that float32 cannot hold. */
function numbersOf(program: Program, value: Value): Float32Array {
  if (isFloating(value.dataType)) return program.read(value);
  const integers = program.readIntegers(value);
  const wrong = integers.find((integer) => Math.fround(integer) !== integer);
  if (wrong === undefined) return Float32Array.from(integers);
  throw new ArgumentError(
    `compile: ${value.label} holds ${wrong}, which float32 does not; read it from a Program by readIntegers`,
  );
}

function rebuild<Result extends FunctionResult>(result: Result, read: (value: Value) => Tensor): Computed<Result> {
  const made = ((): unknown => {
    if (result instanceof Value) return read(result);
    if (Array.isArray(result)) return (result as readonly Value[]).map(read);
    return Object.fromEntries(Object.entries(result).map(([name, value]) => [name, read(value)]));
  })();
  return made as Computed<Result>;
}
