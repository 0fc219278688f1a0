import type { Value } from "../graph/index.js";
import { linear } from "../ops/products/linear.js";
import { defaultBias, defaultWeight, type Initializer } from "./initializers.js";
import type { Scope } from "./scope.js";

export interface ProjectionOptions {
  readonly outFeatures: number;
  readonly bias: boolean;
  /** Default: as nn.linear. */
  readonly initializer?: Initializer;
  /** Default: as nn.linear. */
  readonly biasInitializer?: Initializer;
}

/** A linear layer within another: x [..., features] · name.weight + name.bias. */
export function project(
  scope: Scope,
  name: string,
  x: Value,
  { outFeatures, bias, initializer = defaultWeight, biasInitializer }: ProjectionOptions,
): Value {
  const shape = [x.shape.at(-1)!, outFeatures];
  const weight = scope.parameter(`${name}.weight`, shape, initializer);
  if (!bias) return linear(x, weight);
  return linear(x, weight, scope.parameter(`${name}.bias`, [outFeatures], biasInitializer ?? defaultBias(shape)));
}
