import { integerFrom, mostLength } from "../engine/index.js";
import { conv2d as conv2dOp } from "../ops/convolution/conv2d.js";
import { type ConvolutionOptions, convolutionParts, convolutionReaders } from "./convolution.js";
import { layerFactory, type LayerFactory } from "./factory.js";

export interface Conv2dOptions extends ConvolutionOptions {
  readonly outChannels: number;
}

/**
 * Cross-correlation of x [batch, height, width, inChannels] with outChannels kernels.
 * State: weight [kernelHeight, kernelWidth, inChannels, outChannels], bias [outChannels].
 */
export const conv2d: LayerFactory<Conv2dOptions> = /* @__PURE__ */ layerFactory(
  "conv2d",
  () => ({ outChannels: integerFrom(1, mostLength), ...convolutionReaders() }),
  ({ outChannels, ...settings }) => ({
    name: "conv2d",
    apply(x, scope) {
      const channels = (inChannels: number): readonly number[] => [inChannels, outChannels];
      const { weight, bias, options } = convolutionParts(x, scope, settings, channels);
      return conv2dOp(x, weight, bias, options);
    },
  }),
);
