import { integerFrom, mostLength, numberFrom, optional, ShapeError } from "../engine/index.js";
import { formatShape, type Value } from "../graph/index.js";
import { add } from "../ops/elementwise/add.js";
import { slice } from "../ops/structure/slice.js";
import { initializerOption, layerFactory, type LayerFactory } from "./factory.js";
import { type Initializer, normal } from "./initializers.js";

export interface SinusoidalPositionsOptions {
  /** Base of the wavelengths, 2π … 2π·theta. Default 10000. */
  readonly theta?: number;
}

/**
 * Adds to row t of x [..., length, features] sin(t · theta^(−2i/features)) at feature 2i and the cosine of the same at 2i + 1
 * (Vaswani et al., "Attention Is All You Need", 2017, §3.5).
 */
export const sinusoidalPositions: LayerFactory<SinusoidalPositionsOptions> = /* @__PURE__ */ layerFactory(
  "sinusoidalPositions",
  () => ({ theta: optional(numberFrom(Number.MIN_VALUE), 10000) }),
  ({ theta }) => ({
    name: "sinusoidalPositions",
    apply(x) {
      const [length, features] = rowsOf(x);
      const table = Float64Array.from({ length: length * features }, (_, at) => {
        const [row, feature] = [Math.floor(at / features), at % features];
        const angle = row * theta ** ((-2 * Math.floor(feature / 2)) / features);
        return feature % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
      });
      return add(x, x.graph.constant([length, features], table, "positions"));
    },
  }),
);

export interface LearnedPositionsOptions {
  /** Rows that there are positions for. */
  readonly maxLength: number;
  /** Default: normal with standard deviation 0.02. */
  readonly initializer?: Initializer | undefined;
}

/**
 * Adds a row of its own to each row of x [..., length, features], length ≤ maxLength. A number in the place of the options is
 * maxLength. State: weight [maxLength, features].
 */
export const learnedPositions: LayerFactory<LearnedPositionsOptions, number> = /* @__PURE__ */ layerFactory(
  "learnedPositions",
  () => ({ maxLength: integerFrom(1, mostLength), initializer: optional(initializerOption) }),
  ({ maxLength, initializer = normal(0.02) }) => ({
    name: "learnedPositions",
    apply(x, scope) {
      const [length, features] = rowsOf(x);
      if (length > maxLength) {
        throw new ShapeError(`has ${maxLength} positions, too few for x of shape ${formatShape(x.shape)}`);
      }
      return add(x, slice(scope.parameter("weight", [maxLength, features], initializer), [[0, length]]));
    },
  }),
  "maxLength",
);

function rowsOf({ shape }: Value): readonly [length: number, features: number] {
  if (shape.length < 2) throw new ShapeError(`wants [..., length, features], got ${formatShape(shape)}`);
  return shape.slice(-2) as [number, number];
}
