import { ArgumentError, numberFrom, optional, type Reader, ShapeError, show } from "../../engine/index.js";
import {
  define,
  type Emitter,
  formatShape,
  formatValue,
  gradientsOf,
  type MemoryRange,
  type Operation,
  type Shape,
  sizeOf,
  sumTo,
  type Value,
} from "../../graph/index.js";
import { multiply } from "../elementwise/multiply.js";
import { readRows } from "../rows.js";
import { scaledAndShifted, standardise } from "./standardise.js";

/** Options of `rmsNorm`. */
export interface RowNormOptions {
  /** Lengths of the last axes, over which each row is normalised; a number is that of the last. Default: gamma's, or the last axis. */
  readonly normalizedShape?: number | Shape;
  /** Added to the variance. */
  readonly epsilon?: number;
}

export interface RowNormAttributes {
  /** How many axes, the last ones, make a row. */
  readonly rank: number;
  readonly epsilon: number;
}

/** Lengths of axes; a number stands for one. */
export const lengthsReader: Reader<Shape> = (name, given) => {
  const list: unknown = typeof given === "number" ? [given] : given;
  if (Array.isArray(list) && list.length > 0 && list.every((length) => Number.isInteger(length) && length >= 0)) {
    return [...(list as number[])];
  }
  throw new ArgumentError(`${name} must be the length of the last axis, or an array of lengths; got ${show(given)}`);
};

/** The axes over which rows of x go. */
function rowAxes(x: Value, rank: number): readonly number[] {
  return x.shape.map((_, axis) => axis).slice(-rank);
}

/** What a row is scaled or shifted by: what was given, or a number of the program's own. */
function perColumn(emit: Emitter, given: Value | undefined, columns: number, number: 0 | 1): Value | MemoryRange {
  const bits = number === 1 ? 0x3f800000 : 0;
  return given ?? emit.constant(`${columns} times ${number}`, columns, (table) => table.fill(bits));
}

/** Where rows of x lie, and how many floats apart. */
function rowsIn(emit: Emitter, x: Value, rank: number) {
  return rank === 1 ? readRows(emit, x) : { data: emit.data(x), stride: sizeOf(x.shape.slice(-rank)) };
}

function countsOf(x: Value, rank: number): { readonly rows: number; readonly columns: number } {
  return { rows: sizeOf(x.shape.slice(0, -rank)), columns: sizeOf(x.shape.slice(-rank)) };
}

export const rowNormBackwardOperation = /* @__PURE__ */ define({
  name: "rowNormBackward",
  inputs: ["dy", "saved", "x", "gamma?"],
  outputs: ["dx?", "dgamma?", "dbeta?"],
  attributes: { rank: 1, epsilon: 0, centered: true },
  shape({ x }, { rank }) {
    const ofRow = x.shape.slice(-rank);
    return { dx: x.shape, dgamma: ofRow, dbeta: ofRow };
  },
  compose({ dy, x, gamma }, { rank, epsilon, centered }) {
    const normalised = (): Value => standardise(x, rowAxes(x, rank), epsilon, centered);
    const [dx] = gradientsOf(normalised, [x], scaledAndShifted(dy, gamma, undefined));
    const ofRow = x.shape.slice(-rank);
    return { dx, dgamma: sumTo(multiply(dy, normalised()), ofRow), dbeta: sumTo(dy, ofRow) };
  },
  lower(emit, { inputs: { dy, saved, x, gamma }, outputs: { dx, dgamma, dbeta }, attributes: { rank, centered } }) {
    const { rows, columns } = countsOf(x, rank);
    // Enough for many threads, and so few that the partial sums of all are a small part of x.
    const chunkRows = Math.min(Math.max(Math.ceil(rows / 64), 4), 64);
    const chunks = Math.ceil(rows / chunkRows);
    const hasSums = emit.isRead(dgamma) || emit.isRead(dbeta);
    const partials = emit.scratch(8 * columns * chunks, "partial sums");
    const [ofX, ofDy] = [rowsIn(emit, x, rank), rowsIn(emit, dy, rank)];
    emit.record("rowNormBackward", {
      ...{ x: ofX.data, xRow: ofX.stride, dy: ofDy.data, dyRow: ofDy.stride, dx, saved, partials },
      ...{ gamma: perColumn(emit, gamma, columns, 1), rows, columns, chunkRows, centered },
    });
    if (hasSums) emit.record("rowNormFinish", { partials, dgamma, dbeta, columns, chunks });
  },
});

type Parameters = "gamma?" | "beta?";

/** The normalisation of rows: along the last axes, each by itself. @param inputs those beside x @param epsilon the default */
export function rowNormOperation(
  name: string,
  inputs: readonly Parameters[],
  epsilon: number,
): Operation<"x" | Parameters, RowNormAttributes, "y" | "saved"> {
  const centered = inputs.length > 1;
  return define({
    name,
    inputs: ["x", ...inputs] as readonly ("x" | Parameters)[],
    outputs: ["y"],
    kept: ["saved"],
    attributes: { rank: 1, epsilon },
    options: () => ({
      normalizedShape: optional(lengthsReader),
      epsilon: optional(numberFrom(0), epsilon),
    }),
    fit({ x, gamma, beta }, { normalizedShape, epsilon }) {
      const shape = normalizedShape ?? gamma?.shape ?? beta?.shape ?? x.shape.slice(-1);
      const rank = Math.max(shape.length, 1);
      if (x.shape.length >= rank && formatShape(x.shape.slice(-rank)) === formatShape(shape)) return { rank, epsilon };
      throw new ShapeError(
        `${name}: the last axes of ${formatValue(x)} are not ${formatShape(shape)}, which it normalises over`,
      );
    },
    shape({ x, gamma, beta }, { rank }) {
      const ofRow = formatShape(x.shape.slice(-rank));
      for (const value of [gamma, beta]) {
        if (value && formatShape(value.shape) !== ofRow) {
          throw new ShapeError(`${name}: wants ${value.label} of shape ${ofRow}, got ${formatShape(value.shape)}`);
        }
      }
      return { y: x.shape, saved: [countsOf(x, rank).rows, 3] };
    },
    compose: ({ x, gamma, beta }, { rank, epsilon }) => ({
      y: scaledAndShifted(standardise(x, rowAxes(x, rank), epsilon, centered), gamma, beta),
    }),
    lower(emit, { inputs: { x, gamma, beta }, outputs: { y, saved }, attributes: { rank, epsilon } }) {
      const { rows, columns } = countsOf(x, rank);
      const { data, stride } = rowsIn(emit, x, rank);
      emit.record("rowNorm", {
        ...{ x: data, xRow: stride, y, saved: emit.data(saved), rows, columns, epsilon, centered },
        ...{ gamma: perColumn(emit, gamma, columns, 1), beta: perColumn(emit, beta, columns, 0) },
      });
    },
    gradient({ inputs: { x, gamma }, outputs: { saved }, attributes, upstreams: { y: dy } }) {
      const given = { dy, saved, x, gamma };
      const { dx, dgamma, dbeta } = rowNormBackwardOperation.apply(given, { ...attributes, centered });
      return { x: dx, gamma: dgamma, beta: dbeta };
    },
  });
}
