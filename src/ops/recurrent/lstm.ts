import { constants } from "../../engine/index.js";
import { add } from "../elementwise/add.js";
import { multiply } from "../elementwise/multiply.js";
import { sigmoid } from "../activations/sigmoid.js";
import { tanh } from "../activations/tanh.js";
import type { Value } from "../../graph/index.js";
import type { Cell } from "./cell.js";
import { recurrentOperation, type RecurrentOptions } from "./recurrent.js";
import { stepsOperation } from "./steps.js";
import { stepsBackwardOperation } from "./stepsBackward.js";

const cell: Cell = {
  ...{ name: "lstm", gates: 4, saved: 5, hasCell: true, isApart: false },
  kind: () => constants.RECURRENT_LSTM,
  next: (x, z, { cell: before }) => {
    const [i, f, g, o] = x.map((sum, gate) => add(sum, z[gate]!)) as [Value, Value, Value, Value];
    const cell = add(multiply(sigmoid(f), before!), multiply(sigmoid(i), tanh(g)));
    return { hidden: multiply(sigmoid(o), tanh(cell)), cell };
  },
};

export const lstmStepsBackward = /* @__PURE__ */ stepsBackwardOperation(cell);
export const lstmSteps = /* @__PURE__ */ stepsOperation(cell, lstmStepsBackward);
export const lstmOperation = /* @__PURE__ */ recurrentOperation(cell, lstmSteps);

/** What an LSTM gives. */
export interface LstmResult {
  /** The hidden states after all steps, [B, T, H]; 0 behind the end of a sample. */
  readonly y: Value;
  /** The hidden state after the last step of each sample, [B, H]. */
  readonly hidden: Value;
  /** The cell state after that, [B, H]. */
  readonly cell: Value;
}

/**
 * A long short-term memory (Hochreiter and Schmidhuber, 1997, with the forget gate of Gers et al., 2000), one layer in one
 * direction, as PyTorch's: i, f, o = σ(…), g = tanh(…), each of x·weightIh + biasIh + h·weightHh + biasHh; c′ = f·c + i·g,
 * h′ = o·tanh c′. The product of the input is one for all steps.
 *
 * @param x [B, T, F], T ≥ 1
 * @param weightIh [F, 4·H], columns of the gates i, f, g, o
 * @param weightHh [H, 4·H]
 * @param biasIh [4·H], optional
 * @param biasHh [4·H], optional
 * @param hidden [B, H], the state before the first step; zeros by default
 * @param cell [B, H], the same
 * @param lengths int32 [B]: how many steps of each sample there are, from 0 on; all by default. Later ones change no state.
 * @throws ShapeError if the shapes do not fit together
 */
export function lstm(
  x: Value,
  weightIh: Value,
  weightHh: Value,
  biasIh?: Value,
  biasHh?: Value,
  hidden?: Value,
  cell?: Value,
  lengths?: Value,
  options: RecurrentOptions = {},
): LstmResult {
  return lstmOperation.call({ x, weightIh, weightHh, biasIh, biasHh, hidden, cell, lengths }, options);
}
