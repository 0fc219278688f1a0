import { flag, integerFrom, numberFrom, optional } from "../engine/index.js";
import type { Shape } from "../graph/index.js";
import { groupNorm as groupNormOp } from "../ops/normalization/groupNorm.js";
import { layerNorm as layerNormOp } from "../ops/normalization/layerNorm.js";
import {
  localResponseNorm as localResponseNormOp,
  type LocalResponseNormOptions,
  localResponseNormReaders,
} from "../ops/normalization/localResponseNorm.js";
import { rmsNorm as rmsNormOp, smallestStep } from "../ops/normalization/rmsNorm.js";
import { lengthsReader } from "../ops/normalization/rowNorm.js";
import { affineOf } from "./affine.js";
import { layerFactory, type LayerFactory } from "./factory.js";

export interface RmsNormOptions {
  /** Lengths of the last axes, over which each row is normalised; a number is that of the last. Default: the last axis. */
  readonly normalizedShape?: number | Shape;
  /** Added to the mean square. Default 2⁻²³. */
  readonly epsilon?: number;
  /** Whether it has a weight for each element of a row. Default true. */
  readonly elementwiseAffine?: boolean;
}

export interface LayerNormOptions {
  /** Lengths of the last axes, over which each row is normalised; a number is that of the last. Default: the last axis. */
  readonly normalizedShape?: number | Shape;
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
  /** Whether it has weight and bias for each element of a row. Default true. */
  readonly elementwiseAffine?: boolean;
  /** Whether it has a bias beside the weight. Default true. */
  readonly bias?: boolean;
}

/**
 * Normalises each row along the last axes, then scales and shifts its elements (Ba, Kiros and Hinton, "Layer Normalization", 2016).
 * A number or an array in the place of the options is normalizedShape. State, of that shape: weight (γ), bias (β).
 */
export const layerNorm: LayerFactory<LayerNormOptions, number | Shape> = /* @__PURE__ */ layerFactory(
  "layerNorm",
  () => ({
    normalizedShape: optional(lengthsReader),
    epsilon: optional(numberFrom(0), 1e-5),
    elementwiseAffine: optional(flag, true),
    bias: optional(flag, true),
  }),
  ({ normalizedShape, epsilon, elementwiseAffine, bias }) => ({
    name: "layerNorm",
    apply(x, scope) {
      const shape = normalizedShape ?? x.shape.slice(-1);
      const parameters = affineOf(scope, shape, elementwiseAffine, elementwiseAffine && bias);
      return layerNormOp(x, ...parameters, { normalizedShape: shape, epsilon });
    },
  }),
  "normalizedShape",
);

/**
 * Divides each row along the last axes by its root mean square, then scales its elements (Zhang and Sennrich, "Root Mean Square
 * Layer Normalization", 2019). A number or an array in the place of the options is normalizedShape. State, of that shape: weight.
 */
export const rmsNorm: LayerFactory<RmsNormOptions, number | Shape> = /* @__PURE__ */ layerFactory(
  "rmsNorm",
  () => ({
    normalizedShape: optional(lengthsReader),
    epsilon: optional(numberFrom(0), smallestStep),
    elementwiseAffine: optional(flag, true),
  }),
  ({ normalizedShape, epsilon, elementwiseAffine }) => ({
    name: "rmsNorm",
    apply(x, scope) {
      const shape = normalizedShape ?? x.shape.slice(-1);
      const [gamma] = affineOf(scope, shape, elementwiseAffine, false);
      return rmsNormOp(x, gamma, { normalizedShape: shape, epsilon });
    },
  }),
  "normalizedShape",
);

export interface GroupNormOptions {
  /** In how many groups the channels are normalised together. */
  readonly numGroups: number;
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
  /** Whether it has weight and bias. Default true. */
  readonly affine?: boolean;
}

/**
 * Normalises each group of neighbouring channels (the last axis) of each sample over all places, then scales and shifts each channel
 * (Wu and He, "Group Normalization", 2018). A number in the place of the options is numGroups. State, both [channels]: weight (γ),
 * bias (β).
 */
export const groupNorm: LayerFactory<GroupNormOptions, number> = /* @__PURE__ */ layerFactory(
  "groupNorm",
  () => ({ numGroups: integerFrom(1), epsilon: optional(numberFrom(0), 1e-5), affine: optional(flag, true) }),
  ({ numGroups, epsilon, affine }) => ({
    name: "groupNorm",
    apply: (x, scope) => groupNormOp(x, ...affineOf(scope, x.shape.slice(-1), affine), { numGroups, epsilon }),
  }),
  "numGroups",
);

/**
 * Divides each channel (the last axis) by a power of the squares of its neighbours: see `ops.localResponseNorm`. A number in the place
 * of the options is size.
 */
export const localResponseNorm: LayerFactory<LocalResponseNormOptions, number> = /* @__PURE__ */ layerFactory(
  "localResponseNorm",
  localResponseNormReaders,
  (options) => ({ name: "localResponseNorm", apply: (x) => localResponseNormOp(x, options) }),
  "size",
);
