import { checkBoolean, checkOptions, constants, ShapeError } from "../engine/index.js";
import { type Buffer, checkValues, formatShape, formatValue, type Operation, type Value } from "../graph/index.js";
import { checkPadded } from "./conv2dOptions.js";
import { type PerAxis, perAxis } from "./perAxis.js";

export interface MaxPool2dOptions {
  readonly kernelSize: PerAxis;
  /** Default: the kernel size. */
  readonly stride?: PerAxis;
  /** Positions added on both sides, which count as −Infinity; at most half the kernel size. Default 0. */
  readonly padding?: PerAxis;
  /** Apply max(y, 0) in the same pass. Default false. */
  readonly relu?: boolean;
}

export interface MaxPool2dAttributes {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly relu: boolean;
}

export const maxPool2dOperation: Operation<MaxPool2dAttributes, Buffer | undefined> = {
  name: "maxPool2d",
  forward(emit, { inputs: [x], attributes, output }) {
    const winners = emit.training ? emit.scratch(output.size, "winners") : undefined;
    emit.record("maxPool", {
      ...geometry(x!, output, attributes),
      x: emit.data(x!),
      y: emit.data(output),
      winners: winners ?? 0,
      relu: attributes.relu,
    });
    return winners;
  },
  backward(emit, { inputs: [x], attributes, output }, winners, dy) {
    emit.contribute([x!], ([dx]) => {
      emit.record("maxPoolBackward", { ...geometry(x!, output, attributes), winners: winners!, dy, dx: dx! });
    });
  },
};

/**
 * Largest value of each window: [B, H, W, C] → [B, ⌊(H + 2p − k)/s⌋ + 1, ⌊(W + 2p − k)/s⌋ + 1, C]. NaN wins over all. The
 * gradient goes to the first largest value. Throws ShapeError for another number of axes, a window larger than the padded
 * input or of more than 255 positions, and a padding of more than half the window.
 */
export function maxPool2d(x: Value, options: MaxPool2dOptions): Value {
  checkValues("maxPool2d", x);
  checkOptions("maxPool2d", options, ["kernelSize", "stride", "padding", "relu"]);
  const { relu = false } = options;
  checkBoolean("maxPool2d: relu", relu);
  const kernel = perAxis("kernelSize", options.kernelSize, 1);
  const given = perAxis("stride", options.stride ?? options.kernelSize, 1);
  const padding = perAxis("padding", options.padding ?? 0, 0);
  const [batch, height, width, channels] = x.shape;
  if (x.shape.length !== 4 || !(batch !== undefined && height && width && channels)) {
    throw new ShapeError(`maxPool2d: wants x of shape [B, H, W, C], got ${formatValue(x)}`);
  }
  if (kernel[0] * kernel[1] > constants.noWinner) {
    throw new ShapeError(
      `maxPool2d: a window may have at most ${constants.noWinner} positions, kernelSize ${formatShape(kernel)} has more`,
    );
  }
  const [rows, columns] = ([height, width] as const).map((length, axis) => {
    const [k, p] = [kernel[axis]!, padding[axis]!];
    if (2 * p > k || length + 2 * p < k) {
      throw new ShapeError(
        `maxPool2d: wants padding ≤ kernelSize/2 and kernelSize ≤ length + 2·padding on each axis; got kernelSize ${k}, ` +
          `padding ${p} for length ${length} of ${formatValue(x)}`,
      );
    }
    const stride = Math.min(given[axis]!, checkPadded("maxPool2d", x, length, p));
    return { stride, size: Math.floor((length + 2 * p - k) / stride) + 1 };
  }) as [{ stride: number; size: number }, { stride: number; size: number }];
  const stride = [rows.stride, columns.stride] as const;
  const attributes = { kernel, stride, padding, relu };
  return x.graph.apply(maxPool2dOperation, [x], attributes, [batch, rows.size, columns.size, channels]);
}

function geometry(x: Value, y: Value, { kernel, stride, padding }: MaxPool2dAttributes) {
  return {
    batch: x.shape[0]!,
    height: x.shape[1]!,
    width: x.shape[2]!,
    channels: x.shape[3]!,
    outHeight: y.shape[1]!,
    outWidth: y.shape[2]!,
    kernelHeight: kernel[0],
    kernelWidth: kernel[1],
    strideHeight: stride[0],
    strideWidth: stride[1],
    paddingHeight: padding[0],
    paddingWidth: padding[1],
  };
}
