import { scaledDotProductAttention } from "../../src/ops/attention/scaledDotProductAttention.js";
import type { Row } from "../row.js";
import { operationSubject, type Part, uniform } from "../subject.js";

/** Multiplications and additions of the two products of the forward pass, and of the four that are their gradients. */
function attentionFlops(heads: number, length: number, features: number, part: Part): number {
  const product = 2 * heads * length * length * features;
  return { forward: 2, backward: 4, both: 6 }[part] * product;
}

/** Self-attention of some heads. Where it is causal, half of the scores count. */
function attentionRow(
  batch: number,
  heads: number,
  length: number,
  features: number,
  part: Part,
  isCausal = false,
): Row {
  const shape = [batch, heads, length, features];
  const flops = attentionFlops(batch * heads, length, features, part);
  return {
    name: `attention ${part}${isCausal ? ", causal" : ""}`,
    shape: `${batch}×${heads}×${length}×${features}`,
    flops: isCausal ? flops / 2 : flops,
    tolerance: 1e-4,
    wasm: (engine) =>
      operationSubject(
        engine,
        [1, 2, 3].map((seed) => ({
          shape,
          data: uniform(batch * heads * length * features, seed),
          requiresGradient: part !== "forward",
        })),
        ([query, key, value]) => scaledDotProductAttention(query!, key!, value!, { isCausal }),
        part,
      ),
  };
}

export const attentionRows: readonly Row[] = [
  attentionRow(8, 8, 256, 64, "forward"),
  attentionRow(8, 8, 256, 64, "backward"),
  attentionRow(8, 8, 256, 64, "both", true),
  attentionRow(1, 8, 1024, 64, "both"),
];
