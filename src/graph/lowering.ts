import {
  type Engine,
  type FieldValues,
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
  /** Read-only tables of the program, to be copied to linear memory. */
  readonly constants: { buffer: Buffer; data: Int32Array | Float32Array }[] = [];
  /** Functions that host-call records call; the engine does not keep them alive. */
  readonly hostCalls: HostCall[] = [];
  private readonly buffers = new Map<Value, Buffer>();
  private readonly gradients = new Map<Value, Buffer>();
  private readonly saved = new Map<Node, unknown>();
  private source = "";
  private streams = 0;

  constructor(
    readonly training: boolean,
    private readonly engine: Engine,
    private readonly scalars: Scalars,
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

  /** The gradient of a value, after `backward`. Throws StateError if none reached it. */
  gradient(value: Value): Buffer {
    const gradient = this.gradients.get(value);
    if (!gradient) throw new StateError(`no gradient reaches ${value.label}`);
    return gradient;
  }

  data(value: Value): Buffer {
    let buffer = value.storage ?? this.buffers.get(value);
    if (!buffer) {
      buffer = Buffer.planned(value.bytes, value.label);
      this.buffers.set(value, buffer);
    }
    return buffer;
  }

  scratch(bytes: number, label: string): Buffer {
    return Buffer.planned(bytes, `${this.source}: ${label}`);
  }

  constant(data: Int32Array | Float32Array, label: string): Buffer {
    const buffer = Buffer.planned(data.byteLength, `${this.source}: ${label}`);
    this.constants.push({ buffer, data });
    return buffer;
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

  hostCall(uses: readonly Buffer[], call: (views: readonly Float32Array[]) => void): void {
    const { memory } = this.engine;
    const hostCall = (): void => call(uses.map((buffer) => memory.f32(buffer.address, buffer.bytes / 4)));
    this.hostCalls.push(hostCall);
    const id = this.engine.registerHostCall(hostCall);
    this.calls.push({ ...kernelCall("hostCall", { id }, this.source), uses });
  }

  contribute(values: readonly Value[], write: (gradients: readonly (Buffer | undefined)[]) => void): void {
    const claimed = new Set<Value>();
    const targets = values.map((value) => {
      if (!value.requiresGradient) return undefined;
      const isFirst = !this.gradients.has(value) && !claimed.has(value);
      claimed.add(value);
      return isFirst && value.gradientStorage
        ? value.gradientStorage
        : Buffer.planned(value.bytes, `gradient of ${value.label}`);
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
    const sum = value.gradientStorage ?? Buffer.planned(value.bytes, `gradient of ${value.label}`);
    this.record("add", { a: sofar, b: contribution, y: sum, count: value.size });
    this.gradients.set(value, sum);
  }
}
