import { checkBoolean, checkOptions, ShapeError } from "../engine/index.js";
import { checkValues, formatShape, type Operation, type Value } from "../graph/index.js";
import { emitBiasAndMask } from "./biasGradient.js";
import { emitGemm } from "./gemm.js";

export interface LinearAttributes {
  /** Whether the output is max(x·W + b, 0), computed while the result is in registers. */
  readonly relu: boolean;
}

/** Inputs: x [B, inFeatures], weight [inFeatures, outFeatures] and, optionally, bias [outFeatures]. Saves nothing. */
export const linearOperation: Operation<LinearAttributes, undefined> = {
  name: "linear",

  forward(emit, { inputs: [x, weight, bias], attributes, output }) {
    const [M, K] = x!.shape as [number, number];
    emitGemm(emit, {
      ...{ M, N: weight!.shape[1]!, K },
      a: emit.data(x!),
      b: emit.data(weight!),
      c: emit.data(output),
      bias: bias && emit.data(bias),
      relu: attributes.relu,
    });
    return undefined;
  },

  // Goodfellow, Bengio and Courville, "Deep Learning", §6.5.6: dW = xᵀ·dy, dx = dy·Wᵀ, db = the sum of dy over the batch.
  backward(emit, node, _saved, upstream) {
    const [x, weight, bias] = node.inputs;
    const [batch, inFeatures] = x!.shape as [number, number];
    const outFeatures = weight!.shape[1]!;
    const dy = emitBiasAndMask(emit, node, bias, upstream);
    emit.contribute([weight!], ([dw]) => {
      const a = emit.data(x!);
      emitGemm(emit, { M: inFeatures, N: outFeatures, K: batch, a, b: dy, c: dw!, transposeA: true });
    });
    emit.contribute([x!], ([dx]) => {
      const b = emit.data(weight!);
      emitGemm(emit, { M: batch, N: inFeatures, K: outFeatures, a: dy, b, c: dx!, transposeB: true });
    });
  },
};

/**
 * A fully connected layer: y = x·W + b, with ReLU if asked.
 *
 * @param x [B, inFeatures]
 * @param weight [inFeatures, outFeatures]
 * @param bias [outFeatures], optional
 * @returns [B, outFeatures]
 * @throws ShapeError if the shapes do not fit together
 */
export function linear(x: Value, weight: Value, bias?: Value, options: Partial<LinearAttributes> = {}): Value {
  checkValues("linear", x, weight, ...(bias === undefined ? [] : [bias]));
  checkOptions("linear", options, ["relu"]);
  const { relu = false } = options;
  checkBoolean("linear: relu", relu);
  if (x.shape.length !== 2) {
    throw new ShapeError(`linear: x has shape ${formatShape(x.shape)}, want [batch, inFeatures]; flatten it first`);
  }
  const [batch, inFeatures] = x.shape as [number, number];
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
  const inputs = bias ? [x, weight, bias] : [x, weight];
  return x.graph.apply(linearOperation, inputs, { relu }, [batch, outFeatures]);
}
