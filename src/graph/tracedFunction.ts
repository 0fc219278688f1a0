import {
  addSymbol,
  ArgumentError,
  checkFunction,
  type Disposes,
  type Engine,
  type Holding,
  type Tensor,
} from "../engine/index.js";
import { checkEngine } from "./checkEngine.js";
import { type FunctionArgument, takeArgument, type TakenArgument } from "./functionArgument.js";
import { Graph } from "./graph.js";
import type { Value } from "./node.js";
import { type CompileOptions, Program } from "./program.js";
import { ProgramCache } from "./programCache.js";
import { Scalars } from "./scalars.js";

/** The arguments of a compiled function, one for each parameter of the function that it was made of. */
export type FunctionArguments<Parameters extends readonly Value[]> = {
  readonly [Index in keyof Parameters]: FunctionArgument;
};

/** Gives its memory back by `dispose`, or some time after nothing refers to it any more. */
export interface DisposableFunction extends Disposes {
  /** Gives the memory back at once. A call from now on is a StateError. May be called again. */
  dispose(): void;
}

/** What a function became when it was traced. */
interface Traced<Result> {
  readonly options: CompileOptions;
  /** What a call returns after a run. */
  readonly read: (program: Program) => Result;
}

interface Entry<Result> {
  readonly program: Program;
  readonly inputs: readonly Value[];
  readonly read: (program: Program) => Result;
}

/** Programs of a function, one for each combination of the shapes and types of its arguments. */
class TracedFunction<Result> {
  private readonly holding: Holding;
  private readonly cache: ProgramCache<Entry<Result>>;
  private readonly scalars: Scalars;
  private seed: number | undefined;
  private calls = 0;

  constructor(
    private readonly engine: Engine,
    private readonly trace: (inputs: readonly Value[], graph: Graph) => Traced<Result>,
  ) {
    this.holding = engine.memory.writable().hold("compiled function");
    this.scalars = Scalars.of(engine, this.holding);
    this.cache = new ProgramCache(engine);
  }

  call(given: readonly FunctionArgument[]): Result {
    this.holding.check();
    this.engine.checkReady();
    const taken = given.map((argument, i) => takeArgument(argument, `argument ${i}`));
    const key = taken.map(({ dataType, shape }) => `${dataType} ${shape.join("×")}`).join();
    const { program, inputs, read } = this.cache.get(key, () => this.compile(taken));
    inputs.forEach((input, i) => program.write(input, taken[i]!.data));
    this.scalars.setInteger("dropoutStep", ++this.calls);
    program.run();
    return read(program);
  }

  dispose(): void {
    this.holding.dispose();
    this.engine.arena.trim();
  }

  private compile(taken: readonly TakenArgument[]): Entry<Result> {
    const graph = new Graph();
    const inputs = taken.map(({ shape, dataType }, i) => graph.input(shape, `argument ${i}`, dataType));
    const { options, read } = this.trace(inputs, graph);
    if (graph.drawsRandomNumbers && this.seed === undefined) {
      this.seed = this.engine.random.uint32();
      this.scalars.setInteger("dropoutSeed", this.seed);
    }
    const program = new Program(this.engine, graph, { ...options, scalars: this.scalars, isTransient: true });
    program.linked.holding.dependOn(this.holding);
    return { program, inputs, read };
  }
}

/**
 * A function that runs the programs of another.
 * @param name what makes it, for messages
 * @param trace makes of what `f` returned what is to be computed
 */
export function callable<Parameters extends Value[], Returned, Result>(
  name: string,
  engine: Engine,
  f: (...inputs: Parameters) => Returned,
  trace: (returned: Returned, inputs: readonly Value[], graph: Graph) => Traced<Result>,
): ((...given: FunctionArguments<Parameters>) => Result) & DisposableFunction {
  checkEngine(name, engine);
  checkFunction(`the second argument of ${name}`, f, "(x, w) => ops.matmul(x, w)");
  const traced = new TracedFunction(engine, (inputs, graph) => trace(f(...(inputs as Parameters)), inputs, graph));
  const call = Object.assign((...given: readonly FunctionArgument[]) => traced.call(given), {
    dispose: () => traced.dispose(),
  });
  addSymbol(call, "dispose", "dispose");
  return call as unknown as ReturnType<typeof callable<Parameters, Returned, Result>>;
}

/** Throws ArgumentError unless what a function gives to its caller are numbers that a tensor holds. */
export function checkFloats({ dataType }: Value, what: string): void {
  if (dataType !== "f32") throw new ArgumentError(`${what} holds integers: a function returns float32 values`);
}

/** A value after a run, with its shape. */
export function tensorOf({ shape }: Value, data: Float32Array): Tensor {
  return { shape, data };
}
