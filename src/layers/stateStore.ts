import { checkFunction, ShapeError } from "../engine/index.js";
import { MemoryRange, checkShape, type Shape, sizeOf } from "../graph/index.js";
import type { Initializer } from "./initializers.js";

/** A tensor that a model owns: a trainable parameter, or a buffer such as a running mean. */
export interface StateEntry {
  /** Named by structure, e.g. "0.weight". */
  readonly name: string;
  readonly shape: Shape;
  readonly trainable: boolean;
  readonly initializer: Initializer;
  /** @internal */
  readonly data: MemoryRange;
  /** Of trainable entries. @internal */
  readonly gradient: MemoryRange | undefined;
}

/** The state of a model by name. Layers declare what they need when the model is first traced, and find it afterwards. */
export class StateStore {
  readonly entries = new Map<string, StateEntry>();
  private readonly homes = new WeakMap<object, string>();
  private frozen = false;

  /** Later traces must ask for what the first one declared. */
  freeze(): void {
    this.frozen = true;
  }

  /**
   * What the state of a layer is named by: the place where this object was first used. One object is one set of weights,
   * wherever and however often it stands in the model.
   */
  homeOf(layer: object, place: string): string {
    const home = this.homes.get(layer) ?? place;
    this.homes.set(layer, home);
    return home;
  }

  entry(name: string, shape: Shape, trainable: boolean, initializer: Initializer): StateEntry {
    const known = this.entries.get(name);
    if (known) return known;
    if (this.frozen) throw new ShapeError(`${name} was not declared when the model was built: layers must not vary`);
    checkShape(name, shape);
    checkFunction(`the initializer of ${name}`, initializer, "nn.initializers.zeros");
    const bytes = sizeOf(shape) * 4;
    const gradient = trainable ? MemoryRange.planned(bytes, `gradient of ${name}`) : undefined;
    const entry = { name, shape, trainable, initializer, data: MemoryRange.planned(bytes, name), gradient };
    this.entries.set(name, entry);
    return entry;
  }
}
