import { define, type Emitter, expanded, type Pointer, type Rule, type Value } from "../../graph/index.js";
import { emitReduction } from "./gemm.js";
import { reluBackward, reluBackwardOperation } from "../activations/relu.js";

/** Rows of dy whose sums are one partial result, where there are more than twice as many. */
const chunkRows = 1024;

/** A mask before a bias gradient is applied in the pass that forms the sums, which stores what it masked. */
const maskWhereSummed: Rule = {
  name: "ReLU's mask in the pass of the bias gradient",
  phase: 0,
  isLate: true,
  rewrite(node, { producerOf }) {
    if (!biasGradientOperation.made(node)) return undefined;
    const mask = producerOf(node.inputs.dy);
    if (!reluBackwardOperation.made(mask)) return undefined;
    return {
      ...{ operation: reluBiasGradientOperation, inputs: mask.inputs, attributes: undefined },
      ...{ outputs: { masked: mask.outputs.dx, sum: node.outputs.sum }, absorbs: [mask] },
    };
  },
};

/** The sums of the columns of dy [..., C] → [C]: the gradient of a bias. */
export const biasGradientOperation = /* @__PURE__ */ define({
  name: "biasGradient",
  inputs: ["dy"],
  outputs: ["sum"],
  shape: ({ dy }) => ({ sum: dy.shape.slice(-1) }),
  lower: (emit, { inputs: { dy }, outputs: { sum } }) => emitBiasGradient(emit, dy, sum),
  gradient: ({ inputs: { dy }, upstreams: { sum } }) => ({ dy: expanded(sum, dy.shape) }),
  rules: [maskWhereSummed],
});

/**
 * What lies before a ReLU with the output y gets dy where y > 0, else 0: `masked`. `sum` are its column sums, the gradient
 * of a bias; the mask is applied in the pass that forms them.
 */
export const reluBiasGradientOperation = /* @__PURE__ */ define({
  name: "reluBiasGradient",
  inputs: ["y", "dy"],
  outputs: ["masked", "sum?"],
  shape: ({ y }) => ({ masked: y.shape, sum: y.shape.slice(-1) }),
  compose({ y, dy }) {
    const masked = reluBackward(y, dy);
    return { masked, sum: biasGradientOperation.apply({ dy: masked }).sum };
  },
  lower(emit, { inputs: { y, dy }, outputs: { masked, sum } }) {
    if (emit.isRead(sum)) emitBiasGradient(emit, dy, sum, { y, masked });
    else emit.record("reluBackward", { y, dy, dx: masked, count: y.size });
  },
});

function emitBiasGradient(
  emit: Emitter,
  dy: Value,
  sum: Value,
  relu: { readonly y: Pointer; readonly masked: Pointer } = { y: 0, masked: 0 },
): void {
  const columns = sum.size;
  const rows = columns === 0 ? 0 : dy.size / columns;
  const chunk = rows > 2 * chunkRows ? chunkRows : Math.max(rows, 1);
  const chunks = Math.max(Math.ceil(rows / chunk), 1);
  const sums = chunks === 1 ? sum : emit.scratch(chunks * columns * 4, "partial sums of the bias gradient");
  emit.record("biasGradient", { dy, ...relu, sums, rows, columns, chunk });
  if (chunks > 1) emitReduction(emit, { partials: sums, c: sum, chunks, M: 1, N: columns });
}

/**
 * For a layer that adds a bias along the last axis and may end in a ReLU: the gradient of the sum before the ReLU, given y
 * and dy, and that of the bias, if there is one.
 */
export function throughBiasAndRelu(
  { relu }: { readonly relu: boolean },
  bias: Value | undefined,
  y: Value,
  dy: Value,
): { readonly dy: Value; readonly dbias: Value | undefined } {
  if (relu) {
    const { masked, sum } = reluBiasGradientOperation.apply({ y, dy }, undefined);
    return { dy: masked, dbias: bias && sum };
  }
  return { dy, dbias: bias && biasGradientOperation.apply({ dy }).sum };
}
