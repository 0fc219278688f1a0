import { flag, optional, ShapeError } from "../../engine/index.js";
import { type Application, define, formatShape, reshaped, type Rule, sizeOf, type Value } from "../../graph/index.js";
import { throughBiasAndRelu } from "./biasGradient.js";
import { emitGemm, type Product } from "./gemm.js";
import { matmul } from "./matmul.js";
import { packOnce } from "./packedProduct.js";
import { reluEpilogue } from "../activations/reluEpilogue.js";

export interface LinearAttributes {
  /** Whether the output is max(x·W + b, 0), computed while the result is in registers. */
  readonly relu: boolean;
}

const packWeight: Rule = /* @__PURE__ */ packOnce((node) => (linearOperation.made(node) ? productOf(node) : undefined));

/** x [..., inFeatures], weight [inFeatures, outFeatures] and, optionally, bias [outFeatures]. */
export const linearOperation = /* @__PURE__ */ define({
  name: "linear",
  inputs: ["x", "weight", "bias?"],
  attributes: { relu: false },
  options: () => ({ relu: optional(flag, false) }),
  shape({ x, weight, bias }) {
    const inFeatures = x.shape.at(-1);
    if (inFeatures === undefined) {
      throw new ShapeError(`linear: x has shape ${formatShape(x.shape)}, want [..., inFeatures]`);
    }
    if (weight.shape.length !== 2 || weight.shape[0] !== inFeatures) {
      throw new ShapeError(
        `linear: weight has shape ${formatShape(weight.shape)}, want [${inFeatures}, outFeatures] ` +
          `for x of shape ${formatShape(x.shape)}`,
      );
    }
    const outFeatures = weight.shape[1]!;
    if (bias && (bias.shape.length !== 1 || bias.shape[0] !== outFeatures)) {
      throw new ShapeError(`linear: bias has shape ${formatShape(bias.shape)}, want [${outFeatures}]`);
    }
    return { y: [...x.shape.slice(0, -1), outFeatures] };
  },
  lower: (emit, node) => emitGemm(emit, productOf(node), node.outputs.y),
  // Goodfellow, Bengio and Courville, "Deep Learning", §6.5.6: dW = xᵀ·dy, dx = dy·Wᵀ, db = the sum of dy over the batch.
  gradient({ inputs: { x, weight, bias }, outputs: { y }, upstreams, attributes }) {
    const { dy, dbias } = throughBiasAndRelu(attributes, bias, y, upstreams.y);
    const dweight = matmul(asRows(x), asRows(dy), { transposeA: true });
    return { bias: dbias, weight: dweight, x: matmul(dy, weight, { transposeB: true }) };
  },
  isAffine: true,
  rules: [reluEpilogue, packWeight],
});

/** Everything but the last axis as one: the rows of one matrix. */
function asRows(x: Value): Value {
  const columns = x.shape.at(-1)!;
  return reshaped(x, [sizeOf(x.shape.slice(0, -1)), columns]);
}

function productOf({
  inputs: { x, weight, bias },
  attributes: { relu },
}: Application<"x" | "weight" | "bias?", LinearAttributes, "y">): Product {
  const [K, N] = weight.shape as [number, number];
  const M = x.shape.at(-2) ?? 1;
  return { batch: x.shape.slice(0, -2), M, N, K, a: x, b: weight, bias, relu };
}

/**
 * A fully connected layer: y = x·W + b, with ReLU if asked. All axes but the last are the batch.
 *
 * @param x [..., inFeatures]
 * @param weight [inFeatures, outFeatures]
 * @param bias [outFeatures], optional
 * @returns [..., outFeatures]
 * @throws ShapeError if the shapes do not fit together
 */
export function linear(x: Value, weight: Value, bias?: Value, options: Partial<LinearAttributes> = {}): Value {
  return linearOperation.call({ x, weight, bias }, options).y;
}
