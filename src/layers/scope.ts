import { ShapeError } from "../engine/index.js";
import { Buffer, formatShape, type Graph, type Shape, sizeOf, type Value } from "../graph/index.js";
import type { Initializer } from "./initializers.js";

/** A tensor that a model owns: a trainable parameter, or a buffer such as a running mean. */
export interface StateEntry {
  /** Named by structure, e.g. "0.weight". */
  readonly name: string;
  readonly shape: Shape;
  readonly trainable: boolean;
  readonly initializer: Initializer;
  readonly data: Buffer;
  /** Of trainable entries. */
  readonly gradient: Buffer | undefined;
}

/** The state of a model by name. Layers declare what they need when the model is first traced, and find it afterwards. */
export class StateStore {
  readonly entries = new Map<string, StateEntry>();
  private frozen = false;

  /** Later traces must ask for what the first one declared. */
  freeze(): void {
    this.frozen = true;
  }

  entry(name: string, shape: Shape, trainable: boolean, initializer: Initializer): StateEntry {
    const known = this.entries.get(name);
    if (known) {
      if (formatShape(known.shape) !== formatShape(shape)) {
        throw new ShapeError(`${name} is ${formatShape(known.shape)} and cannot also be ${formatShape(shape)}`);
      }
      return known;
    }
    if (this.frozen) throw new ShapeError(`${name} was not declared when the model was built: layers must not vary`);
    const bytes = sizeOf(shape) * 4;
    const gradient = trainable ? Buffer.planned(bytes, `gradient of ${name}`) : undefined;
    const entry = { name, shape, trainable, initializer, data: Buffer.planned(bytes, name), gradient };
    this.entries.set(name, entry);
    return entry;
  }
}

/** Where a layer stands while a model is traced: its path, its state, and whether it is training. */
export class Scope {
  constructor(
    readonly graph: Graph,
    /** Training: batch norm uses the batch's statistics, dropout drops. */
    readonly training: boolean,
    private readonly store: StateStore,
    private readonly path: readonly string[] = [],
  ) {}

  /** A trainable parameter of this layer. */
  parameter(name: string, shape: Shape, initializer: Initializer): Value {
    const entry = this.store.entry(this.nameOf(name), shape, true, initializer);
    return this.graph.state(shape, entry.data, entry.name, entry.gradient);
  }

  /** A tensor of this layer that is saved but not trained. */
  buffer(name: string, shape: Shape, initializer: Initializer): Value {
    const entry = this.store.entry(this.nameOf(name), shape, false, initializer);
    return this.graph.state(shape, entry.data, entry.name);
  }

  /** Traces an inner layer under `name`, which becomes part of the names of its state and of its error messages. */
  apply(name: string, layer: Layer, x: Value): Value {
    const inner = new Scope(this.graph, this.training, this.store, [...this.path, name]);
    const place = `layer ${[...this.path, name].join(".")} (${layer.name})`;
    return this.graph.within(place, () => {
      try {
        return layer.apply(x, inner);
      } catch (error) {
        if (!(error instanceof ShapeError) || error.message.startsWith("layer ")) throw error;
        // Of an operation that is named like the layer, once is enough.
        const own = `${layer.name}: `;
        const message = error.message.startsWith(own) ? error.message.slice(own.length) : error.message;
        throw new ShapeError(`${place}: ${message}`, { cause: error });
      }
    });
  }

  private nameOf(name: string): string {
    return [...this.path, name].join(".");
  }
}

/** A function of a Value that may own state. It is called once for each program that is compiled, not for each step. */
export interface Layer {
  readonly name: string;
  /** Adds the layer's nodes to the graph. Throws ShapeError if `x` does not fit. */
  apply(x: Value, scope: Scope): Value;
}
