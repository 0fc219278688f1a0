import { reshaped, type Value } from "../../graph/index.js";
import { add } from "../elementwise/add.js";
import { greater } from "../elementwise/comparisons.js";
import { where } from "../elementwise/where.js";
import { matmul } from "../products/matmul.js";
import { stack } from "../structure/concat.js";
import { partOf } from "../structure/slice.js";
import type { Cell, State, StepsAttributes } from "./cell.js";

/** Values by the names of the inputs of the steps. */
export interface StepsInputs {
  readonly gates: Value;
  readonly weight: Value;
  readonly bias?: Value | undefined;
  readonly hidden: Value;
  readonly cell?: Value | undefined;
  readonly lengths?: Value | undefined;
}

/** The states after all steps, [T, B, H] each, at the places of their inputs. */
export interface States {
  readonly hiddens: Value;
  readonly cells: Value;
}

/** Steps 0 … count − 1 in the order in which they are made. */
export function order(count: number, isBackwards: boolean): readonly number[] {
  return Array.from({ length: count }, (_, i) => (isBackwards ? count - 1 - i : i));
}

/**
 * All steps in other operations, one after another.
 * @param extra what is added to the gates' sums over the hidden state, [T, B, gates·H]
 */
export function unrolled(
  { next, gates: count }: Cell,
  { gates, weight, bias, hidden, cell, lengths }: StepsInputs,
  attributes: StepsAttributes,
  extra?: Value,
): States {
  const [steps, batch, width] = gates.shape as [number, number, number];
  const size = width / count;
  const row = (x: Value, step: number): Value => reshaped(partOf(x, [1, batch, width], 0, step), [batch, width]);
  const split = (x: Value): Value[] =>
    Array.from({ length: count }, (_, gate) => partOf(x, [batch, size], 1, gate * size));
  const states: State[] = [];
  let state: State = { hidden, cell };
  for (const step of order(steps, attributes.reverse)) {
    const isOn = lengths && reshaped(greater(lengths, step), [batch, 1]);
    const chosen = (now: Value, otherwise: Value | 0): Value => (isOn ? where(isOn, now, otherwise) : now);
    const sums = [matmul(state.hidden, weight), bias, extra && row(extra, step)].filter((term) => term !== undefined);
    // Behind the end of a sample nothing is computed, so nothing that is not finite comes of it.
    const [x, z] = [row(gates, step), sums.reduce(add)].map((sum) => split(chosen(sum, 0))) as [Value[], Value[]];
    const after = next(x, z, state, attributes);
    state = {
      hidden: chosen(after.hidden, state.hidden),
      cell: after.cell && chosen(after.cell, state.cell!),
    };
    states[step] = state;
  }
  const hiddens = stack(states.map((after) => after.hidden));
  return { hiddens, cells: cell ? stack(states.map((after) => after.cell!)) : hiddens };
}
