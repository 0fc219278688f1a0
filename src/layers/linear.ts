import { flag, integerFrom, mostLength, optional, ShapeError } from "../engine/index.js";
import { formatShape } from "../graph/index.js";
import { linear as linearOp } from "../ops/products/linear.js";
import { initializerOption, layerFactory, type LayerFactory } from "./factory.js";
import { defaultBias, defaultWeight, type Initializer } from "./initializers.js";

export interface LinearOptions {
  readonly outFeatures: number;
  /** Default true. */
  readonly bias?: boolean;
  /** Of the weight [inFeatures, outFeatures]. Default: PyTorch's, uniform with bound 1/√inFeatures. */
  readonly initializer?: Initializer | undefined;
  /** Of the bias [outFeatures]. Default: PyTorch's, uniform with bound 1/√inFeatures. */
  readonly biasInitializer?: Initializer | undefined;
}

/**
 * y = x·W + b for x [..., inFeatures], whose other axes are the batch. A number in the place of the options is outFeatures. State: weight
 * [inFeatures, outFeatures], bias [outFeatures].
 */
export const linear: LayerFactory<LinearOptions, number> = /* @__PURE__ */ layerFactory(
  "linear",
  () => ({
    outFeatures: integerFrom(1, mostLength),
    bias: optional(flag, true),
    initializer: optional(initializerOption),
    biasInitializer: optional(initializerOption),
  }),
  ({ outFeatures, bias, initializer = defaultWeight, biasInitializer }) => ({
    name: "linear",
    apply(x, scope) {
      const inFeatures = x.shape.at(-1);
      if (inFeatures === undefined) throw new ShapeError(`wants [..., features], got ${formatShape(x.shape)}`);
      const shape = [inFeatures, outFeatures];
      const weight = scope.parameter("weight", shape, initializer);
      if (!bias) return linearOp(x, weight);
      return linearOp(x, weight, scope.parameter("bias", [outFeatures], biasInitializer ?? defaultBias(shape)));
    },
  }),
  "outFeatures",
);
