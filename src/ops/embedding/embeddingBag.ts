import { ArgumentError, flag, oneOf, optional, ShapeError, show } from "../../engine/index.js";
import { define, formatShape, formatValue, reshaped, type Value } from "../../graph/index.js";
import { cast } from "../elementwise/cast.js";
import { equal, less } from "../elementwise/comparisons.js";
import { divide } from "../elementwise/divide.js";
import { maximum } from "../elementwise/extrema.js";
import { multiply } from "../elementwise/multiply.js";
import { subtract } from "../elementwise/subtract.js";
import { where } from "../elementwise/where.js";
import { max } from "../reductions/maxAndMin.js";
import { sum } from "../reductions/sum.js";
import { concat } from "../structure/concat.js";
import { cumulativeSum } from "../structure/cumulativeSum.js";
import { scatterAdd } from "../structure/gather.js";
import { isOther } from "../structure/indices.js";
import { partOf } from "../structure/slice.js";
import { taken, takeBackward } from "../structure/take.js";
import { checkTable, embeddingOperation, paddingOf, paddingReader } from "./embedding.js";

const modes = ["sum", "mean", "max"] as const;
/** What an embedding bag makes of the rows of a bag. */
export type EmbeddingBagMode = (typeof modes)[number];

/** Options of `embeddingBag`. */
export interface EmbeddingBagOptions {
  /** Default "mean". */
  readonly mode?: EmbeddingBagMode;
  /** A row of the table that does not count, and gets no gradient; negative ones count from the end. Default: none. */
  readonly paddingIndex?: number | undefined;
  /** Whether the last offset is where the last bag ends, not where one begins. Default false. */
  readonly includeLastOffset?: boolean;
}

export const modeReader = /* @__PURE__ */ oneOf(modes);

interface Attributes {
  readonly mode: EmbeddingBagMode;
  readonly paddingIndex: number;
  readonly includeLastOffset: boolean;
}

const attributes: Attributes = { mode: "mean", paddingIndex: -1, includeLastOffset: false };

/** How bags lie in what is looked up, and what is formed over each. */
interface Bags {
  /** rows [..., D], added up by bags: [B, D]. */
  total(rows: Value): Value;
  /** The largest rows: [B, D]; anything for a bag without rows. */
  largest(rows: Value): Value;
}

/** Bags that are the rows of indices [B, N]. */
function equalBags({ shape }: Value): Bags {
  const over = { axes: 1 };
  return { total: (rows) => sum(rows, over), largest: (rows) => (shape[1] === 0 ? sum(rows, over) : max(rows, over)) };
}

/** Bags that begin at the first offsets of indices [I]; another may say where the last ends. */
function bagsFrom(indices: Value, offsets: Value, bags: number): Bags {
  const { graph, size: count } = indices;
  const integers = (length: number, value: number): Value => graph.constant([length], value, String(value), "i32");
  const begins = scatterAdd(integers(count + 1, 0), offsets, integers(offsets.size, 1));
  const begun = subtract(partOf(cumulativeSum(begins), [count]), 1);
  // What no bag holds is an error, as an index that there is not.
  const bag = where(less(begun, 0), bags, begun);
  return {
    total: (rows) => takeBackward(bag, rows, 0, [bags, ...rows.shape.slice(1)]),
    // Windows of twice the length in each step, as far as their bag goes: the first of a bag sees all of it.
    largest(rows) {
      const width = rows.shape[1]!;
      const nothing = (length: number): Value => graph.constant([length, width], -Infinity, "−Infinity");
      let windows = rows;
      for (let step = 1; step < count; step *= 2) {
        const rest = count - step;
        const isSame = equal(partOf(bag, [rest]), partOf(bag, [rest], 0, step));
        const next = where(reshaped(isSame, [rest, 1]), partOf(windows, [rest, width], 0, step), -Infinity);
        windows = maximum(windows, concat([next, nothing(step)]));
      }
      return taken(concat([windows, nothing(1)]), partOf(offsets, [bags]), 0);
    },
  };
}

export const embeddingBagOperation = /* @__PURE__ */ define({
  name: "embeddingBag",
  inputs: ["indices", "table", "offsets?", "perSampleWeights?"],
  otherTypes: ["indices", "offsets"],
  attributes,
  options: () => ({
    mode: optional(modeReader, "mean" as const),
    paddingIndex: paddingReader,
    includeLastOffset: optional(flag, false),
  }),
  fit: ({ table }, { paddingIndex, ...rest }) => ({
    ...rest,
    paddingIndex: paddingOf("embeddingBag", table, paddingIndex),
  }),
  shape({ indices, table, offsets, perSampleWeights: weights }, { mode, includeLastOffset }) {
    checkTable("embeddingBag", table);
    const wrong = (wanted: string, given: Value | undefined): ShapeError =>
      new ShapeError(`embeddingBag: wants ${wanted}; got ${given ? formatValue(given) : "none"}`);
    if (indices.shape.length !== (offsets ? 1 : 2)) {
      throw wrong("indices [bags, length], or indices [length] with offsets [bags]", indices);
    }
    const least = includeLastOffset ? 1 : 0;
    if (offsets && (offsets.shape.length !== 1 || offsets.size < least || offsets.dataType !== "i32")) {
      throw wrong(`int32 offsets [bags]${least ? ", and where the last ends" : ""}`, offsets);
    }
    if (includeLastOffset && !offsets) throw wrong("offsets where includeLastOffset is set", offsets);
    if (weights && formatShape(weights.shape) !== formatShape(indices.shape)) {
      throw wrong(`perSampleWeights of the shape of indices, ${formatShape(indices.shape)}`, weights);
    }
    if (weights && mode !== "sum") {
      throw new ArgumentError(`embeddingBag: perSampleWeights are for the mode "sum" alone, got ${show(mode)}`);
    }
    return { y: [offsets ? offsets.size - least : indices.shape[0]!, table.shape[1]!] };
  },
  compose({ indices, table, offsets, perSampleWeights }, { mode, paddingIndex, includeLastOffset }) {
    const bags = offsets ? bagsFrom(indices, offsets, offsets.size - Number(includeLastOffset)) : equalBags(indices);
    const perIndex = [...indices.shape, 1];
    const embedded = embeddingOperation.apply({ indices, table }, { paddingIndex }).y;
    const isKept = paddingIndex < 0 ? undefined : reshaped(isOther(indices, paddingIndex, table.shape[0]!), perIndex);
    const rows = isKept ? where(isKept, embedded, mode === "max" ? -Infinity : 0) : embedded;
    const weighted = perSampleWeights ? multiply(rows, reshaped(perSampleWeights, perIndex)) : rows;
    const ones = indices.graph.constant(perIndex, 1, "ones");
    const counts = (): Value => bags.total(isKept ? cast(isKept, "f32") : ones);
    const formed = {
      sum: () => bags.total(weighted),
      mean: () => divide(bags.total(rows), maximum(counts(), 1)),
      max: () => where(equal(counts(), 0), 0, bags.largest(rows)),
    };
    return { y: formed[mode]() };
  },
});

/**
 * Sums, means or maxima of rows of a table, without the padding, 0 of none: int32 indices [B, N], a bag each row, or [I] with int32
 * offsets [B], where bags begin in ascending order, the first at 0; table [numEmbeddings, embeddingDim] → [B, embeddingDim]. Rows are
 * multiplied by perSampleWeights, of the indices' shape, before they are summed.
 * @throws ShapeError for shapes that do not fit; ArgumentError for weights where rows are not summed. Indices as for `embedding`
 */
export function embeddingBag(
  indices: Value,
  table: Value,
  offsets?: Value,
  perSampleWeights?: Value,
  options: EmbeddingBagOptions = {},
): Value {
  return embeddingBagOperation.call({ indices, table, offsets, perSampleWeights }, options).y;
}
