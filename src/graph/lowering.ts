import {
  alignUp,
  type Engine,
  halfBits,
  type Holding,
  type HostCall,
  kernelCall,
  type KernelCall,
  type KernelName,
  type Placed,
  type RecordWork,
} from "../engine/index.js";
import { bytesOfType, viewElements } from "./dataType.js";
import { denseStrides, isDense, type Strided } from "./layout.js";
import { MemoryRange } from "./memoryRange.js";
import { type Emitter, type Node, readsOf, type RecordFields, Value } from "./node.js";
import type { Scalars } from "./scalars.js";
import { emitDenseCopy } from "./stridedCopy.js";

/** What any field of a record takes. */
type Field = Value | Placed | number | boolean | undefined;

/** A result of an operation, looked at as soon as it is computed. */
export interface Sighting {
  /** What computed it. */
  readonly source: string;
  /** What was computed, or what it is a gradient of. */
  readonly value: Value;
  /** Whether it is what a node contributes to the gradient of `value`. */
  readonly isGradient: boolean;
  /** Valid during the call only. */
  readonly data: Float32Array;
}

/** Turns nodes into kernel calls, in their order. */
export class Lowering implements Emitter {
  /** What needs to run only when state has changed, and what runs always. */
  readonly preparation: KernelCall[] = [];
  readonly calls: KernelCall[] = [];
  private target = this.calls;
  /** Values that the preparation computes. */
  private readonly prepared = new Set<Value>();
  /** Read-only tables of the program, and what writes them once they are placed. */
  readonly constants: { readonly buffer: MemoryRange; readonly fill: (bytes: ArrayBuffer, address: number) => void }[] =
    [];
  /** Functions that host-call records call; the engine does not keep them alive. */
  readonly hostCalls: HostCall[] = [];
  private readonly tables = new Map<string, MemoryRange>();
  private readonly buffers = new Map<Value, MemoryRange>();
  /** Views whose elements do not lie one after another. */
  private readonly views = new Map<Value, Strided>();
  /** Values that a node reads, or whoever runs the program. */
  private readonly read = new Set<Value>();
  private readonly unread = new Set<Value>();
  private source = "";
  private constantBytes = 0;

  /**
   * @param holding of the program: host calls are registered until it goes back
   * @param roots values that are read after the last node
   */
  constructor(
    private readonly engine: Engine,
    private readonly holding: Holding,
    private readonly scalars: Scalars,
    nodes: readonly Node[],
    roots: Iterable<Value>,
  ) {
    for (const value of roots) this.read.add(value);
    for (const node of nodes) for (const value of readsOf(node)) this.read.add(value);
  }

  /** Has a value computed in memory of its own, or where another value lies. */
  bind(value: Value, place: MemoryRange | Value): void {
    this.buffers.set(value, place instanceof Value ? this.data(place) : place);
  }

  /**
   * Emits the records of nodes.
   * @param watch is shown every floating-point output once it is computed, except what is kept for the gradient
   * @param gradients shown are only these, as contributions to the gradients of other values
   */
  nodes(nodes: readonly Node[], watch?: (sighting: Sighting) => void, gradients?: ReadonlyMap<Value, Value>): void {
    for (const node of nodes) {
      const { operation } = node;
      this.source = node.source;
      if (operation.isView) this.view(node);
      else {
        this.markUnread(node);
        this.placeUpdates(node);
        operation.lower!(this, node);
        if (watch) this.show(node, watch, gradients);
      }
    }
  }

  /** Emits the records of nodes that belong to the preparation. */
  prepare(nodes: readonly Node[]): void {
    for (const output of nodes.flatMap(({ outputs }) => Object.values(outputs))) this.prepared.add(output);
    this.into(this.preparation, () => this.nodes(nodes));
  }

  /** Emits records outside any node, such as the optimizer's. */
  within(source: string, emit: (emitter: Emitter) => void): void {
    this.source = source;
    emit(this);
  }

  isRead(output: Value): boolean {
    return this.read.has(output);
  }

  data(value: Value): MemoryRange {
    let buffer = value.storage ?? this.buffers.get(value);
    if (!buffer) {
      buffer = value.constant === undefined ? this.planned(value.bytes, value.label) : this.contents(value);
      this.buffers.set(value, buffer);
      const view = this.views.get(value);
      if (view) this.copyView(value, view, buffer);
    }
    return buffer;
  }

  strided(value: Value): Strided {
    const view = this.buffers.has(value) ? undefined : this.views.get(value);
    return view ?? { data: this.data(value), strides: denseStrides(value.shape) };
  }

  /** Makes views dense, as memory that the caller reads is. */
  densify(values: Iterable<Value>): void {
    for (const value of values) this.data(value);
  }

  scratch(bytes: number, label: string): MemoryRange {
    return this.planned(bytes, `${this.source}: ${label}`);
  }

  constant(key: string, length: number, fill: (table: Int32Array) => void): MemoryRange {
    let buffer = this.tables.get(key);
    if (!buffer) {
      buffer = this.addConstant(4 * length, `${this.source}: ${key}`, (bytes, address) =>
        fill(new Int32Array(bytes, address, length)),
      );
      this.tables.set(key, buffer);
    }
    return buffer;
  }

  scalar(name: string): MemoryRange {
    return this.scalars.slot(name);
  }

  get threads(): number {
    return this.engine.info.threads;
  }

  record<K extends KernelName>(kernel: K, fields: RecordFields<K>, work?: RecordWork): void {
    const placed: Record<string, Placed | number | boolean> = {};
    const given: Readonly<Record<string, Field>> = fields;
    for (const name in given) placed[name] = this.place(given[name]);
    this.target.push({ kernel, fields: placed, source: this.source, ...(work && { work }) });
  }

  hostCall(uses: readonly (Value | MemoryRange)[], call: (views: readonly Float32Array[]) => unknown): void {
    const { memory } = this.engine;
    const buffers = uses.map((used) => (used instanceof Value ? this.data(used) : used));
    const views = (): Float32Array[] =>
      buffers.map((buffer) => memory.f32(buffer.address, buffer.bytes / bytesOfType("f32")));
    const hostCall = (): unknown => call(views());
    this.hostCalls.push(hostCall);
    const id = this.engine.registerHostCall(hostCall, this.holding);
    this.target.push({ ...kernelCall("hostCall", { id }, this.source), uses: buffers });
  }

  /** An operation whose output is elements of its input, where they lie. */
  private view(node: Node): void {
    const { operation } = node;
    const [input, output] = [node.inputs[operation.inputNames[0]!]!, node.outputs[operation.outputNames[0]!]!];
    let { data, strides } = this.strided(input);
    let view = operation.view!(strides, node);
    if (!view) {
      [data, strides] = [this.data(input), denseStrides(input.shape)];
      view = operation.view!(strides, node)!;
    }
    const bytes = bytesOfType(output.dataType);
    if (isDense(output.shape, view.strides)) this.buffers.set(output, data.view(view.offset * bytes, output.bytes));
    else this.views.set(output, { data: data.view(view.offset * bytes, output.bytes), strides: view.strides });
  }

  private copyView(value: Value, from: Strided, data: MemoryRange): void {
    const copy = (): void => emitDenseCopy(this, from, data, value.shape, value.dataType);
    if (this.prepared.has(value)) this.into(this.preparation, copy);
    else copy();
  }

  /** Has what `emit` emits appended to other records than those at hand. */
  private into(calls: KernelCall[], emit: () => void): void {
    const { target } = this;
    this.target = calls;
    emit();
    this.target = target;
  }

  private show(
    { operation, outputs, source }: Node,
    watch: (sighting: Sighting) => void,
    gradients: ReadonlyMap<Value, Value> | undefined,
  ): void {
    for (const [name, output] of Object.entries(outputs)) {
      const value = gradients ? gradients.get(output) : output;
      if (!value || output.dataType !== "f32" || operation.kept.has(name) || this.unread.has(output)) continue;
      const isGradient = gradients !== undefined;
      this.hostCall([output], ([data]) => watch({ source, value, isGradient, data: data! }));
    }
  }

  private planned(bytes: number, label: string): MemoryRange {
    this.engine.memory.checkFits(bytes, label);
    return MemoryRange.planned(bytes, label);
  }

  /** Memory of a value whose contents are the same in every run. */
  private contents({ constant, dataType, size, bytes, label }: Value): MemoryRange {
    return this.addConstant(bytes, label, (buffer, address) => {
      const view = viewElements({ buffer }, dataType, address, size);
      if (typeof constant === "number") view.fill(dataType === "f16" ? halfBits(constant) : constant);
      else if (constant) view.set(constant);
    });
  }

  private addConstant(bytes: number, label: string, fill: (bytes: ArrayBuffer, address: number) => void): MemoryRange {
    const buffer = MemoryRange.planned(bytes, label);
    this.constantBytes += alignUp(buffer.bytes);
    this.engine.memory.checkFits(this.constantBytes, `tables of a program, up to ${label}`);
    this.constants.push({ buffer, fill });
    return buffer;
  }

  /** An optional output that nothing reads is no memory. */
  private place(field: Field): Placed | number | boolean {
    if (!(field instanceof Value)) return field ?? 0;
    return this.unread.has(field) ? 0 : this.data(field);
  }

  private markUnread({ operation, outputs }: Node): void {
    for (const name of operation.optional) {
      const output = outputs[name]!;
      if (!this.read.has(output)) this.unread.add(output);
    }
  }

  /** An output that updates an input lies where the input lies, if it was bound to that, or begins as a copy of it. */
  private placeUpdates({ operation, inputs, outputs }: Node): void {
    for (const [name, updated] of Object.entries(operation.updates)) {
      const [input, output] = [inputs[updated], outputs[name]];
      if (!input || !output || this.unread.has(output)) continue;
      const [from, to] = [this.data(input), this.data(output)];
      if (from !== to) this.record("copy", { x: from, y: to, bytes: output.bytes });
    }
  }
}
