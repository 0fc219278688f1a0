import { ArgumentError, checkFunction, checkOptions, checkText, messageOf, ShapeError, show } from "../engine/index.js";
import { checkValues, formatShape, type Graph, type Shape, Value } from "../graph/index.js";
import type { Initializer } from "./initializers.js";
import type { StateStore } from "./stateStore.js";

export interface Position {
  /** Path of the layer where it is used, e.g. "2.0": what messages name. */
  readonly place: string;
  /** Path of the layer where it was first used: what its state is named by. */
  readonly home: string;
  /** Undefined outside any named layer. */
  readonly layer?: Layer;
}

/** Where a layer stands while a model is traced: its path, its state, and whether it is training. */
export class Scope {
  constructor(
    readonly graph: Graph,
    /** Training: batch norm uses the batch's statistics, dropout drops. */
    readonly training: boolean,
    private readonly store: StateStore,
    private readonly position: Position = { place: "", home: "" },
    /** Who asked for which state in this trace. */
    private readonly owners = new Map<string, Position>(),
  ) {}

  /**
   * A trainable parameter of this layer. Asked for again, under the same name or by the same layer at another place of the
   * model, it is the same Value: its gradient is the sum over all uses. Throws ShapeError if it has another shape there.
   */
  parameter(name: string, shape: Shape, initializer: Initializer): Value {
    return this.state(name, shape, true, initializer);
  }

  /** A tensor of this layer that is saved but not trained; shared like a parameter. */
  buffer(name: string, shape: Shape, initializer: Initializer): Value {
    return this.state(name, shape, false, initializer);
  }

  /**
   * Traces an inner layer under `name`, which becomes part of the names of its state and of its error messages.
   * @param inputs what the layer takes beside x, by name: the keys of an attention, the state of a recurrent layer
   * @throws ArgumentError for what is no layer, and for inputs that it does not take
   */
  apply(name: string, given: LayerLike, x: Value, inputs: LayerInputs = {}): Value {
    checkText("the name of a layer", name);
    const place = join(this.position.place, name);
    const layer = layerOf(given, `layer ${place}`);
    if (!isLayer(layer)) {
      throw new ArgumentError(
        `layer ${place} is no layer but ${show(layer)}: a layer is what nn.linear({ … }), nn.relu() and their like return; ` +
          "nn.lambda(f) makes one of a function",
      );
    }
    checkText(`the name of layer ${place}`, layer.name);
    checkFunction(`what layer ${place} applies`, (layer as { readonly apply: unknown }).apply, "(x) => ops.relu(x)");
    checkLayerInputs(`layer ${place}`, layer, inputs);
    const inner = this.of(name, layer);
    const label = `layer ${place} (${layer.name})`;
    return this.graph.within(label, () => {
      try {
        const output: unknown = layer.apply(x, inner, inputs);
        if (output instanceof Value && output.graph === this.graph) return output;
        throw new ArgumentError(`${label} must give a value of the graph that it is applied in, got ${show(output)}`);
      } catch (error) {
        if (!(error instanceof ShapeError) || error.message.startsWith("layer ")) throw error;
        // Of an operation that is named like the layer, once is enough.
        const own = `${layer.name}: `;
        const message = error.message.startsWith(own) ? error.message.slice(own.length) : error.message;
        throw new ShapeError(`${label}: ${message}`, { cause: error });
      }
    });
  }

  /** Where a layer that stands under `name` has its state: that which it has elsewhere, if it stood there before. @internal */
  of(name: string, layer: Layer): Scope {
    const [place, home] = [this.position.place, this.position.home].map((path) => join(path, name)) as [string, string];
    const position = { place, home: this.store.homeOf(layer, home), layer };
    return new Scope(this.graph, this.training, this.store, position, this.owners);
  }

  private state(localName: string, shape: Shape, trainable: boolean, initializer: Initializer): Value {
    const { place, home, layer } = this.position;
    checkText(`the name of the state of layer ${place}`, localName);
    const name = join(home, localName);
    const owner = this.owners.get(name) ?? this.position;
    if (owner.place === place && owner.layer !== layer) {
      throw new ArgumentError(
        `two objects called layer ${place} ask for ${name}: give each a name of its own, or use one layer object to share weights`,
      );
    }
    this.owners.set(name, owner);
    const entry = this.store.entry(name, shape, trainable, initializer);
    if (entry.trainable !== trainable) {
      const [kind, other] = trainable ? ["buffer", "parameter"] : ["parameter", "buffer"];
      throw new ArgumentError(`${name} is a ${kind} and cannot also be a ${other}`);
    }
    if (formatShape(entry.shape) !== formatShape(shape)) {
      throw new ShapeError(
        home === place
          ? `${name} is ${formatShape(entry.shape)} and cannot also be ${formatShape(shape)}`
          : `the same object is layer ${home} too, so both share ${name}, which is ${formatShape(entry.shape)} there and ` +
              `would be ${formatShape(shape)} here; for separate weights make a second layer`,
      );
    }
    return this.graph.state(entry.shape, entry.data, entry.name, entry.gradient);
  }
}

/** Whether a value is an object that can be applied as a layer. */
export function isLayer(value: unknown): value is Layer {
  return typeof value === "object" && value !== null && "apply" in value && typeof value.apply === "function";
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

/**
 * A function of a Value that may own state. It is called once for each program that is compiled, not for each step. An
 * object that is used several times in a model has one state, named by its first place.
 */
export interface Layer {
  readonly name: string;
  /** Names of what it takes beside x. Default: none. */
  readonly inputs?: readonly string[];
  /** Adds the layer's nodes to the graph. Throws ShapeError if `x` or another input does not fit. */
  apply(x: Value, scope: Scope, inputs?: LayerInputs): Value;
}

/** What a layer takes beside x, by name. */
export type LayerInputs = Readonly<Record<string, Value | undefined>>;

/** Throws ArgumentError unless inputs are values of a graph that the layer takes. */
function checkLayerInputs(place: string, { inputs: known = [] }: Layer, given: LayerInputs): void {
  checkOptions(`${place}: what it takes beside x`, given, known);
  checkValues(place, ...Object.values(given).filter((value) => value !== undefined));
}

/** A function that makes layers, in the place of one: see `layerFactory`. */
export interface UncalledFactory {
  (): Layer;
  /** The name of the layers it makes. */
  readonly layer: string;
}

/** Whether a function is one of those that make layers. */
export function isLayerFactory(given: unknown): given is UncalledFactory {
  return typeof given === "function" && "layer" in given && typeof given.layer === "string";
}

/**
 * What may stand for a layer: one, a function that makes one without being told options (nn.relu), or a function of a Value.
 */
export type LayerLike = Layer | UncalledFactory | ((x: Value) => Value);

/**
 * The layer that a function stands for; what is no function is returned as it is.
 * @param place what messages call it
 * @throws ArgumentError for nn.linear and others that cannot do without options
 */
export function layerOf(given: unknown, place: string): unknown {
  if (typeof given !== "function") return given;
  if (!isLayerFactory(given)) {
    checkFunction(`what ${place} applies`, given, "(x) => ops.relu(x)");
    // Called with x alone: what follows may be options to it.
    return { name: "lambda", apply: (x: Value): unknown => (given as (x: Value) => unknown)(x) };
  }
  try {
    return given();
  } catch (cause) {
    throw new ArgumentError(
      `${place} is nn.${given.layer} itself: call it with its options, nn.${given.layer}({ … }). ${messageOf(cause)}`,
      { cause },
    );
  }
}
