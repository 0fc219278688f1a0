import {
  type Engine,
  type HostCall,
  kernelCall,
  type KernelCall,
  type KernelName,
  type Placed,
} from "../engine/index.js";
import { Buffer } from "./buffer.js";
import { type Node, readsOf } from "./graph.js";
import type { Emitter, RecordFields } from "./operation.js";
import type { Scalars } from "./scalars.js";
import { Value } from "./value.js";

/** What any field of a record takes. */
type Field = Value | Placed | number | boolean | undefined;

/** Turns nodes into kernel calls, in their order. */
export class Lowering implements Emitter {
  readonly calls: KernelCall[] = [];
  /** Read-only tables of the program, to be copied to linear memory. */
  readonly constants: { buffer: Buffer; data: Int32Array | Float32Array }[] = [];
  /** Functions that host-call records call; the engine does not keep them alive. */
  readonly hostCalls: HostCall[] = [];
  private readonly tables = new Map<string, Buffer>();
  private readonly buffers = new Map<Value, Buffer>();
  /** Values that a node reads, or whoever runs the program. */
  private readonly read = new Set<Value>();
  private readonly unread = new Set<Value>();
  private source = "";

  /** @param roots values that are read after the last node */
  constructor(
    private readonly engine: Engine,
    private readonly scalars: Scalars,
    nodes: readonly Node[],
    roots: Iterable<Value>,
  ) {
    for (const value of roots) this.read.add(value);
    for (const node of nodes) for (const value of readsOf(node)) this.read.add(value);
  }

  /** Has a value computed in memory of its own, or where another value lies. */
  bind(value: Value, place: Buffer | Value): void {
    this.buffers.set(value, place instanceof Value ? this.data(place) : place);
  }

  nodes(nodes: readonly Node[]): void {
    for (const node of nodes) {
      const { operation } = node;
      this.source = node.source;
      if (operation.isView) {
        const [input, output] = [node.inputs[operation.inputNames[0]!]!, node.outputs[operation.outputNames[0]!]!];
        this.buffers.set(output, this.data(input));
      } else {
        this.markUnread(node);
        this.placeUpdates(node);
        operation.lower!(this, node);
      }
    }
  }

  /** Emits records outside any node, such as the optimizer's. */
  within(source: string, emit: (emitter: Emitter) => void): void {
    this.source = source;
    emit(this);
  }

  isRead(output: Value): boolean {
    return this.read.has(output);
  }

  data(value: Value): Buffer {
    let buffer = value.storage ?? this.buffers.get(value);
    if (!buffer) {
      buffer = Buffer.planned(value.bytes, value.label);
      if (value.constant) this.constants.push({ buffer, data: value.constant });
      this.buffers.set(value, buffer);
    }
    return buffer;
  }

  scratch(bytes: number, label: string): Buffer {
    return Buffer.planned(bytes, `${this.source}: ${label}`);
  }

  constant(key: string, make: () => Int32Array | Float32Array): Buffer {
    let buffer = this.tables.get(key);
    if (!buffer) {
      const data = make();
      buffer = Buffer.planned(data.byteLength, `${this.source}: ${key}`);
      this.constants.push({ buffer, data });
      this.tables.set(key, buffer);
    }
    return buffer;
  }

  scalar(name: string): Buffer {
    return this.scalars.slot(name);
  }

  record<K extends KernelName>(kernel: K, fields: RecordFields<K>): void {
    const placed: Record<string, Placed | number | boolean> = {};
    const given: Readonly<Record<string, Field>> = fields;
    for (const name in given) placed[name] = this.place(given[name]);
    this.calls.push({ kernel, fields: placed, source: this.source });
  }

  hostCall(uses: readonly (Value | Buffer)[], call: (views: readonly Float32Array[]) => void): void {
    const { memory } = this.engine;
    const buffers = uses.map((used) => (used instanceof Value ? this.data(used) : used));
    const hostCall = (): void => call(buffers.map((buffer) => memory.f32(buffer.address, buffer.bytes / 4)));
    this.hostCalls.push(hostCall);
    const id = this.engine.registerHostCall(hostCall);
    this.calls.push({ ...kernelCall("hostCall", { id }, this.source), uses: buffers });
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
      if (from !== to) this.record("copy", { x: from, y: to, count: output.size });
    }
  }
}
