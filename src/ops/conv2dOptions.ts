import { checkBoolean, checkOptions, mostLength, ShapeError } from "../engine/index.js";
import { formatShape, type Value } from "../graph/index.js";
import { type Conv2dAttributes, outputLength, type Pair } from "./conv2dGeometry.js";
import { type PerAxis, perAxis } from "./perAxis.js";

export interface Conv2dOptions {
  /** Default 1. */
  readonly stride?: PerAxis;
  /** Zeros on each side of each axis. Default 0. */
  readonly padding?: PerAxis;
  /** Distance between the kernel's taps. Default 1. */
  readonly dilation?: PerAxis;
  /** Apply ReLU to the output. Default false. */
  readonly relu?: boolean;
}

/** The options of `operation` with their defaults. Throws ArgumentError for one that is no integer in its range. */
export function attributesOf(operation: string, options: Conv2dOptions): Conv2dAttributes {
  checkOptions(operation, options, ["stride", "padding", "dilation", "relu"]);
  const { stride = 1, padding = 0, dilation = 1, relu = false } = options;
  checkBoolean(`${operation}: relu`, relu);
  return {
    stride: perAxis(`${operation}: stride`, stride, 1),
    padding: perAxis(`${operation}: padding`, padding, 0),
    dilation: perAxis(`${operation}: dilation`, dilation, 1),
    relu,
  };
}

/**
 * The same convolution with stride and dilation no larger than what they act on. Shapes that do not fit together are
 * another's to refuse.
 */
export function fitKernel(x: Value, weight: Value, attributes: Conv2dAttributes): Conv2dAttributes {
  const { stride, padding, dilation } = attributes;
  const dilationOf = (axis: 0 | 1): number => (weight.shape[axis] === 1 ? 1 : dilation[axis]);
  return { ...attributes, stride: fitStride(stride, x, padding), dilation: [dilationOf(0), dilationOf(1)] };
}

/** Strides no longer than the axes of x with their padding. */
export function fitStride(stride: Pair, { shape }: Value, padding: Pair): Pair {
  const strideOf = (axis: 0 | 1): number => Math.min(stride[axis], (shape[axis + 1] ?? Infinity) + 2 * padding[axis]);
  return [strideOf(0), strideOf(1)];
}

/**
 * Height and width of the output.
 * @throws ShapeError, naming `operation`, if the kernel is empty or does not fit, or the padded input is too long
 */
export function outputSizes(operation: string, x: Value, weight: Value, attributes: Conv2dAttributes): Pair {
  const sizeOf = (axis: 0 | 1): number => {
    const [size, kernel, padding] = [x.shape[axis + 1]!, weight.shape[axis]!, attributes.padding[axis]];
    if (kernel < 1)
      throw new ShapeError(`${operation}: weight has shape ${formatShape(weight.shape)}, an empty kernel`);
    const length = checkPadded(operation, x, size, padding);
    const reach = attributes.dilation[axis] * (kernel - 1) + 1;
    if (reach > length) {
      throw new ShapeError(
        `${operation}: the kernel spans ${reach} ${axis === 0 ? "rows" : "columns"} (weight ${formatShape(weight.shape)}, ` +
          `dilation ${attributes.dilation[axis]}), want at most the ${length} of x ${formatShape(x.shape)} ` +
          `with padding ${padding}`,
      );
    }
    return outputLength(size, kernel, attributes.stride[axis], padding, attributes.dilation[axis]);
  };
  return [sizeOf(0), sizeOf(1)];
}

/** Length of an axis of x with its padding. Throws ShapeError if kernels cannot count so far. */
export function checkPadded(operation: string, x: Value, size: number, padding: number): number {
  const length = size + 2 * padding;
  if (length <= mostLength) return length;
  throw new ShapeError(
    `${operation}: x ${formatShape(x.shape)} with padding ${padding} is ${length} long, want at most ${mostLength}`,
  );
}
