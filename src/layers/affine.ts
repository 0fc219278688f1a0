import type { Shape, Value } from "../graph/index.js";
import { ones, zeros } from "./initializers.js";
import type { Scope } from "./scope.js";

/** The weight and bias of a normalisation, if it has them: γ, ones at first, and β, zeros. */
export function affineOf(
  scope: Scope,
  shape: Shape,
  hasWeight: boolean,
  hasBias = hasWeight,
): readonly [gamma: Value | undefined, beta: Value | undefined] {
  return [
    hasWeight ? scope.parameter("weight", shape, ones) : undefined,
    hasBias ? scope.parameter("bias", shape, zeros) : undefined,
  ];
}
