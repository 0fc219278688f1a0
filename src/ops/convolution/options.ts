import { ArgumentError, flag, integerFrom, mostLength, optional, ShapeError } from "../../engine/index.js";
import { formatShape, type Shape, type Value } from "../../graph/index.js";
import { type ConvolutionAttributes, outputShape } from "./geometry.js";
import {
  axisNames,
  padded,
  type Padding,
  paddingReader,
  type PaddingWord,
  type PerAxis,
  perAxis,
  type SpatialRank,
} from "./perAxis.js";

/** What convolutions and transposed ones have in common. */
export interface KernelOptions<Rank extends SpatialRank> {
  /** Default 1. */
  readonly stride?: PerAxis<Rank>;
  /** Distance between the kernel's taps. Default 1. */
  readonly dilation?: PerAxis<Rank>;
  /** Parts of the channels of input and output of which each sees its own alone. Default 1. */
  readonly groups?: number;
}

export interface ConvOptions<Rank extends SpatialRank> extends KernelOptions<Rank> {
  /**
   * Zeros on each side of each axis; "valid" is 0, and "same" gives an output of ⌈size / stride⌉, with the odd zero at the
   * end. Default 0.
   */
  readonly padding?: Padding<Rank>;
  /** Apply ReLU to the output. Default false. */
  readonly relu?: boolean;
}

export interface Conv1dOptions extends Omit<ConvOptions<1>, "padding"> {
  /**
   * Zeros on each side; "valid" is 0, "same" gives an output of ⌈length / stride⌉, with the odd zero at the end, and "causal"
   * the same with all zeros at the beginning: no output sees what comes after it. Default 0.
   */
  readonly padding?: Padding<1> | "causal";
}

export type Conv2dOptions = ConvOptions<2>;
export type Conv3dOptions = ConvOptions<3>;

export interface ConvTransposeOptions<Rank extends SpatialRank> extends KernelOptions<Rank> {
  /**
   * Positions that are left out on each side of each axis; "valid" is 0, and "same" gives an output of size · stride.
   * Default 0.
   */
  readonly padding?: Padding<Rank>;
  /** Positions added at the end of each axis, fewer than stride or dilation. Default 0. */
  readonly outputPadding?: PerAxis<Rank>;
}

/** How the options of convolutions are read; `fitKernel` makes attributes of them. */
export const kernelReaders = <Rank extends SpatialRank>(rank: Rank) => ({
  stride: optional(perAxis(1, rank), Array<number>(rank).fill(1)),
  padding: optional(paddingReader(rank, ...(rank === 1 ? (["causal"] as const) : [])), Array<number>(rank).fill(0)),
  dilation: optional(perAxis(1, rank), Array<number>(rank).fill(1)),
});

export const reluReader = /* @__PURE__ */ optional(flag, false);
export const groupsReader = () => optional(integerFrom(1, mostLength), 1);

/** How the options of transposed convolutions are read; `fitTransposed` makes attributes of them. */
export const transposedReaders = <Rank extends SpatialRank>(rank: Rank) => ({
  stride: optional(perAxis(1, rank), Array<number>(rank).fill(1)),
  padding: optional(paddingReader(rank), Array<number>(rank).fill(0)),
  outputPadding: optional(perAxis(0, rank), Array<number>(rank).fill(0)),
  dilation: optional(perAxis(1, rank), Array<number>(rank).fill(1)),
  groups: groupsReader(),
});

/** The options of convolutions as they were read. */
export interface KernelGiven extends Omit<ConvolutionAttributes, "padding" | "paddingAfter"> {
  readonly padding: readonly number[] | PaddingWord;
}

/** A kernel of one tap has no dilation. */
function dilationOf(weight: Shape, { dilation }: Pick<KernelGiven, "dilation">): readonly number[] {
  return dilation.map((step, i) => (weight[i] === 1 ? 1 : step));
}

/**
 * Attributes of a convolution of x: stride and dilation no larger than what they act on, padding in numbers. Shapes that do
 * not fit together are another's to refuse.
 */
export function fitKernel(x: Shape, weight: Shape, options: KernelGiven): ConvolutionAttributes {
  const { padding, groups, relu } = options;
  const dilation = dilationOf(weight, options);
  const axes = dilation.map((step, i) =>
    padded(
      x[i + 1] ?? Infinity,
      step * ((weight[i] ?? 1) - 1) + 1,
      options.stride[i]!,
      typeof padding === "string" ? padding : padding[i]!,
    ),
  );
  return {
    ...{ stride: axes.map(({ stride }) => stride), dilation, groups, relu },
    ...{ padding: axes.map(({ before }) => before), paddingAfter: axes.map(({ after }) => after) },
  };
}

/**
 * Throws ShapeError, naming `operation`, if ranks or channels of a convolution do not fit together.
 * @param kernels the axes of the weight beyond those of the kernel, as numbers or by name
 */
export function checkShapes(
  operation: string,
  { x, weight }: { readonly x: Value; readonly weight: Value },
  { stride, groups }: ConvolutionAttributes,
  kernels: (channels: number) => readonly (number | string)[],
): void {
  const rank = stride.length as SpatialRank;
  const sizes = axisNames(rank);
  const given = `x of shape ${formatShape(x.shape)}`;
  if (x.shape.length !== rank + 2) {
    throw new ShapeError(`${operation}: x has shape ${formatShape(x.shape)}, want [batch, ${sizes}, channels]`);
  }
  const channels = x.shape.at(-1)!;
  if (channels % groups !== 0) {
    throw new ShapeError(`${operation}: want channels that divide into ${groups} groups, got ${given}`);
  }
  const wanted = kernels(channels);
  const own = weight.shape.slice(rank);
  if (weight.shape.length !== rank + wanted.length || wanted.some((size, i) => size !== own[i] && size === +size)) {
    const axes = sizes.split(", ").map((name) => `kernel${name[0]!.toUpperCase()}${name.slice(1)}`);
    throw new ShapeError(
      `${operation}: weight has shape ${formatShape(weight.shape)}, want [${[...axes, ...wanted].join(", ")}] for ${given}`,
    );
  }
  if (weight.shape.slice(0, rank).includes(0)) {
    throw new ShapeError(`${operation}: weight has shape ${formatShape(weight.shape)}, an empty kernel`);
  }
}

/** Throws ShapeError unless a bias, if there is one, has a number for each of the channels. */
export function checkBias(operation: string, bias: Value | undefined, channels: number): void {
  if (!bias || (bias.shape.length === 1 && bias.shape[0] === channels)) return;
  throw new ShapeError(`${operation}: bias has shape ${formatShape(bias.shape)}, want [${channels}]`);
}

/**
 * The output of a convolution whose ranks and channels fit together.
 * @throws ShapeError if the kernel does not fit into x, channels do not divide, or the padded input is too long
 */
export function convolvedShape(operation: string, x: Value, weight: Value, attributes: ConvolutionAttributes): Shape {
  const { stride, padding, paddingAfter, dilation, groups } = attributes;
  stride.forEach((_, i) => {
    const length = checkPadded(operation, x, x.shape[i + 1]!, padding[i]! + paddingAfter[i]!);
    const reach = dilation[i]! * (weight.shape[i]! - 1) + 1;
    if (reach <= length) return;
    const unit = stride.length === 1 ? "positions" : ["planes", "rows", "columns"][i + 3 - stride.length]!;
    throw new ShapeError(
      `${operation}: the kernel spans ${reach} ${unit} (weight ${formatShape(weight.shape)}, dilation ${dilation[i]!}), ` +
        `want at most the ${length} of x ${formatShape(x.shape)} with padding ${padding[i]!}`,
    );
  });
  if (weight.shape.at(-1)! % groups !== 0) {
    throw new ShapeError(
      `${operation}: want outChannels that divide into ${groups} groups, got a weight of shape ${formatShape(weight.shape)}`,
    );
  }
  return outputShape(x.shape, weight.shape, attributes);
}

/** Length of an axis of x with so many positions around it. Throws ShapeError if kernels cannot count so far. */
export function checkPadded(operation: string, x: Value, size: number, around: number): number {
  const length = size + around;
  if (length <= mostLength) return length;
  throw new ShapeError(
    `${operation}: x ${formatShape(x.shape)} with padding is ${length} long, want at most ${mostLength}`,
  );
}

/** The options of transposed convolutions as they were read. */
export interface TransposedGiven extends Omit<KernelGiven, "relu"> {
  readonly outputPadding: readonly number[];
}

/** Attributes of the convolution whose input gradient a transposed convolution is, and the lengths of its output. */
export interface TransposedAttributes extends ConvolutionAttributes {
  readonly lengths: readonly number[];
}

/**
 * Attributes of a transposed convolution of x: along each axis the output is
 * (length − 1)·stride − 2·padding + dilation·(kernel − 1) + outputPadding + 1 long.
 * @throws ArgumentError for an outputPadding that leaves open which axis it means, or that "same" has no place for
 */
export function fitTransposed(
  operation: string,
  x: Shape,
  weight: Shape,
  { stride, padding, outputPadding, groups, ...given }: TransposedGiven,
): TransposedAttributes {
  const dilation = dilationOf(weight, given);
  const axes = stride.map((step, i) => {
    const [length, more] = [x[i + 1] ?? 0, outputPadding[i]!];
    const limit = padding === "same" ? 1 : Math.max(step, given.dilation[i]!);
    if (more >= limit) {
      const reason =
        padding === "same" ? `with padding "same"` : `with stride ${step} and dilation ${given.dilation[i]!}`;
      throw new ArgumentError(`${operation}: outputPadding must be less than ${limit} ${reason}, got ${more}`);
    }
    const reach = dilation[i]! * ((weight[i] ?? 1) - 1) + 1;
    if (typeof padding === "string") {
      const size = length * step;
      return { ...padded(size, reach, step, "same"), size };
    }
    const around = padding[i]!;
    const size = (length - 1) * step - 2 * around + reach + more;
    return {
      stride: Math.max(Math.min(step, size + 2 * around - more), 1),
      before: around,
      after: around - more,
      size,
    };
  });
  return {
    ...{ stride: axes.map(({ stride }) => stride), dilation, groups, relu: false },
    ...{ padding: axes.map(({ before }) => before), paddingAfter: axes.map(({ after }) => after) },
    lengths: axes.map(({ size }) => size),
  };
}

/** The output of a transposed convolution whose ranks and channels fit together. Throws ShapeError if it is empty or too long. */
export function transposedShape(operation: string, x: Value, weight: Value, attributes: TransposedAttributes): Shape {
  const { lengths, padding, paddingAfter, groups } = attributes;
  lengths.forEach((length, i) => {
    checkPadded(operation, x, length, padding[i]! + Math.max(paddingAfter[i]!, 0));
    if (length >= 1) return;
    throw new ShapeError(
      `${operation}: the output of x ${formatShape(x.shape)}, weight ${formatShape(weight.shape)}, padding ${padding[i]!} ` +
        `would be ${length} long, want at least 1`,
    );
  });
  return [x.shape[0]!, ...lengths, weight.shape.at(-2)! * groups];
}
