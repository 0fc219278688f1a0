import { constants } from "../../engine/index.js";
import type { Value } from "../../graph/index.js";
import { sigmoid } from "../activations/sigmoid.js";
import { tanh } from "../activations/tanh.js";
import { add } from "../elementwise/add.js";
import { multiply } from "../elementwise/multiply.js";
import { subtract } from "../elementwise/subtract.js";
import type { Cell } from "./cell.js";
import { recurrentOperation, type RecurrentOptions } from "./recurrent.js";
import { stepsOperation } from "./steps.js";
import { stepsBackwardOperation } from "./stepsBackward.js";

const cell: Cell = {
  ...{ name: "gru", gates: 3, saved: 4, hasCell: false, isApart: true },
  kind: () => constants.RECURRENT_GRU,
  next: (x, h, { hidden }) => {
    const [r, z] = [0, 1].map((gate) => sigmoid(add(x[gate]!, h[gate]!))) as [Value, Value];
    const n = tanh(add(x[2]!, multiply(r, h[2]!)));
    return { hidden: add(n, multiply(z, subtract(hidden, n))) };
  },
};

export const gruStepsBackward = /* @__PURE__ */ stepsBackwardOperation(cell);
export const gruSteps = /* @__PURE__ */ stepsOperation(cell, gruStepsBackward);
export const gruOperation = /* @__PURE__ */ recurrentOperation(cell, gruSteps);

/** What a layer with one state gives. */
export interface RecurrentResult {
  /** The hidden states after all steps, [B, T, H]; 0 behind the end of a sample. */
  readonly y: Value;
  /** The hidden state after the last step of each sample, [B, H]. */
  readonly hidden: Value;
}

/**
 * A gated recurrent unit (Cho et al., 2014), one layer in one direction, as PyTorch's: r, z = σ(x·Wi + bi + h·Wh + bh),
 * n = tanh(x·Wi + bi + r·(h·Wh + bh)), h′ = (1 − z)·n + z·h, where W and b are the columns of each gate. The reset gate r is
 * applied behind the product, so biasHh is not the same as biasIh. The product of the input is one for all steps.
 *
 * @param x [B, T, F], T ≥ 1
 * @param weightIh [F, 3·H], columns of the gates r, z, n
 * @param weightHh [H, 3·H]
 * @param biasIh [3·H], optional
 * @param biasHh [3·H], optional
 * @param hidden [B, H], the state before the first step; zeros by default
 * @param lengths int32 [B]: how many steps of each sample there are, from 0 on; all by default. Later ones change no state.
 * @throws ShapeError if the shapes do not fit together
 */
export function gru(
  x: Value,
  weightIh: Value,
  weightHh: Value,
  biasIh?: Value,
  biasHh?: Value,
  hidden?: Value,
  lengths?: Value,
  options: RecurrentOptions = {},
): RecurrentResult {
  return gruOperation.call({ x, weightIh, weightHh, biasIh, biasHh, hidden, lengths }, options);
}
