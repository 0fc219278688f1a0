import { ArgumentError, flag, integerFrom, mostLength, optional, type Reader, ShapeError } from "../engine/index.js";
import { formatShape, type Shape, type Value } from "../graph/index.js";
import { conv1d as conv1dOp } from "../ops/convolution/conv1d.js";
import { conv2d as conv2dOp } from "../ops/convolution/conv2d.js";
import { conv3d as conv3dOp } from "../ops/convolution/conv3d.js";
import {
  convTranspose1d as convTranspose1dOp,
  convTranspose2d as convTranspose2dOp,
  convTranspose3d as convTranspose3dOp,
} from "../ops/convolution/convTranspose.js";
import { depthwiseConv2d as depthwiseConv2dOp } from "../ops/convolution/depthwiseConv2d.js";
import { groupsReader, kernelReaders, transposedReaders } from "../ops/convolution/options.js";
import { axisNames, type Padding, type PerAxis, perAxis, type SpatialRank } from "../ops/convolution/perAxis.js";
import { initializerOption, layerFactory, type LayerFactory } from "./factory.js";
import { defaultBias, defaultWeight, type Initializer } from "./initializers.js";

/** What the layers of all convolutions have in common. */
export interface ConvolutionOptions<Rank extends SpatialRank = 2> {
  readonly kernelSize: PerAxis<Rank>;
  /** Default 1. */
  readonly stride?: PerAxis<Rank>;
  /** Zeros on every side; "same" keeps the size where the stride is 1; "valid" is 0. Default 0. */
  readonly padding?: Padding<Rank>;
  /** Default 1. */
  readonly dilation?: PerAxis<Rank>;
  /** Default true. A bias before batch norm has no effect. */
  readonly bias?: boolean;
  /** Of the weight. Default: PyTorch's, uniform with bound 1/√fan-in: the kernel's size times the channels that an output sees. */
  readonly initializer?: Initializer | undefined;
  /** Of the bias. Default: PyTorch's, uniform with the same bound. */
  readonly biasInitializer?: Initializer | undefined;
}

export interface GroupedOptions<Rank extends SpatialRank> extends ConvolutionOptions<Rank> {
  readonly outChannels: number;
  /** Parts of the channels of input and output of which each sees its own alone; as many as channels: depthwise. Default 1. */
  readonly groups?: number;
}

export type Conv2dOptions = GroupedOptions<2>;
export type Conv3dOptions = GroupedOptions<3>;

export interface Conv1dOptions extends Omit<GroupedOptions<1>, "padding"> {
  /** As of the other convolutions; "causal" is "same" with all zeros at the beginning. Default 0. */
  readonly padding?: Padding<1> | "causal";
}

/** As for `conv2d`, but the channels stay what they are. The default bound is 1/√(kernelHeight·kernelWidth). */
export type DepthwiseConv2dOptions = ConvolutionOptions;

/**
 * As for convolutions, but padding leaves out positions of the output; "same" gives size · stride. The default bound is PyTorch's,
 * of kernelSize · outChannels / groups.
 */
export interface ConvTransposeOptions<Rank extends SpatialRank> extends GroupedOptions<Rank> {
  /** Positions added at the end of each axis, fewer than stride or dilation. Default 0. */
  readonly outputPadding?: PerAxis<Rank>;
}

/** The options of any convolution layer, read; those of the operation among them. */
interface Settings {
  readonly kernelSize: readonly number[];
  readonly outChannels?: number;
  readonly groups?: number;
  readonly bias: boolean;
  readonly initializer: Initializer;
  readonly biasInitializer: Initializer | undefined;
}

/**
 * Makes the layers of a convolution.
 * @param readers of the options that its operation has, too
 * @param kernels the axes of the weight beyond those of the kernel, from the channels of the input and of the output
 * @param hasChannels whether outChannels is an option
 */
function convolutionFactory<Options extends object>(
  name: string,
  rank: SpatialRank,
  readers: () => Readonly<Record<string, Reader<unknown>>>,
  operation: (x: Value, weight: Value, bias?: Value, options?: never) => Value,
  kernels: (inChannels: number, outChannels: number, groups: number) => Shape,
  hasChannels = true,
): LayerFactory<Options> {
  const allReaders = () => ({
    ...(hasChannels && { outChannels: integerFrom(1, mostLength) }),
    kernelSize: perAxis(1, rank),
    ...readers(),
    bias: optional(flag, true),
    initializer: optional(initializerOption, defaultWeight),
    biasInitializer: optional(initializerOption),
  });
  return layerFactory(name, allReaders as never, (settings: object) => {
    const { kernelSize, bias, initializer, biasInitializer, outChannels, ...options } = settings as Settings;
    const { groups = 1 } = options;
    if (outChannels !== undefined && outChannels % groups !== 0) {
      throw new ArgumentError(`nn.${name} wants outChannels that divide into ${groups} groups, got ${outChannels}`);
    }
    return {
      name,
      apply(x, scope) {
        const inChannels = x.shape.at(-1);
        if (x.shape.length !== rank + 2 || inChannels === undefined) {
          throw new ShapeError(`wants [batch, ${axisNames(rank)}, channels], got ${formatShape(x.shape)}`);
        }
        if (inChannels % groups !== 0) {
          throw new ShapeError(`wants channels that divide into ${groups} groups, got ${formatShape(x.shape)}`);
        }
        const channels = outChannels ?? inChannels;
        const shape = [...kernelSize, ...kernels(inChannels, channels, groups)];
        const weight = scope.parameter("weight", shape, initializer);
        const offset = bias && scope.parameter("bias", [channels], biasInitializer ?? defaultBias(shape));
        return operation(x, weight, offset || undefined, options as never);
      },
    };
  });
}

/** Convolutions of inChannels / groups channels to each output channel. */
function grouped<Options extends object>(
  name: string,
  rank: SpatialRank,
  operation: (x: Value, weight: Value, bias?: Value, options?: never) => Value,
): LayerFactory<Options> {
  const readers = () => ({ ...kernelReaders(rank), groups: groupsReader() });
  return convolutionFactory(name, rank, readers, operation, (inChannels, outChannels, groups) => [
    inChannels / groups,
    outChannels,
  ]);
}

function transposed<Options extends object>(
  name: string,
  rank: SpatialRank,
  operation: (x: Value, weight: Value, bias?: Value, options?: never) => Value,
): LayerFactory<Options> {
  const readers = () => transposedReaders(rank);
  return convolutionFactory(name, rank, readers, operation, (inChannels, outChannels, groups) => [
    outChannels / groups,
    inChannels,
  ]);
}

/**
 * Cross-correlation of x [batch, length, inChannels] with outChannels kernels.
 * State: weight [kernelLength, inChannels / groups, outChannels], bias [outChannels].
 */
export const conv1d: LayerFactory<Conv1dOptions> = /* @__PURE__ */ grouped("conv1d", 1, conv1dOp);

/**
 * Cross-correlation of x [batch, height, width, inChannels] with outChannels kernels.
 * State: weight [kernelHeight, kernelWidth, inChannels / groups, outChannels], bias [outChannels].
 */
export const conv2d: LayerFactory<Conv2dOptions> = /* @__PURE__ */ grouped("conv2d", 2, conv2dOp);

/**
 * Cross-correlation of x [batch, depth, height, width, inChannels] with outChannels kernels.
 * State: weight [kernelDepth, kernelHeight, kernelWidth, inChannels / groups, outChannels], bias [outChannels].
 */
export const conv3d: LayerFactory<Conv3dOptions> = /* @__PURE__ */ grouped("conv3d", 3, conv3dOp);

/**
 * Cross-correlation of each channel of x [batch, height, width, channels] with a kernel of its own: conv2d with groups =
 * outChannels = channels. State: weight [kernelHeight, kernelWidth, channels], bias [channels].
 */
export const depthwiseConv2d: LayerFactory<DepthwiseConv2dOptions> = /* @__PURE__ */ convolutionFactory(
  "depthwiseConv2d",
  2,
  () => kernelReaders(2),
  depthwiseConv2dOp,
  // Without its last axis, the shape is that of one channel's kernel: fan-in is kernelHeight · kernelWidth.
  (channels) => [channels],
  false,
);

/**
 * Transposed convolution of x [batch, length, inChannels]: the gradient of a convolution with respect to its input.
 * State: weight [kernelLength, outChannels / groups, inChannels], bias [outChannels].
 */
export const convTranspose1d: LayerFactory<ConvTransposeOptions<1>> = /* @__PURE__ */ transposed(
  "convTranspose1d",
  1,
  convTranspose1dOp,
);

/**
 * Transposed convolution of x [batch, height, width, inChannels]: the gradient of a convolution with respect to its input.
 * State: weight [kernelHeight, kernelWidth, outChannels / groups, inChannels], bias [outChannels].
 */
export const convTranspose2d: LayerFactory<ConvTransposeOptions<2>> = /* @__PURE__ */ transposed(
  "convTranspose2d",
  2,
  convTranspose2dOp,
);

/**
 * Transposed convolution of x [batch, depth, height, width, inChannels]: the gradient of a convolution with respect to its
 * input. State: weight [kernelDepth, kernelHeight, kernelWidth, outChannels / groups, inChannels], bias [outChannels].
 */
export const convTranspose3d: LayerFactory<ConvTransposeOptions<3>> = /* @__PURE__ */ transposed(
  "convTranspose3d",
  3,
  convTranspose3dOp,
);
