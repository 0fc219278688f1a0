import type { Value } from "../../graph/index.js";

/** Attributes of the steps of a recurrent layer. */
export interface StepsAttributes {
  /** Whether they begin at the end of the sequence. */
  readonly reverse: boolean;
  /** What a plain cell ends in. */
  readonly nonlinearity: "tanh" | "relu";
}

export const stepsDefaults: StepsAttributes = { reverse: false, nonlinearity: "tanh" };

/** What is carried from step to step, [B, H] each. */
export interface State {
  readonly hidden: Value;
  /** Of an LSTM. */
  readonly cell?: Value | undefined;
}

/** What tells one kind of recurrent layer from another. */
export interface Cell {
  readonly name: "rnn" | "gru" | "lstm";
  /** Gates of a product, H columns each. */
  readonly gates: number;
  /** Arrays of a state's size that forward keeps for backward, beside the states themselves. */
  readonly saved: number;
  readonly hasCell: boolean;
  /**
   * Whether the gates' sums over the hidden state enter otherwise than by being added to those over the input: their gradient is
   * then another, and a bias of theirs cannot be added to that of the input.
   */
  readonly isApart: boolean;
  /** What the kernel calls it. */
  readonly kind: (attributes: StepsAttributes) => number;
  /**
   * The state after a step.
   * @param x the gates' sums over the input, [B, H] each
   * @param z the same over the hidden state
   */
  readonly next: (x: readonly Value[], z: readonly Value[], state: State, attributes: StepsAttributes) => State;
}

/** Names of what the steps of a layer take. */
export type StepsInput = "gates" | "weight" | "bias?" | "hidden" | "cell?" | "lengths?";

/** The inputs of the steps, of an LSTM with its cell state. */
export function stepsInputs({ hasCell }: Cell): readonly StepsInput[] {
  return ["gates", "weight", "bias?", "hidden", ...(hasCell ? (["cell?"] as const) : []), "lengths?"];
}
