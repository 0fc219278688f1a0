import { checkBoolean, checkInteger, checkOptions, mostLength, ShapeError } from "../engine/index.js";
import { formatShape } from "../graph/index.js";
import { linear as linearOp } from "../ops/linear.js";
import { defaultBias, defaultWeight, type Initializer } from "./initializers.js";
import type { Layer } from "./scope.js";

export interface LinearOptions {
  readonly outFeatures: number;
  /** Default true. */
  readonly bias?: boolean;
  /** Of the weight [inFeatures, outFeatures]. Default: PyTorch's, uniform with bound 1/√inFeatures. */
  readonly initializer?: Initializer;
  /** Of the bias [outFeatures]. Default: PyTorch's, uniform with bound 1/√inFeatures. */
  readonly biasInitializer?: Initializer;
}

/** y = x·W + b for x [batch, inFeatures]. State: weight [inFeatures, outFeatures], bias [outFeatures]. */
export function linear(options: LinearOptions): Layer {
  checkOptions("nn.linear", options, ["outFeatures", "bias", "initializer", "biasInitializer"]);
  const { outFeatures, bias = true, initializer, biasInitializer } = options;
  checkBoolean("bias", bias);
  checkInteger("outFeatures", outFeatures, 1, mostLength);
  return {
    name: "linear",
    apply(x, scope) {
      const inFeatures = x.shape[1];
      if (x.shape.length !== 2 || inFeatures === undefined) {
        throw new ShapeError(`wants [batch, features], got ${formatShape(x.shape)}; put nn.flatten() before it`);
      }
      const shape = [inFeatures, outFeatures];
      const weight = scope.parameter("weight", shape, initializer ?? defaultWeight);
      if (!bias) return linearOp(x, weight);
      return linearOp(x, weight, scope.parameter("bias", [outFeatures], biasInitializer ?? defaultBias(shape)));
    },
  };
}
