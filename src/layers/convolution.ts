import { flag, optional, ShapeError } from "../engine/index.js";
import { formatShape, type Value } from "../graph/index.js";
import type { Conv2dOptions as KernelOptions } from "../ops/convolution/conv2dOptions.js";
import { type Padding, paddingOption, type PerAxis, perAxis } from "../ops/convolution/perAxis.js";
import { initializerOption } from "./factory.js";
import { defaultBias, defaultWeight, type Initializer } from "./initializers.js";
import type { Scope } from "./scope.js";

/** What the layers of all convolutions have in common. */
export interface ConvolutionOptions {
  readonly kernelSize: PerAxis;
  /** Default 1. */
  readonly stride?: PerAxis;
  /** Zeros on every side; "same" keeps height and width where the stride is 1; "valid" is 0. Default 0. */
  readonly padding?: Padding;
  /** Default 1. */
  readonly dilation?: PerAxis;
  /** Default true. A bias before batch norm has no effect. */
  readonly bias?: boolean;
  /** Of the weight. Default: PyTorch's, uniform with bound 1/√fan-in, that is 1/√(kernelHeight·kernelWidth·inChannels). */
  readonly initializer?: Initializer | undefined;
  /** Of the bias. Default: PyTorch's, uniform with the same bound. */
  readonly biasInitializer?: Initializer | undefined;
}

export const convolutionReaders = () => ({
  kernelSize: perAxis(1),
  stride: optional(perAxis(1), 1),
  padding: optional(paddingOption, 0),
  dilation: optional(perAxis(1), 1),
  bias: optional(flag, true),
  initializer: optional(initializerOption, defaultWeight),
  biasInitializer: optional(initializerOption),
});

/** The options of a convolution layer, read. */
export interface ConvolutionSettings extends Pick<KernelOptions, "stride" | "padding" | "dilation"> {
  readonly kernelSize: readonly [height: number, width: number];
  readonly bias: boolean;
  readonly initializer: Initializer;
  readonly biasInitializer: Initializer | undefined;
}

/** What the operation of a convolution layer is given. */
export interface ConvolutionParts {
  readonly weight: Value;
  readonly bias: Value | undefined;
  readonly options: KernelOptions;
}

/**
 * The parameters of a convolution of x.
 * @param channels the shape of the weight beyond height and width, from the number of channels of x
 * @throws ShapeError unless x is [batch, height, width, channels]
 */
export function convolutionParts(
  x: Value,
  scope: Scope,
  { kernelSize, stride, padding, dilation, bias, initializer, biasInitializer }: ConvolutionSettings,
  channels: (inChannels: number) => readonly number[],
): ConvolutionParts {
  const inChannels = x.shape[3];
  if (x.shape.length !== 4 || inChannels === undefined) {
    throw new ShapeError(`wants [batch, height, width, channels], got ${formatShape(x.shape)}`);
  }
  const shape = [...kernelSize, ...channels(inChannels)];
  const weight = scope.parameter("weight", shape, initializer);
  const outChannels = shape.at(-1)!;
  return {
    weight,
    bias: bias ? scope.parameter("bias", [outChannels], biasInitializer ?? defaultBias(shape)) : undefined,
    options: { stride, padding, dilation } as KernelOptions,
  };
}
