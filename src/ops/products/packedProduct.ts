import { define, type Node, type Rule, type Shape } from "../../graph/index.js";
import { emitGemm, packsRightOperand, type Product, rightLayout } from "./gemm.js";
import { packPanels } from "./packPanels.js";

/** The shape of a product whose right operand is packed. */
const defaults = { batch: [] as Shape, M: 0, N: 0, K: 0, transposeA: false, relu: false, yShape: [] as Shape };

/** op(a) · b + bias, then ReLU if asked, of a b that was packed before: made by `packOnce`. */
export const packedProductOperation = /* @__PURE__ */ define({
  name: "packedProduct",
  // Made for inference alone, so no gradient ever flows back through it.
  isConstant: true,
  inputs: ["a", "packed", "bias?"],
  attributes: defaults,
  shape: (_, { yShape }) => ({ y: yShape }),
  lower: (emit, { inputs: { a, packed, bias }, outputs: { y }, attributes }) =>
    emitGemm(emit, { a, b: packed, bias, ...attributes }, y, true),
});

/**
 * The rule of an operation that is a product: if its right operand is fixed, and would be packed in every run, it is packed
 * once for all.
 * @param productOf the product that a node of this operation is
 */
export function packOnce(productOf: (node: Node) => Product | undefined): Rule {
  return {
    name: "weights packed once",
    phase: 3,
    isForInference: true,
    rewrite(node, { isFixed }) {
      const product = productOf(node);
      if (!product || !isFixed(product.b) || !packsRightOperand(product)) return undefined;
      const { a, b, bias, batch, M, N, K, transposeA = false, relu = false } = product;
      const { packed, makes } = packPanels(b, rightLayout(product), node.source);
      const yShape = node.outputs["y"]!.shape;
      return {
        ...{ operation: packedProductOperation, inputs: { a, packed, bias }, makes },
        ...{ attributes: { batch, M, N, K, transposeA, relu, yShape }, outputs: node.outputs, absorbs: [] },
      };
    },
  };
}
