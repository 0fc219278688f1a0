import { alignUp, constants } from "../../engine/index.js";
import { define, type Emitter, type Node, type Pointer, type Value } from "../../graph/index.js";

/** Columns of a panel, the form in which register tiles read the right operand of a product. */
export const panelColumns = constants.NR;

/** A K × N matrix in memory: element (k, n) lies at k · rowStride + n · columnStride, and one of the strides is 1. */
export interface MatrixLayout {
  readonly K: number;
  readonly N: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** Floats of a packed matrix. */
export function packedSize({ K, N }: Pick<MatrixLayout, "K" | "N">): number {
  return K * alignUp(N, panelColumns);
}

/** Emits the record that lays a matrix out in panels of 8 columns. */
export function emitPack(emit: Emitter, b: Pointer, packed: Pointer, layout: MatrixLayout): void {
  emit.record("gemmPack", { b, packed, ...layout });
}

const layoutDefaults: MatrixLayout = { K: 0, N: 0, rowStride: 0, columnStride: 1 };

/** Weights packed once for all runs: made by rules where they are fixed. */
export const packPanelsOperation = /* @__PURE__ */ define({
  name: "packPanels",
  // Made for inference alone, so no gradient ever flows back through it.
  isConstant: true,
  inputs: ["b"],
  outputs: ["packed"],
  attributes: layoutDefaults,
  shape: (_, layout) => ({ packed: [packedSize(layout)] }),
  lower: (emit, { inputs: { b }, outputs: { packed }, attributes }) => emitPack(emit, b, packed, attributes),
});

/** A node that packs b, and what it computes: for rules. */
export function packPanels(b: Value, layout: MatrixLayout, source: string): { packed: Value; makes: readonly Node[] } {
  const node = b.graph.node(packPanelsOperation, { b }, layout, source);
  return { packed: node.outputs["packed"]!, makes: [node] };
}
