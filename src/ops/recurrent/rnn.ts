import { ArgumentError, constants, optional, type Reader, show } from "../../engine/index.js";
import type { Value } from "../../graph/index.js";
import { relu } from "../activations/relu.js";
import { tanh } from "../activations/tanh.js";
import { add } from "../elementwise/add.js";
import type { Cell } from "./cell.js";
import type { RecurrentResult } from "./gru.js";
import { recurrentOperation, type RecurrentOptions } from "./recurrent.js";
import { stepsOperation } from "./steps.js";
import { stepsBackwardOperation } from "./stepsBackward.js";

const cell: Cell = {
  ...{ name: "rnn", gates: 1, saved: 0, hasCell: false, isApart: false },
  kind: ({ nonlinearity }) => (nonlinearity === "relu" ? constants.RECURRENT_RELU : constants.RECURRENT_TANH),
  next: ([x], [z], _, { nonlinearity }) => ({ hidden: (nonlinearity === "relu" ? relu : tanh)(add(x!, z!)) }),
};

export interface RnnOptions extends RecurrentOptions {
  /** Default "tanh". */
  readonly nonlinearity?: "tanh" | "relu";
}

/** "tanh" or "relu". */
export const nonlinearityReader: Reader<"tanh" | "relu"> = (name, given) => {
  if (given === "tanh" || given === "relu") return given;
  throw new ArgumentError(`${name} must be "tanh" or "relu", got ${show(given)}`);
};

export const rnnStepsBackward = /* @__PURE__ */ stepsBackwardOperation(cell);
export const rnnSteps = /* @__PURE__ */ stepsOperation(cell, rnnStepsBackward);
export const rnnOperation = /* @__PURE__ */ recurrentOperation(cell, rnnSteps, () => ({
  nonlinearity: optional(nonlinearityReader, "tanh"),
}));

/**
 * A plain recurrent layer (Elman, 1990), one in one direction: h′ = tanh(x·weightIh + biasIh + h·weightHh + biasHh), or with ReLU in
 * the place of tanh. The product of the input is one for all steps.
 *
 * @param x [B, T, F], T ≥ 1
 * @param weightIh [F, H]
 * @param weightHh [H, H]
 * @param biasIh [H], optional
 * @param biasHh [H], optional
 * @param hidden [B, H], the state before the first step; zeros by default
 * @param lengths int32 [B]: how many steps of each sample there are, from 0 on; all by default. Later ones change no state.
 * @throws ShapeError if the shapes do not fit together
 */
export function rnn(
  x: Value,
  weightIh: Value,
  weightHh: Value,
  biasIh?: Value,
  biasHh?: Value,
  hidden?: Value,
  lengths?: Value,
  options: RnnOptions = {},
): RecurrentResult {
  return rnnOperation.call({ x, weightIh, weightHh, biasIh, biasHh, hidden, lengths }, options);
}
