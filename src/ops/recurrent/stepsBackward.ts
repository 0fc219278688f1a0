import { copyOperation, define, gradientsOf, type MemoryRange, type Operation, type Value } from "../../graph/index.js";
import { concat } from "../structure/concat.js";
import { type Cell, type StepsAttributes, stepsDefaults, type StepsInput, stepsInputs } from "./cell.js";
import { RecurrentProduct, slabsOf } from "./records.js";
import { order, unrolled } from "./unrolled.js";

type BackwardInput = StepsInput | "saved" | "hiddens" | "cells?" | "dhiddens?" | "dcells?";

export type StepsBackward = Operation<BackwardInput, StepsAttributes, "dgates" | "drecurrent?" | "dhidden?" | "dcell?">;

/**
 * The gradient of all steps of a recurrent layer but for that of its weight, which is one product of what this gives: dgates, the
 * gradient of the gates' sums over the input, and, where that is another, drecurrent of those over the hidden state.
 */
export function stepsBackwardOperation(cell: Cell): StepsBackward {
  const { name, hasCell, isApart } = cell;
  return define({
    name: `${name}StepsBackward`,
    inputs: [
      ...(["saved", "hiddens", "dhiddens?"] as const),
      ...(hasCell ? (["cells?", "dcells?"] as const) : []),
      ...stepsInputs(cell),
    ],
    otherTypes: ["lengths"],
    forGradient: ["gates", "bias"],
    outputs: [
      "dgates",
      ...(isApart ? (["drecurrent"] as const) : []),
      "dhidden?",
      ...(hasCell ? (["dcell?"] as const) : []),
    ],
    attributes: stepsDefaults,
    shape: ({ gates, hidden }) => ({
      ...{ dgates: gates.shape, drecurrent: gates.shape, dhidden: hidden.shape, dcell: hidden.shape },
    }),
    compose({ dhiddens, dcells, ...given }, attributes) {
      // What is one value may be several inputs: each has a gradient of its own.
      const own = (x: Value): Value => copyOperation.apply({ x }).y;
      const [gates, hidden, firstCell] = [own(given.gates), own(given.hidden), given.cell && own(given.cell)];
      const inputs = { ...given, gates, hidden, cell: firstCell };
      const extra = isApart ? own(gates.graph.constant(gates.shape, 0)) : undefined;
      const withRespectTo = [gates, hidden, extra ?? firstCell].filter((value) => value !== undefined);
      const upstreams = [dhiddens, dcells];
      const states = (): Value => {
        const { hiddens, cells } = unrolled(cell, inputs, attributes, extra);
        return concat([hiddens, cells].filter((_, i) => upstreams[i]));
      };
      const upstream = concat(upstreams.filter((value) => value !== undefined));
      const [dgates, dhidden, third] = gradientsOf(states, withRespectTo, upstream);
      return { dgates, dhidden, ...(isApart && { drecurrent: third }), ...(hasCell && { dcell: third }) };
    },
    lower(emit, { inputs, outputs, attributes }) {
      const { saved, hiddens, cells, dhiddens, dcells, weight, hidden, cell: firstCell, lengths } = inputs;
      const { dgates, drecurrent, dhidden, dcell } = outputs;
      const [steps, batch] = dgates.shape as [number, number];
      const size = hidden.shape[1]!;
      const product = new RecurrentProduct(emit, weight, batch, true);
      const carried = (output: Value, what: string): MemoryRange =>
        emit.isRead(output) ? emit.data(output) : emit.scratch(4 * batch * size, what);
      const dh = carried(dhidden, "the gradient of the hidden state");
      const dc = hasCell ? carried(dcell, "the gradient of the cell state") : undefined;
      const slabs = (value: Value | undefined): ((step: number) => MemoryRange | undefined) =>
        value ? slabsOf(emit, value) : () => undefined;
      const [savedAt, hiddenAt, cellAt] = [slabs(saved), slabs(hiddens), slabs(cells)];
      const [upstreamAt, upstreamCellAt] = [slabs(dhiddens), slabs(dcells)];
      const dx = slabsOf(emit, dgates);
      const dz = isApart ? slabsOf(emit, drecurrent) : dx;
      const adds = isApart || lengths !== undefined;
      const list = order(steps, !attributes.reverse);
      list.forEach((step, i) => {
        const [isFirst, earlier] = [i === 0, list[i + 1]];
        const isLast = earlier === undefined;
        const leadsOn = !isLast || emit.isRead(dhidden);
        emit.record("recurrentStepBackward", {
          ...{ hidden: isLast ? hidden : hiddenAt(earlier), nextHidden: hiddenAt(step) },
          ...{ cell: isLast ? firstCell : cellAt(earlier), nextCell: cellAt(step), saved: savedAt(step), lengths },
          ...{ upstream: upstreamAt(step), upstreamCell: upstreamCellAt(step) },
          ...{ dhidden: isFirst ? 0 : dh, dcell: isFirst ? 0 : dc, dx: dx(step), dz: isApart ? dz(step) : 0 },
          ...{ dprevious: adds && leadsOn ? dh : 0, dpreviousCell: dc },
          ...{ step, rows: batch, columns: size, kind: cell.kind(attributes) },
        });
        if (leadsOn) product.emit(dz(step), dh, { adds });
      });
    },
  });
}
