import { add } from "../elementwise/add.js";
import { define, type Emitter, type MemoryRange, type Operation, reshaped, type Value } from "../../graph/index.js";
import { biasGradientOperation } from "../products/biasGradient.js";
import { matmul } from "../products/matmul.js";
import { partOf } from "../structure/slice.js";
import { type Cell, type StepsAttributes, stepsDefaults, type StepsInput, stepsInputs } from "./cell.js";
import { RecurrentProduct, slabsOf } from "./records.js";
import type { StepsBackward } from "./stepsBackward.js";
import { order, unrolled } from "./unrolled.js";

export type Steps = Operation<StepsInput, StepsAttributes, "hiddens" | "cells" | "saved">;

/**
 * The steps of a recurrent layer, whose sums over the input were computed for all steps at once. Time comes first: gates
 * [T, B, gates·H], weight [H, gates·H], hidden and cell [B, H] → the states after each step, [T, B, H]. A step is one product, of a
 * weight that is packed once, and one pass over the gates.
 */
export function stepsOperation(cell: Cell, backward: StepsBackward): Steps {
  const { name, hasCell, isApart, saved: kept } = cell;
  return define({
    name: `${name}Steps`,
    inputs: stepsInputs(cell),
    otherTypes: ["lengths"],
    outputs: hasCell ? ["hiddens", "cells?"] : ["hiddens"],
    kept: ["saved"],
    attributes: stepsDefaults,
    shape({ gates, hidden }) {
      const [steps, batch] = gates.shape as [number, number];
      const size = hidden.shape[1]!;
      const states = [steps, batch, size];
      return { hiddens: states, cells: states, saved: [steps, batch, kept * size] };
    },
    compose(inputs, attributes) {
      const { hiddens, cells } = unrolled(cell, inputs, attributes);
      return hasCell ? { hiddens, cells } : { hiddens };
    },
    lower(emit, { inputs, outputs, attributes }) {
      const { gates, weight, bias, hidden, cell: firstCell, lengths } = inputs;
      const { hiddens, cells, saved } = outputs;
      const [steps, batch, width] = gates.shape as [number, number, number];
      const size = hidden.shape[1]!;
      const product = new RecurrentProduct(emit, weight, batch, false);
      const z = emit.scratch(4 * batch * width, "gates of the hidden state");
      const x = slabsOf(emit, gates);
      const states = slabsOf(emit, hiddens);
      const savedAt = emit.isRead(saved) ? slabsOf(emit, saved) : () => undefined;
      const cellAt = hasCell ? cellSlabs(emit, cells, 4 * batch * size) : () => undefined;
      let [before, cellBefore]: (MemoryRange | undefined)[] = [emit.data(hidden), firstCell && emit.data(firstCell)];
      for (const step of order(steps, attributes.reverse)) {
        product.emit(before!, z, { bias });
        const [after, cellAfter] = [states(step), cellAt(step)];
        emit.record("recurrentStep", {
          ...{ x: x(step), z, hidden: before, cell: cellBefore, nextHidden: after, nextCell: cellAfter },
          ...{ saved: savedAt(step), lengths, step, rows: batch, columns: size, kind: cell.kind(attributes) },
        });
        [before, cellBefore] = [after, cellAfter];
      }
    },
    gradient({ inputs, outputs: { hiddens, cells, saved }, upstreams, attributes }) {
      const { hidden } = inputs;
      const dstates = { dhiddens: upstreams.hiddens, ...(hasCell && { dcells: upstreams.cells, cells }) };
      const given = { ...inputs, ...dstates, hiddens, saved };
      const { dgates, drecurrent, dhidden, dcell } = backward.apply(given, attributes);
      const dz = isApart ? drecurrent : dgates;
      const [steps, batch, width] = dz.shape as [number, number, number];
      const size = hidden.shape[1]!;
      const { reverse } = attributes;
      const rows = (value: Value, columns: number, start: number, count: number): Value =>
        reshaped(partOf(value, [count, batch, columns], 0, start), [count * batch, columns]);
      // One product over all steps but the first, which starts from a state of its own.
      const [read, reader] = reverse ? [1, 0] : [0, 1];
      const later = matmul(rows(hiddens, size, read, steps - 1), rows(dz, width, reader, steps - 1), {
        transposeA: true,
      });
      const first = rows(dz, width, reverse ? steps - 1 : 0, 1);
      const startsAtZero = hidden.constant === 0;
      return {
        gates: dgates,
        weight: startsAtZero ? later : add(matmul(hidden, first, { transposeA: true }), later),
        bias: inputs.bias && biasGradientOperation.apply({ dy: rows(dz, width, 0, steps) }).sum,
        hidden: dhidden,
        ...(hasCell && { cell: dcell }),
      };
    },
  });
}

/** Where the cell state after each step lies: if nothing reads them, all in one place. */
function cellSlabs(emit: Emitter, cells: Value, bytes: number): (step: number) => MemoryRange {
  if (emit.isRead(cells)) return slabsOf(emit, cells);
  const only = emit.scratch(bytes, "the cell state");
  return () => only;
}
