import {
  alignUp,
  type Engine,
  type FieldValues,
  type Holding,
  type HostCall,
  kernelCall,
  type KernelCall,
  type KernelName,
  StateError,
} from "../engine/index.js";
import { Buffer } from "./buffer.js";
import type { Emitter, Node } from "./graph.js";
import type { Scalars } from "./scalars.js";
import type { Value } from "./graph.js";

/** Turns nodes into kernel calls: first all forward records in order, then the backward ones in reverse. */
export class Lowering implements Emitter {
  readonly calls: KernelCall[] = [];
  /** Read-only tables of the program, and what writes them once they are placed. */
  readonly constants: { readonly buffer: Buffer; readonly fill: (bytes: ArrayBuffer, address: number) => void }[] = [];
  /** Functions that host-call records call; the engine does not keep them alive. */
  readonly hostCalls: HostCall[] = [];
  private readonly buffers = new Map<Value, Buffer>();
  private readonly gradients = new Map<Value, Buffer>();
  private readonly saved = new Map<Node, unknown>();
  private source = "";
  private streams = 0;
  private constantBytes = 0;

  /**
   * @param holding of the program: host calls are registered until it goes back
   * @param training whether backward records follow
   */
  constructor(
    private readonly engine: Engine,
    private readonly holding: Holding,
    private readonly scalars: Scalars,
    readonly training: boolean,
  ) {}

  forward(nodes: readonly Node[]): void {
    for (const node of nodes) {
      this.source = node.source;
      const [input] = node.inputs;
      if (node.operation.isView && input) this.buffers.set(node.output, this.data(input));
      this.saved.set(node, node.operation.forward(this, node));
    }
  }

  /** Emits the backward records of `nodes`, given the gradient of `output`. */
  backward(nodes: readonly Node[], output: Value, gradient: Buffer): void {
    this.gradients.set(output, gradient);
    for (const node of [...nodes].reverse()) {
      const dy = this.gradients.get(node.output);
      if (!dy || !node.output.requiresGradient) continue;
      this.source = `the backward pass of ${node.source}`;
      node.operation.backward?.(this, node, this.saved.get(node), dy);
    }
  }

  /** Emits records outside any node, such as the optimizer's. */
  within(source: string, emit: (emitter: Emitter) => void): void {
    this.source = source;
    emit(this);
  }

  /**
   * The gradient of a value, after `backward`, in memory of this program: that of a parameter, which all programs write, is
   * copied. Throws StateError if none reached it.
   */
  ownGradient(value: Value): Buffer {
    const gradient = this.gradients.get(value);
    if (!gradient) throw new StateError(`no gradient reaches ${value.label}`);
    if (gradient !== value.gradientStorage) return gradient;
    const own = this.planned(value.bytes, `gradient of ${value.label}`);
    this.source = "a gradient that is kept";
    this.record("copy", { x: gradient, y: own, count: value.size });
    return own;
  }

  data(value: Value): Buffer {
    let buffer = value.storage ?? this.buffers.get(value);
    if (!buffer) this.buffers.set(value, (buffer = this.planned(value.bytes, value.label)));
    return buffer;
  }

  scratch(bytes: number, label: string): Buffer {
    return this.planned(bytes, `${this.source}: ${label}`);
  }

  constant(length: number, label: string, fill: (table: Int32Array) => void): Buffer {
    return this.addConstant(length, `${this.source}: ${label}`, (bytes, address) =>
      fill(new Int32Array(bytes, address, length)),
    );
  }

  /** A constant vector of ones. */
  ones(length: number): Buffer {
    return this.addConstant(length, "ones", (bytes, address) => new Float32Array(bytes, address, length).fill(1));
  }

  scalar(name: string): Buffer {
    return this.scalars.slot(name);
  }

  stream(): number {
    return this.streams++;
  }

  record<K extends KernelName>(kernel: K, fields: FieldValues<K>): void {
    this.calls.push(kernelCall(kernel, fields, this.source));
  }

  hostCall(uses: readonly Buffer[], call: (views: readonly Float32Array[]) => unknown): void {
    const { memory } = this.engine;
    const hostCall = (): unknown => call(uses.map((buffer) => memory.f32(buffer.address, buffer.bytes / 4)));
    this.hostCalls.push(hostCall);
    const id = this.engine.registerHostCall(hostCall, this.holding);
    this.calls.push({ ...kernelCall("hostCall", { id }, this.source), uses });
  }

  contribute(values: readonly Value[], write: (gradients: readonly (Buffer | undefined)[]) => void): void {
    const claimed = new Set<Value>();
    const targets = values.map((value) => {
      if (!value.requiresGradient) return undefined;
      const isFirst = !this.gradients.has(value) && !claimed.has(value);
      claimed.add(value);
      return (isFirst && value.gradientStorage) || this.planned(value.bytes, `gradient of ${value.label}`);
    });
    if (targets.every((target) => target === undefined)) return;
    write(targets);
    values.forEach((value, i) => {
      const target = targets[i];
      if (target) this.accumulate(value, target);
    });
  }

  pass(value: Value, gradient: Buffer): void {
    if (!value.requiresGradient) return;
    if (value.gradientStorage && !this.gradients.has(value)) {
      this.record("copy", { x: gradient, y: value.gradientStorage, count: value.size });
      this.gradients.set(value, value.gradientStorage);
    } else this.accumulate(value, gradient);
  }

  /** Adds a contribution. Sums go to a new buffer, for the ones so far may also be the gradients of other values. */
  private accumulate(value: Value, contribution: Buffer): void {
    const sofar = this.gradients.get(value);
    if (!sofar) {
      this.gradients.set(value, contribution);
      return;
    }
    const sum = value.gradientStorage ?? this.planned(value.bytes, `gradient of ${value.label}`);
    this.record("add", { a: sofar, b: contribution, y: sum, count: value.size });
    this.gradients.set(value, sum);
  }

  private planned(bytes: number, label: string): Buffer {
    this.engine.memory.checkFits(bytes, label);
    return Buffer.planned(bytes, label);
  }

  private addConstant(length: number, label: string, fill: (bytes: ArrayBuffer, address: number) => void): Buffer {
    const buffer = Buffer.planned(4 * length, label);
    this.constantBytes += alignUp(buffer.bytes);
    this.engine.memory.checkFits(this.constantBytes, `tables of a program, up to ${label}`);
    this.constants.push({ buffer, fill });
    return buffer;
  }
}
