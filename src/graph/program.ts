import {
  alignUp,
  ArgumentError,
  type Block,
  checkNesting,
  type Engine,
  type HostCall,
  integersOf,
  LinkedProgram,
  type Numbers,
  StateError,
  takeFloats,
} from "../engine/index.js";
import type { Buffer } from "./buffer.js";
import { arrange, type Wanted } from "./arrange.js";
import type { Graph } from "./graph.js";
import { Lowering } from "./lowering.js";
import type { Emitter } from "./operation.js";
import { type MemoryPlan, planMemory } from "./planner.js";
import { Scalars } from "./scalars.js";
import { formatShape, sizeOf, type Value } from "./value.js";

export interface CompileOptions extends Wanted {
  /** Values that can be read after a run. Anything else may have been overwritten by then. */
  readonly outputs: readonly Value[];
  /** Emits records before the forward pass (such as gathering a batch into the inputs). */
  readonly before?: (emit: Emitter, dataOf: (input: Value) => Buffer) => void;
  /** Emits records after the backward pass (such as the optimizer's update). */
  readonly after?: (emit: Emitter) => void;
  /** Per-step scalars that the records refer to. Default: a block of the program's own. */
  readonly scalars?: Scalars;
}

/** A range of a program's records. */
export interface Section {
  readonly first: number;
  readonly count: number;
}

/** A compiled graph: records in linear memory and a plan of the memory they use. `run` is one call into WebAssembly. */
export class Program {
  readonly scalars: Scalars;
  readonly plan: MemoryPlan;
  readonly linked: LinkedProgram;
  /** Which records gather inputs, compute forward, compute gradients, and update parameters. */
  readonly sections: Readonly<Record<"before" | "forward" | "backward" | "after", Section>>;
  /** Kept here because the engine does not keep host calls alive. */
  readonly hostCalls: readonly HostCall[];
  private readonly constants: Block | undefined;
  private readonly readable = new Map<Value, Buffer>();
  private readonly readableGradients = new Map<Value, Buffer>();

  constructor(
    private readonly engine: Engine,
    graph: Graph,
    options: CompileOptions,
  ) {
    this.scalars = options.scalars ?? new Scalars(engine);
    const { before, after } = options;
    const { forward, backward, gradients, places } = arrange(graph, options);
    const read = [...options.outputs, ...gradients.values(), ...places.keys()];
    const lowering = new Lowering(engine, this.scalars, [...forward, ...backward], read);
    for (const [value, place] of places) lowering.bind(value, place);
    const marks = [0];
    const mark = (emit: () => void): void => {
      emit();
      marks.push(lowering.calls.length);
    };
    mark(() => before && lowering.within("the batch", (emit) => before(emit, (input) => lowering.data(input))));
    mark(() => lowering.nodes(forward));
    mark(() => lowering.nodes(backward));
    mark(() => after && lowering.within("the update", after));
    const section = (i: number): Section => ({ first: marks[i]!, count: marks[i + 1]! - marks[i]! });
    this.sections = { before: section(0), forward: section(1), backward: section(2), after: section(3) };

    this.hostCalls = lowering.hostCalls;
    for (const value of [...graph.inputs, ...options.outputs]) this.readable.set(value, lowering.data(value));
    for (const [value, gradient] of gradients) this.readableGradients.set(value, lowering.data(gradient));
    this.constants = this.placeConstants(lowering.constants);
    this.plan = planMemory(lowering.calls, [...this.readable.values(), ...this.readableGradients.values()]);
    const { arena } = engine;
    arena.reserve(this.plan.arenaBytes);
    for (const { buffer, offset } of this.plan.placements) buffer.place(arena.block, offset);
    this.linked = new LinkedProgram(engine.memory, lowering.calls);
    arena.add(this.linked);
  }

  /** Executes the whole program. */
  run(): void {
    this.engine.run(this.linked);
  }

  /**
   * Writes an input of the graph: numbers in a typed or plain array, or arrays nested in its shape. Bytes are numbers here.
   * Throws ArgumentError if `data` has another length than the value, or holds what its type cannot.
   */
  write(value: Value, data: Numbers): void {
    const buffer = this.bufferOf(value);
    const isInteger = value.dataType === "i32";
    const taken = isInteger ? { data: integersOf(data, value.label), shape: undefined } : takeFloats(data, value.label);
    const size = sizeOf(value.shape);
    if (taken.data.length !== size) {
      throw new ArgumentError(
        `${value.label} has shape ${formatShape(value.shape)}, ${size} elements; got ${taken.data.length}`,
      );
    }
    checkNesting(value.label, taken, value.shape[0] ?? 1, value.shape.slice(1));
    const { memory } = this.engine;
    const view = isInteger ? memory.i32(buffer.address, size) : memory.f32(buffer.address, size);
    view.set(taken.data);
  }

  /** A copy of an input or output. Throws StateError if the value was not among the outputs. */
  read(value: Value): Float32Array<ArrayBuffer> {
    return this.engine.memory.f32(this.bufferOf(value).address, value.size).slice();
  }

  /** A copy of an int32 output. */
  readIntegers(value: Value): Int32Array<ArrayBuffer> {
    return this.engine.memory.i32(this.bufferOf(value).address, value.size).slice();
  }

  /** The first element of a value, read without copying: for a loss after each step. */
  readScalar(value: Value): number {
    return this.engine.memory.f32(this.bufferOf(value).address, 1)[0] ?? NaN;
  }

  /** A copy of the gradient of one of the values that `gradients` named. */
  readGradient(value: Value): Float32Array<ArrayBuffer> {
    const buffer = this.readableGradients.get(value);
    if (!buffer) throw new StateError(`the gradient of ${value.label} was not kept; name it in \`gradients\``);
    return this.engine.memory.f32(buffer.address, value.size).slice();
  }

  /** Where an input or output lies, for records that fill it. */
  bufferOf(value: Value): Buffer {
    const buffer = this.readable.get(value);
    if (!buffer) throw new StateError(`${value.label} was not kept: its memory is reused; name it in \`outputs\``);
    return buffer;
  }

  /** Gives the program's records and constants back. */
  release(): void {
    this.linked.release();
    if (this.constants) this.engine.memory.release(this.constants);
  }

  private placeConstants(constants: Lowering["constants"]): Block | undefined {
    const bytes = constants.reduce((sum, { data }) => sum + alignUp(data.byteLength), 0);
    if (bytes === 0) return undefined;
    const { memory } = this.engine;
    const block = memory.allocateFor(this, bytes, "constants of a program");
    let offset = 0;
    for (const { buffer, data } of constants) {
      buffer.place(block, offset);
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      memory.u8(block.address + offset, data.byteLength).set(bytes);
      offset += alignUp(data.byteLength);
    }
    return block;
  }
}
