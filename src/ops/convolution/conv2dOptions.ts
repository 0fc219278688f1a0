import { flag, mostLength, optional, ShapeError } from "../../engine/index.js";
import { formatShape, type Shape, type Value } from "../../graph/index.js";
import { type Conv2dAttributes, conv2dDefaults, outputLength } from "./conv2dGeometry.js";
import { type Padded, padded, type Padding, paddingOption, type Pair, type PerAxis, perAxis } from "./perAxis.js";

export interface Conv2dOptions {
  /** Default 1. */
  readonly stride?: PerAxis;
  /**
   * Zeros on each side of each axis; "valid" is 0, and "same" gives an output of ⌈size / stride⌉, with the odd zero at the
   * end. Default 0.
   */
  readonly padding?: Padding;
  /** Distance between the kernel's taps. Default 1. */
  readonly dilation?: PerAxis;
  /** Apply ReLU to the output. Default false. */
  readonly relu?: boolean;
}

/** How the options of convolutions are read; `fitKernel` makes attributes of them. */
export const conv2dReaders = () => ({
  stride: optional(perAxis(1), conv2dDefaults.stride),
  padding: optional(paddingOption, conv2dDefaults.padding),
  dilation: optional(perAxis(1), conv2dDefaults.dilation),
  relu: optional(flag, conv2dDefaults.relu),
});

/** The options of convolutions as they were read. */
export interface Conv2dGiven extends Omit<Conv2dAttributes, "padding" | "paddingAfter"> {
  readonly padding: Pair | "same";
}

/**
 * Attributes of a convolution of x: stride and dilation no larger than what they act on, padding in numbers. Shapes that do
 * not fit together are another's to refuse.
 */
export function fitKernel(x: Shape, weight: Shape, { stride, padding, dilation, relu }: Conv2dGiven): Conv2dAttributes {
  const dilationOf = (axis: 0 | 1): number => (weight[axis] === 1 ? 1 : dilation[axis]);
  const onAxis = (axis: 0 | 1): Padded => {
    const reach = dilationOf(axis) * ((weight[axis] ?? 1) - 1) + 1;
    return padded(x[axis + 1] ?? Infinity, reach, stride[axis], padding === "same" ? padding : padding[axis]);
  };
  const [rows, columns] = [onAxis(0), onAxis(1)];
  return {
    stride: [rows.stride, columns.stride],
    padding: [rows.before, columns.before],
    paddingAfter: [rows.after, columns.after],
    dilation: [dilationOf(0), dilationOf(1)],
    relu,
  };
}

/**
 * The output of a convolution.
 * @param kernels the axes of the weight beyond [kernelHeight, kernelWidth, channels]
 * @throws ShapeError, naming `operation`, if ranks or channels do not fit together, or the kernel does not fit into x
 */
export function convolutionShape(
  operation: string,
  { x, weight, bias }: { readonly x: Value; readonly weight: Value; readonly bias?: Value | undefined },
  attributes: Conv2dAttributes,
  kernels: readonly string[],
): Shape {
  if (x.shape.length !== 4) {
    throw new ShapeError(`${operation}: x has shape ${formatShape(x.shape)}, want [batch, height, width, channels]`);
  }
  const [batch, , , channels] = x.shape as [number, number, number, number];
  if (weight.shape.length !== 3 + kernels.length || weight.shape[2] !== channels) {
    const wanted = ["kernelHeight", "kernelWidth", channels, ...kernels].join(", ");
    throw new ShapeError(
      `${operation}: weight has shape ${formatShape(weight.shape)}, want [${wanted}] for x of shape ${formatShape(x.shape)}`,
    );
  }
  const outChannels = weight.shape.at(-1)!;
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== outChannels)) {
    throw new ShapeError(`${operation}: bias has shape ${formatShape(bias.shape)}, want [${outChannels}]`);
  }
  return [batch, ...outputSizes(operation, x, weight, attributes), outChannels];
}

/** Height and width of the output. Throws ShapeError if the kernel is empty or does not fit, or the padded input is too long. */
function outputSizes(operation: string, x: Value, weight: Value, attributes: Conv2dAttributes): Pair {
  const sizeOf = (axis: 0 | 1): number => {
    const [size, kernel, padding] = [x.shape[axis + 1]!, weight.shape[axis]!, attributes.padding[axis]];
    if (kernel < 1)
      throw new ShapeError(`${operation}: weight has shape ${formatShape(weight.shape)}, an empty kernel`);
    const length = checkPadded(operation, x, size, padding + attributes.paddingAfter[axis]);
    const reach = attributes.dilation[axis] * (kernel - 1) + 1;
    if (reach > length) {
      throw new ShapeError(
        `${operation}: the kernel spans ${reach} ${axis === 0 ? "rows" : "columns"} (weight ${formatShape(weight.shape)}, ` +
          `dilation ${attributes.dilation[axis]}), want at most the ${length} of x ${formatShape(x.shape)} ` +
          `with padding ${padding}`,
      );
    }
    return outputLength(length, kernel, attributes.stride[axis], attributes.dilation[axis]);
  };
  return [sizeOf(0), sizeOf(1)];
}

/** Length of an axis of x with so many positions around it. Throws ShapeError if kernels cannot count so far. */
export function checkPadded(operation: string, x: Value, size: number, around: number): number {
  const length = size + around;
  if (length <= mostLength) return length;
  throw new ShapeError(
    `${operation}: x ${formatShape(x.shape)} with padding is ${length} long, want at most ${mostLength}`,
  );
}
