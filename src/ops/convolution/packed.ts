import {
  denseStrides,
  define,
  type Emitter,
  type Pointer,
  type Rule,
  type Shape,
  sizeOf,
  type Value,
} from "../../graph/index.js";
import { emitPack, packedSize } from "../products/packPanels.js";
import { isDepthwise } from "./depthwise.js";
import { type Border, type ConvolutionAttributes, forwardAxes, shapeDefaults } from "./geometry.js";
import { bordersOf, emitBorder, emitConvolution, emitPatches, type Source } from "./records.js";

/** Bytes of a weight [k…, channels of a group, outChannels] in panels of 8 columns, those of one group after the other. */
export function packedBytes(weight: Shape, groups: number): number {
  return 4 * groups * packedSize(groupLayout(weight, groups));
}

function groupLayout(weight: Shape, groups: number) {
  return { K: sizeOf(weight.slice(0, -1)), N: weight.at(-1)! / groups };
}

/** Emits the record that lays a weight out in panels. */
export function emitPackWeight(emit: Emitter, weight: Value, packed: Pointer, groups: number): void {
  const { shape } = weight;
  const layout = { ...groupLayout(shape, groups), rowStride: shape.at(-1)!, columnStride: 1 };
  if (groups === 1) return emitPack(emit, weight, packed, layout);
  const key = `${groups} groups of ${layout.N} columns`;
  const offsets = emit.constant(key, groups, (table) => table.forEach((_, group) => (table[group] = group * layout.N)));
  emit.record("gemmPackBatch", { b: weight, packed, ...layout, batches: groups, offsets });
}

export function forwardBorders(
  x: Shape,
  weight: Shape,
  y: Shape,
  attributes: ConvolutionAttributes,
): readonly Border[] {
  return bordersOf(forwardAxes(weight, y, attributes), x);
}

interface Forward {
  readonly packed: Pointer;
  readonly bias: Value | undefined;
  readonly y: Value;
  readonly weightShape: Shape;
  readonly attributes: ConvolutionAttributes;
}

/** Emits the convolution itself, of a source with its border and a weight in panels. */
export function emitForward(
  emit: Emitter,
  source: Source,
  { packed, bias, y, weightShape, attributes }: Forward,
): void {
  const { groups, relu } = attributes;
  const axes = forwardAxes(weightShape, y.shape, attributes);
  emitConvolution(emit, source, emitPatches(emit, axes, source, groups), {
    ...{ axes, packed, outChannels: y.shape.at(-1)! / groups, bias, relu, y },
    strides: denseStrides(y.shape).slice(0, -1),
  });
}

/** A convolution of a weight that was packed before: made by `packWeightOnce`. */
export const packedConvolutionOperation = /* @__PURE__ */ define({
  name: "packedConvolution",
  // Made for inference alone, so no gradient ever flows back through it.
  isConstant: true,
  inputs: ["x", "packed", "bias?"],
  attributes: { ...shapeDefaults, yShape: [] as Shape },
  shape: (_, { yShape }) => ({ y: yShape }),
  lower(emit, { inputs: { x, packed, bias }, outputs: { y }, attributes }) {
    const { weightShape } = attributes;
    const source = emitBorder(emit, x, forwardBorders(x.shape, weightShape, y.shape, attributes));
    emitForward(emit, source, { packed, bias, y, weightShape, attributes });
  },
});

/** The weight of a convolution in panels. */
export const packWeightOperation = /* @__PURE__ */ define({
  name: "packConvolutionWeight",
  isConstant: true,
  inputs: ["weight"],
  outputs: ["packed"],
  attributes: { groups: 1 },
  shape: ({ weight }, { groups }) => ({ packed: [packedBytes(weight.shape, groups) / 4] }),
  lower: (emit, { inputs: { weight }, outputs: { packed }, attributes: { groups } }) =>
    emitPackWeight(emit, weight, packed, groups),
});

/** A weight that is fixed is packed once for all runs. It is a rule of the convolution. */
export const packWeightOnce: Rule = {
  name: "weights packed once",
  phase: 3,
  isForInference: true,
  rewrite(node, { isFixed }) {
    const { weight, ...inputs } = node.inputs;
    if (!node.operation.rules.includes(packWeightOnce) || !weight || !isFixed(weight)) return undefined;
    const attributes = node.attributes as ConvolutionAttributes;
    if (isDepthwise(weight.shape, attributes.groups)) return undefined;
    const { graph, shape: weightShape } = weight;
    const pack = graph.node(packWeightOperation, { weight }, { groups: attributes.groups }, node.source);
    const y = node.outputs["y"]!;
    return {
      ...{ operation: packedConvolutionOperation, makes: [pack] },
      inputs: { ...inputs, packed: pack.outputs["packed"]! },
      attributes: { ...attributes, xShape: node.inputs["x"]!.shape, weightShape, yShape: y.shape },
      ...{ outputs: { y }, absorbs: [] },
    };
  },
};
