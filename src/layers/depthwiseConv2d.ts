import { depthwiseConv2d as depthwiseConv2dOp } from "../ops/convolution/depthwiseConv2d.js";
import { type ConvolutionOptions, convolutionParts, convolutionReaders } from "./convolution.js";
import { layerFactory, type LayerFactory } from "./factory.js";

/** As for `conv2d`, but the channels stay what they are. The default bound is 1/√(kernelHeight·kernelWidth). */
export type DepthwiseConv2dOptions = ConvolutionOptions;

/**
 * Cross-correlation of each channel of x [batch, height, width, channels] with a kernel of its own.
 * State: weight [kernelHeight, kernelWidth, channels], bias [channels].
 */
export const depthwiseConv2d: LayerFactory<DepthwiseConv2dOptions> = /* @__PURE__ */ layerFactory(
  "depthwiseConv2d",
  convolutionReaders,
  (settings) => ({
    name: "depthwiseConv2d",
    apply(x, scope) {
      // Without its last axis, the shape is that of one channel's kernel: fan-in is kernelHeight · kernelWidth.
      const { weight, bias, options } = convolutionParts(x, scope, settings, (channels) => [channels]);
      return depthwiseConv2dOp(x, weight, bias, options);
    },
  }),
);
