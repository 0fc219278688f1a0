import type { Shape } from "../../../src/graph/index.js";
import {
  convolution,
  convolutionInputGradient,
  convolutionWeightGradient,
  type GroupedConvolution,
} from "../convolution.js";
import type { Application, Primitives } from "../primitive.js";

export function convolutionOf(
  x: Shape | undefined,
  weight: Shape | undefined,
  { attributes }: Application,
): GroupedConvolution {
  const { stride, padding, paddingAfter, dilation, groups } = attributes as unknown as GroupedConvolution;
  return { x: x!, weight: weight!, stride, padding, paddingAfter, dilation, groups };
}

export const primitives: Primitives = {
  convolution(at) {
    const { inputs, shapes, attributes } = at;
    const { x, weight, bias } = inputs;
    const relu = attributes["relu"] as boolean;
    return { y: convolution(convolutionOf(shapes["x"], shapes["weight"], at), x!, weight!, bias, relu) };
  },
  convolutionWeightGradient(at) {
    const { inputs, shapes } = at;
    const { x, dy } = inputs;
    return { dw: convolutionWeightGradient(convolutionOf(shapes["x"], shapes["dw"], at), x!, dy!) };
  },
  convolutionInputGradient(at) {
    const { inputs, shapes } = at;
    const { weight, dy } = inputs;
    return { dx: convolutionInputGradient(convolutionOf(shapes["dx"], shapes["weight"], at), weight!, dy!) };
  },
};
