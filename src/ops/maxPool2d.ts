import { ShapeError } from "../engine/index.js";
import { type Buffer, formatShape, type Operation, type Value } from "../graph/index.js";

export interface MaxPool2dAttributes {
  readonly kernelSize: readonly [height: number, width: number];
  readonly stride: readonly [height: number, width: number];
  /** At most half of kernelSize. What lies outside counts as −∞. */
  readonly padding: readonly [height: number, width: number];
  /** Whether the output is max(pooled, 0), which equals pooling max(x, 0). */
  readonly relu: boolean;
}

/** Saves which element won each window: a byte an output for 2×2 windows, else an int32. */
export const maxPool2dOperation: Operation<MaxPool2dAttributes, Buffer> = {
  name: "maxPool2d",

  forward(emit, { inputs: [x], attributes, output }) {
    const [batch, height, width, channels] = x!.shape as [number, number, number, number];
    const common = { x: emit.data(x!), y: emit.data(output), batch, height, width, channels, relu: attributes.relu };
    if (isTwoByTwo(attributes, channels)) {
      const winner = emit.scratch(output.size, "winners");
      emit.record("maxPool2x2", { ...common, winner });
      return winner;
    }
    const winner = emit.scratch(output.size * 4, "winners");
    emit.record("maxPool2d", { ...common, winner, ...geometry(attributes, output) });
    return winner;
  },

  backward(emit, { inputs: [x], attributes, output }, winner, dy) {
    const [batch, height, width, channels] = x!.shape as [number, number, number, number];
    emit.contribute([x!], ([dx]) => {
      const common = { dy, winner, dx: dx!, batch, height, width, channels };
      if (isTwoByTwo(attributes, channels)) emit.record("maxPool2x2Backward", common);
      else {
        emit.record("maxPool2dBackward", { ...common, ...geometry(attributes, output) });
      }
    });
  },
};

function isTwoByTwo({ kernelSize, stride, padding }: MaxPool2dAttributes, channels: number): boolean {
  return (
    [...kernelSize, ...stride].every((length) => length === 2) && padding.every((p) => p === 0) && channels % 4 === 0
  );
}

function geometry({ kernelSize, stride, padding }: MaxPool2dAttributes, output: Value) {
  const [, outHeight, outWidth] = output.shape as [number, number, number, number];
  return {
    ...{ outHeight, outWidth, kernelHeight: kernelSize[0], kernelWidth: kernelSize[1] },
    ...{ strideHeight: stride[0], strideWidth: stride[1], paddingHeight: padding[0], paddingWidth: padding[1] },
  };
}

/**
 * Maximum over windows. NaN wins; of equal elements the first gets the gradient.
 *
 * @param x [batch, height, width, channels]
 * @returns [batch, ⌊(height + 2·padding − kernelSize)/stride⌋ + 1, likewise for width, channels]
 * @throws ShapeError if x is no batch of images, the window exceeds the padded image, or padding half the window
 */
export function maxPool2d(x: Value, attributes: Omit<MaxPool2dAttributes, "relu">): Value {
  const { kernelSize, stride, padding } = attributes;
  if (x.shape.length !== 4) {
    throw new ShapeError(`wants [batch, height, width, channels], got ${formatShape(x.shape)}`);
  }
  const [batch, , , channels] = x.shape as [number, number, number, number];
  const lengths = [0, 1].map((axis) => {
    const length = x.shape[axis + 1]! + 2 * padding[axis]!;
    if (2 * padding[axis]! > kernelSize[axis]!) {
      throw new ShapeError(
        `padding ${formatShape(padding)} is more than half of kernelSize ${formatShape(kernelSize)}`,
      );
    }
    if (kernelSize[axis]! > length) {
      throw new ShapeError(
        `kernelSize ${formatShape(kernelSize)} exceeds the image ${formatShape(x.shape.slice(1, 3))} with padding ${formatShape(padding)}`,
      );
    }
    return Math.floor((length - kernelSize[axis]!) / stride[axis]!) + 1;
  });
  const shape = [batch, lengths[0]!, lengths[1]!, channels];
  return x.graph.apply(maxPool2dOperation, [x], { ...attributes, relu: false }, shape);
}
