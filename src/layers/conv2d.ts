import { checkBoolean, checkInteger, checkOptions, mostLength, ShapeError } from "../engine/index.js";
import { formatShape } from "../graph/index.js";
import { conv2d as conv2dOp } from "../ops/conv2d.js";
import { type PerAxis, perAxis } from "../ops/perAxis.js";
import { defaultBias, defaultWeight, type Initializer } from "./initializers.js";
import type { Layer } from "./scope.js";

export interface Conv2dOptions {
  readonly outChannels: number;
  readonly kernelSize: PerAxis;
  /** Default 1. */
  readonly stride?: PerAxis;
  /** Zeros added on every side. Default 0. */
  readonly padding?: PerAxis;
  /** Default 1. */
  readonly dilation?: PerAxis;
  /** Default true. A bias before batch norm has no effect. */
  readonly bias?: boolean;
  /** Of the weight. Default: PyTorch's, uniform with bound 1/√(kernelHeight·kernelWidth·inChannels). */
  readonly initializer?: Initializer;
  readonly biasInitializer?: Initializer;
}

/** Names of the options that all convolutions have. */
export const convolutionOptions = [
  "kernelSize",
  "stride",
  "padding",
  "dilation",
  "bias",
  "initializer",
  "biasInitializer",
] as const;

/**
 * Cross-correlation of x [batch, height, width, inChannels] with outChannels kernels.
 * State: weight [kernelHeight, kernelWidth, inChannels, outChannels], bias [outChannels].
 */
export function conv2d(options: Conv2dOptions): Layer {
  checkOptions("nn.conv2d", options, ["outChannels", ...convolutionOptions]);
  const { outChannels, stride = 1, padding = 0, dilation = 1, bias = true, initializer, biasInitializer } = options;
  checkBoolean("bias", bias);
  checkInteger("outChannels", outChannels, 1, mostLength);
  const [kernelHeight, kernelWidth] = perAxis("kernelSize", options.kernelSize, 1);
  const attributes = {
    stride: perAxis("stride", stride, 1),
    padding: perAxis("padding", padding, 0),
    dilation: perAxis("dilation", dilation, 1),
  };
  return {
    name: "conv2d",
    apply(x, scope) {
      const inChannels = x.shape[3];
      if (x.shape.length !== 4 || inChannels === undefined) {
        throw new ShapeError(`wants [batch, height, width, channels], got ${formatShape(x.shape)}`);
      }
      const shape = [kernelHeight, kernelWidth, inChannels, outChannels];
      const weight = scope.parameter("weight", shape, initializer ?? defaultWeight);
      const biasValue = bias
        ? scope.parameter("bias", [outChannels], biasInitializer ?? defaultBias(shape))
        : undefined;
      return conv2dOp(x, weight, biasValue, attributes);
    },
  };
}
