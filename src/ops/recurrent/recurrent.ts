import { flag, optional, type Reader, ShapeError } from "../../engine/index.js";
import {
  define,
  formatShape,
  formatValue,
  type Operation,
  reshaped,
  type Shape,
  type Value,
} from "../../graph/index.js";
import { add } from "../elementwise/add.js";
import { greater } from "../elementwise/comparisons.js";
import { where } from "../elementwise/where.js";
import { linearOperation } from "../products/linear.js";
import { permuted } from "../structure/permute.js";
import { partOf } from "../structure/slice.js";
import { type Cell, type StepsAttributes, stepsDefaults } from "./cell.js";
import type { Steps } from "./steps.js";

type Input = "x" | "weightIh" | "weightHh" | "biasIh?" | "biasHh?" | "hidden?" | "cell?" | "lengths?";
export type RecurrentOperation = Operation<Input, StepsAttributes, "y" | "hidden" | "cell">;
type Inputs = Parameters<RecurrentOperation["apply"]>[0];

export interface RecurrentOptions {
  /** Whether the first step is the last of each sample; y stays in the order of x. Default false. */
  readonly reverse?: boolean;
}

/** Axes of a sequence with time in the place of the batch. */
const exchanged = [1, 0, 2];

/**
 * A recurrent layer, one in one direction: the product of the input for all steps, then the steps.
 * @param further options beside `reverse`, called as attributes of the steps
 */
export function recurrentOperation(
  cell: Cell,
  steps: Steps,
  further: () => Readonly<Record<string, Reader<unknown>>> = () => ({}),
): RecurrentOperation {
  const { name, gates, hasCell } = cell;
  const cellInput = hasCell ? (["cell?"] as const) : [];
  return define({
    name,
    inputs: ["x", "weightIh", "weightHh", "biasIh?", "biasHh?", "hidden?", ...cellInput, "lengths?"],
    otherTypes: ["lengths"],
    outputs: ["y", "hidden", ...(hasCell ? (["cell"] as const) : [])],
    attributes: stepsDefaults,
    options: () => ({ reverse: optional(flag, false), ...further() }),
    shape(inputs) {
      const { y, state } = checkInputs(name, gates, inputs);
      return { y, hidden: state, cell: state };
    },
    compose(inputs, attributes) {
      const { x, weightIh, weightHh, biasIh, biasHh, lengths } = inputs;
      const [batch, length, features] = x.shape as [number, number, number];
      const state = [batch, weightHh.shape[0]!];
      const zeros = x.graph.constant(state, 0, "zeros");
      const rows = reshaped(permuted(x, exchanged), [length * batch, features]);
      const bias = cell.isApart ? biasIh : biasIh && biasHh ? add(biasIh, biasHh) : (biasIh ?? biasHh);
      const sums = linearOperation.apply({ x: rows, weight: weightIh, bias }).y;
      const { hiddens, cells } = steps.apply(
        {
          ...{ gates: reshaped(sums, [length, batch, weightIh.shape[1]!]), weight: weightHh, lengths },
          ...(cell.isApart && { bias: biasHh }),
          hidden: inputs.hidden ?? zeros,
          ...(hasCell && { cell: inputs.cell ?? zeros }),
        },
        attributes,
      );
      const final = (states: Value): Value =>
        reshaped(partOf(states, [1, ...state], 0, attributes.reverse ? 0 : length - 1), state);
      const visible = lengths
        ? where(greater(reshaped(lengths, [1, batch, 1]), reshaped(x.graph.iota(length), [length, 1, 1])), hiddens, 0)
        : hiddens;
      return { y: permuted(visible, exchanged), hidden: final(hiddens), ...(hasCell && { cell: final(cells) }) };
    },
  });
}

/** The shapes of y and of a state. Throws ShapeError for inputs that do not fit together. */
function checkInputs(name: string, gates: number, inputs: Inputs): { readonly y: Shape; readonly state: Shape } {
  const { x, weightHh, lengths } = inputs;
  const [batch = 0, length = 0, features = 0] = x.shape;
  if (x.shape.length !== 3 || length < 1) {
    throw new ShapeError(`${name}: x is ${formatValue(x)}, want [batch, steps, features] with one step at least`);
  }
  const size = weightHh.shape[0] ?? 0;
  const state = [batch, size];
  const wanted: { readonly [K in keyof Inputs]?: Shape } = {
    weightIh: [features, gates * size],
    weightHh: [size, gates * size],
    biasIh: [gates * size],
    biasHh: [gates * size],
    hidden: state,
    cell: state,
    lengths: [batch],
  };
  for (const [input, shape] of Object.entries(wanted)) {
    const given = inputs[input as keyof Inputs];
    if (!given || formatShape(given.shape) === formatShape(shape)) continue;
    throw new ShapeError(
      `${name}: ${input} is ${formatValue(given)}, want ${formatShape(shape)} for x of shape ${formatShape(x.shape)} and ` +
        `${size} hidden units`,
    );
  }
  if (lengths && lengths.dataType !== "i32") {
    throw new ShapeError(`${name}: lengths must be int32, ${lengths.label} holds ${lengths.dataType}`);
  }
  return { y: [batch, length, size], state };
}
