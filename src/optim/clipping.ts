import { numberFrom } from "../engine/index.js";
import type { Value } from "../graph/index.js";
import { add } from "../ops/elementwise/add.js";
import { divide } from "../ops/elementwise/divide.js";
import { clamp, minimum } from "../ops/elementwise/extrema.js";
import { multiply } from "../ops/elementwise/multiply.js";
import { sqrt, square } from "../ops/elementwise/powers.js";
import { sum } from "../ops/reductions/sum.js";

/** The gradient of a parameter, by its name, or of neighbouring ones. */
export interface NamedGradient {
  readonly name: string;
  readonly value: Value;
}

/** What is done to gradients before an optimizer sees them. */
export interface Clipping {
  /** Whether it wants the gradient of every parameter by itself. */
  readonly isByTensor: boolean;
  /** What becomes of all gradients of a step, in their order. */
  apply(gradients: readonly NamedGradient[]): readonly Value[];
}

const limit = (name: string, given: number): number => numberFrom(0)(name, given);

/** Gradients that are together longer than `most` made as long as that, as PyTorch's clip_grad_norm_ does. */
function shortened(gradients: readonly Value[], most: number): readonly Value[] {
  const squares = gradients.map((gradient) => sum(square(gradient))).reduce(add);
  const factor = minimum(divide(most, add(sqrt(squares), 1e-6)), 1);
  return gradients.map((gradient) => multiply(gradient, factor));
}

/**
 * Every element of a gradient between −most and most.
 * @throws ArgumentError for what is no number of at least 0
 */
export function clipByValue(most: number): Clipping {
  const max = limit("clipByValue", most);
  return { isByTensor: false, apply: (gradients) => gradients.map(({ value }) => clamp(value, { min: -max, max })) };
}

/**
 * All gradients times one factor, so that their norm together is at most `most`: min(1, most/(norm + 1e-6)).
 * @throws ArgumentError for what is no number of at least 0
 */
export function clipByGlobalNorm(most: number): Clipping {
  const max = limit("clipByGlobalNorm", most);
  return { isByTensor: false, apply: (gradients) => shortened(gradients.map(({ value }) => value), max) }; // prettier-ignore
}

/**
 * The same for each layer by itself: for the parameters whose names differ in their last part alone, such as "0.weight" and "0.bias".
 * @throws ArgumentError for what is no number of at least 0
 */
export function clipByLayer(most: number): Clipping {
  const max = limit("clipByLayer", most);
  return {
    isByTensor: true,
    apply(gradients) {
      const layerOf = ({ name }: NamedGradient): string => name.slice(0, Math.max(name.lastIndexOf("."), 0));
      const clipped = new Map<NamedGradient, Value>();
      for (const layer of new Set(gradients.map(layerOf))) {
        const own = gradients.filter((gradient) => layerOf(gradient) === layer);
        shortened(own.map(({ value }) => value), max).forEach((value, i) => clipped.set(own[i]!, value)); // prettier-ignore
      }
      return gradients.map((gradient) => clipped.get(gradient)!);
    },
  };
}
