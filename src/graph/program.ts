import {
  ArgumentError,
  checkBoolean,
  checkNesting,
  checkOptions,
  DisposableBase,
  type Engine,
  type Holding,
  halfValue,
  type HostCall,
  type KernelCall,
  LinkedProgram,
  type Numbers,
  type Placed,
  ShapeError,
  show,
  StateError,
} from "../engine/index.js";
import { type ElementView, isFloating, titleOfType, viewElements } from "./dataType.js";
import { takeElements } from "./elements.js";
import { arrange, type Wanted } from "./arrange.js";
import { MemoryRange } from "./memoryRange.js";
import { checkEngine } from "./checkEngine.js";
import { Explanation, type Section, type SectionName } from "./explain.js";
import { Graph } from "./graph.js";
import { checkValues, type Emitter, inputsOf, Value } from "./node.js";
import { Lowering, type Sighting } from "./lowering.js";
import { type MemoryPlan, planMemory } from "./planner.js";
import type { Firing } from "./rewrite.js";
import { Scalars } from "./scalars.js";
import { formatShape, sizeOf } from "./shape.js";

/** Emits the records that fill the inputs of a program. */
export type InputRecords = (emit: Emitter, dataOf: (input: Value) => MemoryRange) => void;

export interface CompileOptions extends Wanted {
  /** Values that can be read after a run. Anything else may have been overwritten by then. */
  readonly outputs: readonly Value[];
  /** Emits records before the forward pass (such as gathering a batch into the inputs). @internal */
  readonly before?: InputRecords;
  /**
   * Emits records after the backward pass (such as the optimizer's update). They find the gradients of all parameters in
   * their `gradientStorage`, which nothing is written to otherwise.
   * @internal
   */
  readonly after?: (emit: Emitter) => void;
  /** A graph whose assignments are carried out last: the update of parameters and of the optimizer's state. @internal */
  readonly update?: Graph;
  /** Per-step scalars that the records refer to. Default: a block of the program's own. @internal */
  readonly scalars?: Scalars;
  /**
   * Is shown every floating-point result of every node in the order of execution, and what each contributes to gradients.
   * Nothing is kept for it, so such a program needs hardly more memory than others.
   * @internal
   */
  readonly watch?: (sighting: Sighting) => void;
  /**
   * What is written and read lies among the activations, and is lost when another program of the engine runs or is
   * compiled: for an owner that writes, runs and reads without a break. Default false: it has memory of its own.
   * @internal
   */
  readonly isTransient?: boolean;
}

/**
 * A compiled graph: records in linear memory and a plan of the memory they use. `run` is one call into WebAssembly. Inputs
 * are zero until they are written, and keep what was written; outputs and gradients keep what the last run computed. The
 * memory of the state that the graph refers to lives at least as long as the program.
 */
export class Program extends DisposableBase {
  /** @internal */
  readonly scalars: Scalars;
  /** @internal */
  readonly plan: MemoryPlan;
  /** @internal */
  readonly linked: LinkedProgram;
  /**
   * Which records compute what follows from state alone, which `run` leaves out while the state is the same; gather inputs;
   * compute forward; compute gradients; and update parameters. @internal
   */
  readonly sections: Readonly<Record<SectionName, Section>>;
  /** Kept here because the engine does not keep host calls alive. @internal */
  readonly hostCalls: readonly HostCall[];
  /** Rules that fired when it was compiled. @internal */
  readonly rules: readonly Firing[];
  private readonly inputs: ReadonlySet<Value>;
  private readonly readable = new Map<Value, MemoryRange>();
  private readonly readableGradients: ReadonlyMap<Value, MemoryRange>;
  /** Whether the last run came to its end. */
  private isComputed = false;
  /** Holdings of the state that the first section is computed from, and their versions when that was done. */
  private readonly sources: ReadonlySet<Holding>;
  private preparedFrom: string | undefined;

  /**
   * @throws MemoryError if the program does not fit; nothing is held then
   * @throws ShapeError, ArgumentError for values that do not belong together
   * @throws StateError for state that was disposed, and while the engine executes a program
   */
  constructor(
    private readonly engine: Engine,
    graph: Graph,
    options: CompileOptions,
  ) {
    super();
    checkCompilation(engine, graph, options);
    const { memory, arena } = engine;
    const holding = memory.writable().hold("program");
    try {
      this.scalars = options.scalars ?? new Scalars(engine);
      const { lowering, calls, sections, gradients, sources, changes, rules } = lower(
        ...([engine, holding, this.scalars, graph, options] as const),
      );
      this.sections = sections;
      this.sources = sources;
      this.rules = rules;
      this.hostCalls = lowering.hostCalls;
      this.inputs = new Set(graph.inputs);
      for (const value of [...graph.inputs, ...options.outputs]) this.readable.set(value, lowering.data(value));
      this.readableGradients = gradients;
      const kept = [...this.readable.values(), ...this.readableGradients.values()].map((buffer) => buffer.root);
      for (const { holding: source } of kept) if (source) holding.dependOn(source);
      const own = new Set(lowering.constants.map(({ buffer }) => buffer));
      if (!this.scalars.buffer.isPlaced) own.add(this.scalars.buffer);
      if (!options.isTransient) for (const buffer of kept) if (!buffer.isPlaced) own.add(buffer);
      // What the preparation leaves for others outlives runs that leave the preparation out.
      const read = new Set([...rootsOf(lowering.calls), ...kept]);
      for (const root of rootsOf(lowering.preparation)) if (read.has(root) && !root.isPlaced) own.add(root);
      const block = { address: 0, bytes: 0, label: "inputs, outputs and tables of a program", owner: "programs" };
      block.bytes = MemoryRange.placeAll(own, block, holding);

      this.plan = planMemory(calls, kept);
      const { arenaBytes } = this.plan;
      memory.checkFits(arenaBytes + block.bytes, "the values and tables of a program");
      arena.add(arenaBytes);
      holding.onRelease(() => arena.remove(arenaBytes));
      for (const { buffer, offset } of this.plan.placements) buffer.place(arena.block, offset);
      // After the arena, which could not grow over them.
      if (block.bytes > 0) block.address = holding.allocate(block.bytes, block.label).address;
      this.linked = new LinkedProgram(memory, calls, holding, arena, changes);
      for (const { buffer, fill } of lowering.constants) fill(memory.memory.buffer, buffer.address);
    } catch (error) {
      holding.dispose();
      throw error;
    }
  }

  /** Whether the program, or state that it needs, was disposed. */
  get isDisposed(): boolean {
    return this.linked.holding.isDisposed;
  }

  /** Executes the whole program. Throws as `Engine.run` does. */
  run(): void {
    this.engine.checkReady();
    this.linked.holding.check();
    this.isComputed = false;
    const versions = [...this.sources].map(({ version }) => version).join();
    const first = this.preparedFrom === versions ? this.sections.prepare.count : 0;
    if (first === 0) this.preparedFrom = undefined;
    this.engine.run(this.linked, first);
    this.preparedFrom = versions;
    this.isComputed = true;
  }

  /**
   * Writes an input of the graph: numbers in a typed or plain array, or arrays nested in its shape. Bytes are numbers here.
   * Throws ArgumentError if `data` has another length than the value, or holds what its type cannot.
   */
  write(value: Value, data: Numbers): void {
    const { address } = this.bufferOf(value);
    if (!this.inputs.has(value)) throw new ArgumentError(`${value.label} is no input of this graph: it is computed`);
    const taken = takeElements(data, value.dataType, value.label);
    const size = sizeOf(value.shape);
    if (taken.data.length !== size) {
      throw new ArgumentError(
        `${value.label} has shape ${formatShape(value.shape)}, ${size} elements; got ${taken.data.length}`,
      );
    }
    checkNesting(value.label, taken, value.shape[0] ?? 1, value.shape.slice(1));
    viewElements(this.engine.memory.writable().memory, value.dataType, address, size).set(taken.data);
  }

  /**
   * A copy of an input or output of float32 or float16.
   * @throws StateError if the value was not among the outputs, or was not computed yet
   * @throws ArgumentError if it holds integers
   */
  read(value: Value): Float32Array<ArrayBuffer> {
    const buffer = this.computed(value);
    if (value.dataType === "f16") return Float32Array.from(this.elements(value, buffer), halfValue);
    return this.floats(value, buffer).slice();
  }

  /** A copy of an input or output of int32, bytes or truth values (1 and 0). Throws as `read` does. */
  readIntegers(value: Value): Int32Array<ArrayBuffer> {
    const buffer = this.computed(value);
    const { dataType, label } = value;
    if (isFloating(dataType)) throw new ArgumentError(`${label} holds ${titleOfType(dataType)}: take read`);
    return Int32Array.from(this.elements(value, buffer));
  }

  /** The first element of a value, read without copying: for a loss after each step. Throws as `read` does. */
  readScalar(value: Value): number {
    return this.floats(value, this.computed(value), 1)[0] ?? NaN;
  }

  /** A copy of the gradient of one of the values that `gradients` named. Throws StateError for others. */
  readGradient(value: Value): Float32Array<ArrayBuffer> {
    this.linked.holding.check();
    checkValues("readGradient", value);
    const buffer = this.readableGradients.get(value);
    if (!buffer) throw new StateError(`the gradient of ${value.label} was not kept; name it in \`gradients\``);
    if (!this.isComputed) throw notComputed(`the gradient of ${value.label}`);
    return this.floats(value, buffer).slice();
  }

  /** Where an input or output lies, for records that fill it. @internal */
  bufferOf(value: Value): MemoryRange {
    this.linked.holding.check();
    const buffer = this.readable.get(value);
    if (!buffer) checkValues("a program", value);
    if (!buffer) throw new StateError(`${value.label} was not kept: its memory is reused; name it in \`outputs\``);
    return buffer;
  }

  /**
   * What became of the graph: which rules fired, and what every record does. `String(…)` of it is a table. Throws StateError
   * after `dispose`.
   */
  explain(): Explanation {
    this.linked.holding.check();
    return new Explanation(this);
  }

  /**
   * Gives the memory of the program back at once; without, that happens some time after nothing refers to it any more.
   * Every other use is a StateError from now on. May be called again.
   * @throws StateError while the engine executes a program
   */
  dispose(): void {
    this.linked.dispose();
    this.engine.arena.trim();
  }

  private computed(value: Value): MemoryRange {
    const buffer = this.bufferOf(value);
    if (!this.isComputed && !this.inputs.has(value) && !value.storage) throw notComputed(value.label);
    return buffer;
  }

  private floats(value: Value, { address }: MemoryRange, length = value.size): Float32Array<ArrayBuffer> {
    const { dataType, label } = value;
    if (dataType !== "f32") throw new ArgumentError(`${label} holds ${titleOfType(dataType)}: take readIntegers`);
    return this.engine.memory.f32(address, length);
  }

  private elements({ dataType, size }: Value, { address }: MemoryRange): ElementView {
    return viewElements(this.engine.memory.memory, dataType, address, size);
  }
}

function notComputed(label: string): StateError {
  return new StateError(`${label} is not computed: no run of this program has come to its end`);
}

const optionNames = [
  "outputs",
  "backward",
  "gradients",
  "before",
  "after",
  "update",
  "scalars",
  "fuse",
  "isTransient",
  "watch",
] as const;

/** Throws unless there is an engine, a graph, and all values that options name are of the graph. */
function checkCompilation(engine: Engine, graph: Graph, options: CompileOptions): void {
  checkEngine("a program", engine);
  if (!(graph instanceof Graph)) throw new ArgumentError(`a program is compiled from a Graph, got ${show(graph)}`);
  checkOptions("Program", options, optionNames);
  const { outputs, backward, gradients = [], fuse = true } = options;
  checkBoolean("fuse", fuse);
  if (backward !== undefined) {
    checkOptions("backward", backward, ["from", "gradient"]);
    checkValues("backward", backward.from);
  }
  for (const list of [outputs, gradients]) {
    if (!Array.isArray(list)) throw new ArgumentError(`outputs and gradients are arrays of values, got ${show(list)}`);
  }
  const { from, gradient } = backward ?? {};
  for (const value of [...outputs, ...gradients, ...(from ? [from] : []), ...(gradient ? [gradient] : [])]) {
    if (value instanceof Value && value.graph === graph) continue;
    throw new ArgumentError("outputs, gradients and backward must name values of the graph that is compiled");
  }
  if (from && gradient && formatShape(gradient.shape) !== formatShape(from.shape)) {
    throw new ShapeError(
      `the gradient ${gradient.label} is ${formatShape(gradient.shape)}, that of ${from.label} must be ` +
        formatShape(from.shape),
    );
  }
}

/** All records of a program, and which are for what. */
function lower(
  engine: Engine,
  holding: Holding,
  scalars: Scalars,
  graph: Graph,
  options: CompileOptions,
): {
  readonly lowering: Lowering;
  readonly sections: Program["sections"];
  readonly gradients: ReadonlyMap<Value, MemoryRange>;
  readonly calls: readonly KernelCall[];
  readonly sources: ReadonlySet<Holding>;
  readonly changes: ReadonlySet<Holding>;
  readonly rules: readonly Firing[];
} {
  const { outputs, before, after, update, watch } = options;
  const hasUpdates = after !== undefined || update !== undefined;
  const arrangement = arrange(graph, { ...options, updates: hasUpdates, isWatched: watch !== undefined });
  const { prepare, forward, backward, gradients, contributions } = arrangement;
  const updates = update && arrange(update, { outputs: [], updates: false, isWatched: false });
  const last = updates?.forward ?? [];
  const places = new Map([...arrangement.places, ...(updates?.places ?? [])]);
  const read = [...outputs, ...gradients.values(), ...places.keys()];
  const lowering = new Lowering(engine, holding, scalars, [...prepare, ...forward, ...backward, ...last], read);
  for (const [value, place] of places) lowering.bind(value, place);
  lowering.prepare(prepare);
  const section = (emit: () => void): Section => {
    const first = lowering.calls.length;
    emit();
    return { first, count: lowering.calls.length - first };
  };
  const parts = {
    before: section(() => {
      if (before) lowering.within("the batch", (emit) => before(emit, (input) => lowering.data(input)));
    }),
    // Views that are read after a run are dense, as memory of the program's own is.
    forward: section(() => {
      lowering.nodes(forward, watch);
      lowering.densify(outputs);
    }),
    backward: section(() => {
      lowering.nodes(backward, watch, contributions);
      lowering.densify(gradients.values());
    }),
    after: section(() => {
      if (after) lowering.within("the update", after);
      lowering.nodes(last);
    }),
  };
  const kept = new Map([...gradients].map(([value, gradient]) => [value, lowering.data(gradient)]));
  const around = [parts.before, parts.after].flatMap(({ first, count }) =>
    lowering.calls.slice(first, first + count).flatMap(placesOf),
  );
  const { preparation } = lowering;
  const behind = ({ first, count }: Section): Section => ({ first: preparation.length + first, count });
  return {
    ...{
      lowering,
      gradients: kept,
      rules: [...arrangement.rules, ...(updates?.rules ?? [])],
      calls: [...preparation, ...lowering.calls],
    },
    sections: {
      prepare: { first: 0, count: preparation.length },
      ...{ before: behind(parts.before), forward: behind(parts.forward) },
      ...{ backward: behind(parts.backward), after: behind(parts.after) },
    },
    sources: holdingsOf(prepare.flatMap(inputsOf).map(({ storage }) => storage)),
    // What the caller's records refer to they may write.
    changes: holdingsOf([...around, ...[...places.values()].map((at) => (at instanceof Value ? at.storage : at))]),
  };
}

/** What a record refers to. */
function placesOf({ fields, uses = [] }: KernelCall): readonly (Placed | number | boolean)[] {
  return [...Object.values(fields), ...uses];
}

/** The memory that records refer to. */
function rootsOf(calls: readonly KernelCall[]): ReadonlySet<MemoryRange> {
  return new Set(calls.flatMap(placesOf).flatMap((place) => (place instanceof MemoryRange ? [place.root] : [])));
}

/** Whose memory it is that a program refers to. */
function holdingsOf(places: readonly (Placed | number | boolean | undefined)[]): ReadonlySet<Holding> {
  return new Set(places.flatMap((place) => (typeof place === "object" && place.holding) || []));
}
