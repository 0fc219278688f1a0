import type { Rule } from "../../graph/index.js";
import { reluOperation } from "./relu.js";

/**
 * A ReLU after a layer is applied where the layer writes its output, while that is in registers, and its mask where backward
 * reads dy. It is a rule of operations with an output y and an attribute `relu`.
 */
export const reluEpilogue: Rule = {
  name: "ReLU after a layer",
  phase: 2,
  rewrite(node, { onlyProducerOf }) {
    if (!reluOperation.made(node)) return undefined;
    const layer = onlyProducerOf(node.inputs.x);
    if (!layer?.operation.rules.includes(reluEpilogue)) return undefined;
    const attributes = layer.attributes as { readonly relu: boolean };
    if (attributes.relu) return undefined;
    return {
      ...{ operation: layer.operation, inputs: layer.inputs, attributes: { ...attributes, relu: true } },
      outputs: { ...layer.outputs, y: node.outputs.y },
      absorbs: [layer],
    };
  },
};
