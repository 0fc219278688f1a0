import { checkBoolean, checkOptions, ShapeError } from "../engine/index.js";
import { formatShape } from "../graph/index.js";
import { depthwiseConv2d as depthwiseConv2dOp } from "../ops/depthwiseConv2d.js";
import { perAxis } from "../ops/perAxis.js";
import { type Conv2dOptions, convolutionOptions } from "./conv2d.js";
import { defaultBias, defaultWeight } from "./initializers.js";
import type { Layer } from "./scope.js";

/** As for `conv2d`, but the channels stay what they are. The default bound is 1/√(kernelHeight·kernelWidth). */
export type DepthwiseConv2dOptions = Omit<Conv2dOptions, "outChannels">;

/**
 * Cross-correlation of each channel of x [batch, height, width, channels] with a kernel of its own.
 * State: weight [kernelHeight, kernelWidth, channels], bias [channels].
 */
export function depthwiseConv2d(options: DepthwiseConv2dOptions): Layer {
  checkOptions("nn.depthwiseConv2d", options, convolutionOptions);
  const { stride = 1, padding = 0, dilation = 1, bias = true, initializer, biasInitializer } = options;
  checkBoolean("bias", bias);
  const [kernelHeight, kernelWidth] = perAxis("kernelSize", options.kernelSize, 1);
  const attributes = {
    stride: perAxis("stride", stride, 1),
    padding: perAxis("padding", padding, 0),
    dilation: perAxis("dilation", dilation, 1),
  };
  return {
    name: "depthwiseConv2d",
    apply(x, scope) {
      const channels = x.shape[3];
      if (x.shape.length !== 4 || channels === undefined) {
        throw new ShapeError(`wants [batch, height, width, channels], got ${formatShape(x.shape)}`);
      }
      // Without its last axis, the shape is that of one channel's kernel: fan-in is kernelHeight · kernelWidth.
      const shape = [kernelHeight, kernelWidth, channels];
      const weight = scope.parameter("weight", shape, initializer ?? defaultWeight);
      const biasValue = bias ? scope.parameter("bias", [channels], biasInitializer ?? defaultBias(shape)) : undefined;
      return depthwiseConv2dOp(x, weight, biasValue, attributes);
    },
  };
}
