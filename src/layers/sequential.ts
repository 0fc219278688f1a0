import type { Engine } from "../engine/index.js";
import { checkEqualShapes, type Value } from "../graph/index.js";
import { add } from "../ops/elementwise/add.js";
import { type BuildOptions, Model } from "./model.js";
import { type Layer, type LayerLike, layerOf, type Scope } from "./scope.js";

/** Layers, some of them perhaps in arrays. */
export type LayersLike = readonly (LayerLike | readonly LayerLike[])[];

/** Layers applied one after another; their state is named by position, as in PyTorch's nn.Sequential. */
export class Sequential implements Layer {
  readonly name = "sequential";
  private readonly layers: readonly Layer[];

  constructor(...layers: LayersLike) {
    // What is no layer at all is refused where its place in the model is known.
    this.layers = layers.flat().map((layer, i) => layerOf(layer, `layer ${i}`) as Layer);
  }

  apply(x: Value, scope: Scope): Value {
    return this.layers.reduce((value, layer, i) => scope.apply(String(i), layer, value), x);
  }

  /** Infers all shapes, allocates and initialises the state. Throws ShapeError naming the layer that does not fit. */
  build(engine: Engine, options: BuildOptions): Model {
    return new Model(engine, this, options);
  }
}

/**
 * Layers applied one after another, also given as an array. A function of a Value is a layer, and `nn.relu` is `nn.relu()`.
 * @throws ArgumentError for nn.linear and others that cannot do without options
 */
export function sequential(...layers: readonly Layer[]): Sequential;
export function sequential(...layers: LayersLike): Sequential;
export function sequential(...layers: LayersLike): Sequential {
  return new Sequential(...layers);
}

/** x + f(x), with f the given layers in sequence; their output must have the shape of their input. */
export function residual(...layers: readonly Layer[]): Layer;
export function residual(...layers: LayersLike): Layer;
export function residual(...layers: LayersLike): Layer {
  const body = new Sequential(...layers);
  return {
    name: "residual",
    apply(x, scope) {
      const y = body.apply(x, scope);
      // They would broadcast, which no residual block means.
      checkEqualShapes("add", x, y);
      return add(x, y);
    },
  };
}
