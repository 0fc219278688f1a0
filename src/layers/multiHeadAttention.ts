import { flag, integerFrom, mostLength, numberFrom, optional, ShapeError } from "../engine/index.js";
import { broadcastsTo, formatShape, type Value } from "../graph/index.js";
import { scaledDotProductAttention } from "../ops/attention/scaledDotProductAttention.js";
import { add } from "../ops/elementwise/add.js";
import { logicalAnd } from "../ops/elementwise/logical.js";
import { where } from "../ops/elementwise/where.js";
import { reshape } from "../ops/structure/reshape.js";
import { transpose } from "../ops/structure/permute.js";
import { unsqueeze } from "../ops/structure/squeeze.js";
import { layerFactory, type LayerFactory } from "./factory.js";
import { uniform, xavierUniform, zeros } from "./initializers.js";
import { project } from "./projection.js";
import type { LayerInputs } from "./scope.js";

export interface MultiHeadAttentionOptions {
  /** Heads, which share out embedDim. */
  readonly numHeads: number;
  /** Features of queries and results. Default: those of x, which they must be. */
  readonly embedDim?: number | undefined;
  /** Features of keys. Default: those that they have, which they must be. */
  readonly kdim?: number | undefined;
  /** Features of values. Default: those that they have, which they must be. */
  readonly vdim?: number | undefined;
  /** Whether the four products have a bias. Default true. */
  readonly bias?: boolean;
  /** Probability with which a weight is dropped while training. Default 0. */
  readonly dropout?: number;
  /** Whether a query sees the keys up to its own position alone. Default false. */
  readonly isCausal?: boolean;
}

/**
 * Attention by several heads (Vaswani et al., "Attention Is All You Need", 2017, §3.2.2) of x [..., length, embedDim]. Beside x it
 * takes `key` [..., keys, kdim] (default x) and `value` [..., keys, vdim] (default the key); `keyPaddingMask` [..., keys] and `mask`
 * [length, keys], [batch, length, keys] or [batch, numHeads, length, keys], which are truth values, true where a key takes part, or
 * numbers that are added to the scores. A number in the place of the options is numHeads.
 * State: query, key and value, each with weight [in, embedDim] and bias, and output with weight [embedDim, embedDim] and bias.
 */
export const multiHeadAttention: LayerFactory<MultiHeadAttentionOptions, number> = /* @__PURE__ */ layerFactory(
  "multiHeadAttention",
  () => ({
    numHeads: integerFrom(1, mostLength),
    embedDim: optional(integerFrom(1, mostLength)),
    kdim: optional(integerFrom(1, mostLength)),
    vdim: optional(integerFrom(1, mostLength)),
    bias: optional(flag, true),
    dropout: optional(numberFrom(0, 1), 0),
    isCausal: optional(flag, false),
  }),
  ({ numHeads, bias, dropout, isCausal, ...wanted }) => ({
    name: "multiHeadAttention",
    inputs: ["key", "value", "keyPaddingMask", "mask"],
    apply(x, scope, { key = x, value = key, keyPaddingMask, mask }: LayerInputs = {}) {
      const [embedDim, kdim, vdim] = [
        featuresOf("x", x, wanted.embedDim),
        featuresOf("key", key, wanted.kdim),
        featuresOf("value", value, wanted.vdim),
      ];
      if (embedDim % numHeads !== 0) {
        throw new ShapeError(`x has ${embedDim} features, which ${numHeads} heads cannot share out evenly`);
      }
      // PyTorch draws the three as one weight [embedDim, 3 · embedDim] if they have one shape.
      const isOneShape = embedDim === kdim && embedDim === vdim;
      const initializer = isOneShape ? uniform(Math.sqrt(6 / (4 * embedDim))) : xavierUniform();
      const settings = { outFeatures: embedDim, bias, biasInitializer: zeros };
      const heads = (name: string, given: Value): Value => {
        const y = project(scope, name, given, { ...settings, initializer });
        return transpose(reshape(y, [...y.shape.slice(0, -1), numHeads, embedDim / numHeads]), -3, -2);
      };
      const [q, k, v] = [heads("query", x), heads("key", key), heads("value", value)];
      const y = scaledDotProductAttention(q, k, v, {
        mask: combined(keyPaddingMask && paddingOf(keyPaddingMask, key), mask && maskOfHeads(mask)),
        isCausal,
        dropout: scope.training ? dropout : 0,
      });
      const merged = reshape(transpose(y, -3, -2), [...x.shape.slice(0, -1), embedDim]);
      return project(scope, "output", merged, settings);
    },
  }),
  "numHeads",
);

/** Throws ShapeError unless x is [..., length, features], with as many features as wanted. */
function featuresOf(name: string, x: Value, wanted: number | undefined): number {
  const features = x.shape.at(-1) ?? 0;
  if (x.shape.length >= 2 && features > 0 && (wanted ?? features) === features) return features;
  throw new ShapeError(`wants ${name} of shape [..., length, ${wanted ?? "features"}], got ${formatShape(x.shape)}`);
}

/** [..., keys] as a mask of all heads and queries. */
function paddingOf(padding: Value, key: Value): Value {
  const { shape } = padding;
  const wanted = key.shape.slice(0, -1);
  if (shape.length > 0 && broadcastsTo(shape, wanted))
    return reshape(padding, [...shape.slice(0, -1), 1, 1, shape.at(-1)!]);
  throw new ShapeError(`wants keyPaddingMask of shape ${formatShape(wanted)}, got ${formatShape(shape)}`);
}

/** One without an axis of heads is for all. */
function maskOfHeads(mask: Value): Value {
  return mask.shape.length === 3 ? unsqueeze(mask, 1) : mask;
}

/** What both masks leave over. */
function combined(padding: Value | undefined, mask: Value | undefined): Value | undefined {
  if (!padding || !mask) return padding ?? mask;
  const areTruth = [padding, mask].map(({ dataType }) => dataType === "bool");
  if (areTruth.every(Boolean)) return logicalAnd(padding, mask);
  const [a, b] = [padding, mask].map((x) => (x.dataType === "bool" ? where(x, 0, -Infinity) : x));
  return add(a!, b!);
}
