import { alignUp, constants } from "../../engine/index.js";
import { broadcastStrides, type Emitter, type Pointer, sizeOf, type Value } from "../../graph/index.js";
import { emitReduction, packMatrices } from "../products/gemm.js";
import { emitOffsets, type Matrices, readMatrices, withUnitStride } from "../products/matrices.js";
import { panelColumns } from "../products/packPanels.js";
import { dropoutThreshold } from "../regularization/dropout.js";
import { type AttentionAttributes, type AttentionInputs, attentionSizes } from "./shapes.js";

const { ATTENTION_ROWS: blockRows, ATTENTION_GAP: gap, GEMM_COPY_BYTES: productBytes } = constants;

/** Keys of a block where probabilities are not kept: their scores for a block of queries stay in the second-level cache. */
const blockKeys = 512;
/** Threads that can work on it if the engine has no more: each has scratch memory of its own. */
const fewestSlots = 8;
/** Pieces of work that keep the threads of a large host busy; with fewer heads, backward cuts the queries. */
const enoughUnits = 16;

/** Emits the records of the forward pass. `kept` is written only if something reads it. */
export function emitAttention(
  emit: Emitter,
  inputs: AttentionInputs,
  { y, kept }: { readonly y: Value; readonly kept: Value },
  attributes: AttentionAttributes,
): void {
  if (y.size === 0) return;
  const common = readHeads(emit, inputs, attributes, kept);
  const { heads, packed, sizes } = common;
  const [keyColumns, valueRows] = [packed("key", true), packed("value", false)];
  emit.record("attention", {
    ...common.fields(heads * Math.ceil(sizes.queries / blockRows), 1, [keyColumns, valueRows]),
    ...{ keyColumns: keyColumns.data, valueRows: valueRows.data, y, kept },
  });
}

/** Emits the records of the gradients, each of all heads: what was broadcast is not summed yet. */
export function emitAttentionBackward(
  emit: Emitter,
  inputs: AttentionInputs,
  { y, kept, dy }: { readonly y: Value; readonly kept: Value; readonly dy: Value },
  { dquery, dkey, dvalue }: { readonly dquery: Value; readonly dkey: Value; readonly dvalue: Value },
  attributes: AttentionAttributes,
): void {
  const common = readHeads(emit, inputs, attributes, kept);
  const { heads } = common;
  const { queries, keys, features, valueFeatures } = common.sizes;
  if (heads === 0) return;
  const parts = Math.max(Math.min(Math.ceil(enoughUnits / heads), Math.ceil(queries / blockRows)), 1);
  const partRows = alignUp(Math.max(Math.ceil(queries / parts), 1), blockRows);
  const keyColumns = common.keepsProbabilities ? undefined : common.packed("key", true);
  const [valueColumns, keyRows] = [common.packed("value", true), common.packed("key", false)];
  const rows = common.rows(dy, queries, valueFeatures);
  const partial = (sum: Value): Pointer =>
    parts === 1 ? sum : emit.scratch(4 * parts * sum.size, "gradients of parts of the queries");
  const [dkeys, dvalues] = [partial(dkey), partial(dvalue)];
  emit.record("attentionBackward", {
    ...common.fields(heads * parts, 2, [keyColumns, valueColumns, rows, keyRows]),
    ...{ keyColumns: keyColumns?.data, keyRows: keyRows.data, valueColumns: valueColumns.data },
    ...{ dy: rows.data, dyRow: rows.rowStride, y, kept, dquery, dkey: dkeys, dvalue: dvalues, parts, partRows },
  });
  if (parts === 1) return;
  emitReduction(emit, { partials: dkeys, c: dkey, chunks: parts, M: heads * keys, N: features });
  emitReduction(emit, { partials: dvalues, c: dvalue, chunks: parts, M: heads * keys, N: valueFeatures });
}

/** How the inputs of a node lie, and what both records say of them. */
function readHeads(
  emit: Emitter,
  inputs: AttentionInputs,
  { isCausal, scale, p, dropScale, stream }: AttentionAttributes,
  kept: Value,
) {
  const sizes = attentionSizes(inputs);
  const { batch, queries, keys, features, valueFeatures } = sizes;
  const heads = sizeOf(batch);
  const keepsProbabilities = kept.shape.length === batch.length + 2;
  const block = alignUp(Math.max(keepsProbabilities ? keys : Math.min(keys, blockKeys), 1), panelColumns);

  const read = (
    value: Value,
    [rows, columns]: readonly [number, number],
    fits: (matrices: Matrices) => Matrices | undefined,
  ): Matrices => readMatrices(emit, { value, isTransposed: false, rows, columns }, batch, fits);
  /** Rows of an input whose elements lie one after another. */
  const rowsOf = (value: Value, rows: number, columns: number): Matrices =>
    read(value, [rows, columns], (matrices) => (matrices.columnStride === 1 || columns <= 1 ? matrices : undefined));
  const query = rowsOf(inputs.query, queries, features);

  /** Keys or values in panels, as they are or transposed. */
  const packed = (name: "key" | "value", isTransposed: boolean): Matrices => {
    const columns = name === "key" ? features : valueFeatures;
    const matrices = read(inputs[name], [keys, columns], (found) => withUnitStride(found, { rows: keys, columns }));
    const { rowStride, columnStride } = matrices;
    const layout = isTransposed
      ? { K: columns, N: keys, rowStride: columnStride, columnStride: rowStride }
      : { K: keys, N: columns, rowStride, columnStride };
    return packMatrices(emit, batch, matrices, layout, name);
  };

  const { mask } = inputs;
  const scores = [...batch, queries, keys];
  const masked = mask && emit.strided(mask);
  const maskStrides = masked ? broadcastStrides(mask.shape, masked.strides, scores) : scores.map(() => 0);
  const [maskRow, maskColumn] = maskStrides.slice(-2) as [number, number];

  /**
   * @param units pieces of work that are shared out
   * @param blocks blocks of scores, and of rows of features, that a thread has at a time
   * @param further where keyColumns, values, dy and keyRows begin
   */
  const fields = (units: number, blocks: number, further: readonly (Matrices | undefined)[]) => {
    const slots = Math.max(Math.min(units, Math.max(emit.threads, fewestSlots)), 1);
    const rows = Math.min(queries, blockRows);
    const rowBytes = 4 * (features + (blocks > 1 ? valueFeatures : 0)) + blocks * gap;
    const slotBytes = productBytes + 64 + 8 * blockRows + blockRows * rowBytes + blocks * rows * (4 * block + gap);
    const none = batch.map(() => 0);
    const [keyColumns, values, dy, keyRows] = further.map((matrices) => matrices?.batchStrides ?? none);
    const offsets = [query.batchStrides, keyColumns, values, maskStrides.slice(0, -2), dy, keyRows];
    return {
      ...{ query: query.data, queryRow: query.rowStride, mask: masked?.data, maskRow, maskColumn },
      ...{
        offsets: emitOffsets(
          emit,
          batch,
          offsets.map((strides) => strides ?? none),
        ),
        heads,
        queries,
        keys,
      },
      ...{ features, valueFeatures, block, isCausal, scale, isTruth: mask?.dataType === "bool", keepsProbabilities },
      ...{ scratch: emit.scratch(slots * slotBytes, "blocks of scores for each thread"), slots, slotBytes },
      ...(p > 0
        ? { seed: emit.scalar("dropoutSeed"), step: emit.scalar("dropoutStep") }
        : { seed: 0 as const, step: 0 as const }),
      ...{ stream, dropScale, threshold: dropoutThreshold(p) },
    };
  };
  return { sizes, heads, keepsProbabilities, packed, rows: rowsOf, fields };
}
