import { ShapeError } from "../engine/index.js";
import { formatShape, type Value } from "../graph/index.js";
import { type Conv2dAttributes, outputLength } from "./conv2dGeometry.js";
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

/** The options of `operation` with their defaults. */
export function attributesOf(operation: string, options: Conv2dOptions): Conv2dAttributes {
  return {
    stride: perAxis(`${operation}: stride`, options.stride ?? 1, 1),
    padding: perAxis(`${operation}: padding`, options.padding ?? 0, 0),
    dilation: perAxis(`${operation}: dilation`, options.dilation ?? 1, 1),
    relu: options.relu ?? false,
  };
}

/** Height and width of the output; throws a ShapeError that names `operation` if the kernel is empty or does not fit. */
export function outputSizes(
  operation: string,
  x: Value,
  weight: Value,
  { stride, padding, dilation }: Conv2dAttributes,
): number[] {
  return [0, 1].map((axis) => {
    const [size, kernel] = [x.shape[axis + 1]!, weight.shape[axis]!];
    if (kernel < 1)
      throw new ShapeError(`${operation}: weight has shape ${formatShape(weight.shape)}, an empty kernel`);
    const reach = dilation[axis]! * (kernel - 1) + 1;
    if (reach > size + 2 * padding[axis]!) {
      throw new ShapeError(
        `${operation}: the kernel spans ${reach} ${axis === 0 ? "rows" : "columns"} (weight ${formatShape(weight.shape)}, ` +
          `dilation ${dilation[axis]!}), want at most the ${size + 2 * padding[axis]!} of x ${formatShape(x.shape)} ` +
          `with padding ${padding[axis]!}`,
      );
    }
    return outputLength(size, kernel, stride[axis]!, padding[axis]!, dilation[axis]!);
  });
}
