import { define, type Emitter, type Pointer, type Rule, type Shape, sizeOf, type Value } from "../../graph/index.js";
import { type Conv2dAttributes, conv2dShapeDefaults, forwardAxes } from "./conv2dGeometry.js";
import { type Borders, bordersOf, emitBorder, emitConvolution, emitPatches, type Source } from "./conv2dRecords.js";
import { type MatrixLayout, packPanels } from "../products/packPanels.js";

/** The weight [kernelHeight, kernelWidth, C, outChannels] of a convolution as the right operand of a product. */
export function weightLayout(weightShape: Shape): MatrixLayout {
  const N = weightShape[3]!;
  return { K: sizeOf(weightShape.slice(0, 3)), N, rowStride: N, columnStride: 1 };
}

export function forwardBorders(x: Shape, weight: Shape, y: Shape, attributes: Conv2dAttributes): Borders {
  return bordersOf(forwardAxes(weight, y, attributes), x);
}

interface Forward {
  readonly packed: Pointer;
  readonly bias: Value | undefined;
  readonly y: Value;
  readonly weightShape: Shape;
  readonly attributes: Conv2dAttributes;
}

/** Emits the convolution itself, of a source with its border and a weight in panels. */
export function emitForward(
  emit: Emitter,
  source: Source,
  { packed, bias, y, weightShape, attributes }: Forward,
): void {
  const axes = forwardAxes(weightShape, y.shape, attributes);
  const [, height, width, outChannels] = y.shape as [number, number, number, number];
  emitConvolution(emit, source, emitPatches(emit, axes, source), {
    ...{ axes, packed, outChannels, bias, relu: attributes.relu, y },
    strides: [height * width * outChannels, width * outChannels, outChannels],
  });
}

/** A convolution of a weight that was packed before: made by `packWeightOnce`. */
export const packedConv2dOperation = /* @__PURE__ */ define({
  name: "packedConv2d",
  // Made for inference alone, so no gradient ever flows back through it.
  isConstant: true,
  inputs: ["x", "packed", "bias?"],
  attributes: { ...conv2dShapeDefaults, yShape: [] as Shape },
  shape: (_, { yShape }) => ({ y: yShape }),
  lower(emit, { inputs: { x, packed, bias }, outputs: { y }, attributes }) {
    const { weightShape } = attributes;
    const source = emitBorder(emit, x, forwardBorders(x.shape, weightShape, y.shape, attributes));
    emitForward(emit, source, { packed, bias, y, weightShape, attributes });
  },
});

/** A weight that is fixed is packed once for all runs. It is a rule of the convolution. */
export const packWeightOnce: Rule = {
  name: "weights packed once",
  phase: 3,
  isForInference: true,
  rewrite(node, { isFixed }) {
    const { weight, ...inputs } = node.inputs;
    if (!node.operation.rules.includes(packWeightOnce) || !weight || !isFixed(weight)) return undefined;
    const y = node.outputs["y"]!;
    const shapes = { xShape: node.inputs["x"]!.shape, weightShape: weight.shape, yShape: y.shape };
    const { packed, makes } = packPanels(weight, weightLayout(weight.shape), node.source);
    return {
      ...{ operation: packedConv2dOperation, inputs: { ...inputs, packed }, makes },
      attributes: { ...(node.attributes as Conv2dAttributes), ...shapes },
      ...{ outputs: { y }, absorbs: [] },
    };
  },
};
