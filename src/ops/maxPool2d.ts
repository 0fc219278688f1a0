import { checkOptions, constants, ShapeError } from "../engine/index.js";
import { checkValues, define, formatShape, formatValue, type Rule, type Shape, type Value } from "../graph/index.js";
import { reluOperation } from "./relu.js";
import { checkPadded, fitStride } from "./conv2dOptions.js";
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

const defaults: MaxPool2dAttributes = { kernel: [2, 2], stride: [2, 2], padding: [0, 0], relu: false };

/** What the gradient of a pooling needs to know of it. */
interface MaxPoolGeometry extends MaxPool2dAttributes {
  readonly xShape: Shape;
}

const geometryDefaults: MaxPoolGeometry = { ...defaults, xShape: [] };

const maxPoolBackwardOperation = /* @__PURE__ */ define({
  name: "maxPoolBackward",
  inputs: ["winners", "dy"],
  otherTypes: ["winners"],
  outputs: ["dx"],
  attributes: geometryDefaults,
  shape: (_, { xShape }) => ({ dx: xShape }),
  lower: (emit, { inputs: { winners, dy }, outputs: { dx }, attributes }) =>
    emit.record("maxPoolBackward", { ...geometry(dx.shape, dy.shape, attributes), winners, dy, dx }),
  gradient: ({ inputs: { winners }, upstreams: { dx }, attributes }) => ({ dy: pick(winners, dx, attributes) }),
});

/** Spreads dy, the gradient of a pooling, over the positions that won. */
export function maxPoolBackward(winners: Value, dy: Value, attributes: MaxPoolGeometry): Value {
  return maxPoolBackwardOperation.apply({ winners, dy }, attributes).dx;
}

/** Of each window the value of x at the position that won. */
const maxPoolPickOperation = /* @__PURE__ */ define({
  name: "maxPoolPick",
  inputs: ["winners", "x"],
  otherTypes: ["winners"],
  attributes: geometryDefaults,
  shape: ({ winners }) => ({ y: winners.shape }),
  lower: (emit, { inputs: { winners, x }, outputs: { y }, attributes }) =>
    emit.record("maxPoolPick", { ...geometry(x.shape, y.shape, attributes), winners, x, y }),
  gradient: ({ inputs: { winners }, upstreams: { y: dy }, attributes }) => ({
    x: maxPoolBackward(winners, dy, attributes),
  }),
});

function pick(winners: Value, x: Value, attributes: MaxPoolGeometry): Value {
  return maxPoolPickOperation.apply({ winners, x }, attributes).y;
}

/** A ReLU before pooling gives the same as one after it: a maximum. The winners carry its mask for nothing. */
const reluBeforePooling: Rule = {
  name: "ReLU before pooling",
  phase: 0,
  rewrite(node, { onlyProducerOf }) {
    if (!maxPool2dOperation.made(node) || node.attributes.relu) return undefined;
    const activation = onlyProducerOf(node.inputs.x);
    if (!reluOperation.made(activation)) return undefined;
    return {
      ...{ operation: node.operation, inputs: activation.inputs, attributes: { ...node.attributes, relu: true } },
      ...{ outputs: node.outputs, absorbs: [activation] },
    };
  },
};

/** Keeps which position of each window won. */
export const maxPool2dOperation = /* @__PURE__ */ define({
  name: "maxPool2d",
  inputs: ["x"],
  kept: ["winners"],
  attributes: defaults,
  shape({ x }, { kernel, stride, padding }) {
    const [batch, height, width, channels] = x.shape;
    if (x.shape.length !== 4 || !(batch !== undefined && height && width && channels)) {
      throw new ShapeError(`maxPool2d: wants x of shape [B, H, W, C], got ${formatValue(x)}`);
    }
    if (kernel[0] * kernel[1] > constants.noWinner) {
      throw new ShapeError(
        `maxPool2d: a window may have at most ${constants.noWinner} positions, kernelSize ${formatShape(kernel)} has more`,
      );
    }
    const [outHeight, outWidth] = ([height, width] as const).map((length, axis) => {
      const [k, s, p] = [kernel[axis]!, stride[axis]!, padding[axis]!];
      if (2 * p > k || length + 2 * p < k) {
        throw new ShapeError(
          `maxPool2d: wants padding ≤ kernelSize/2 and kernelSize ≤ length + 2·padding on each axis; got kernelSize ${k}, ` +
            `padding ${p} for length ${length} of ${formatValue(x)}`,
        );
      }
      return Math.floor((checkPadded("maxPool2d", x, length, p) - k) / s) + 1;
    }) as [number, number];
    const y = [batch, outHeight, outWidth, channels];
    return { y, winners: { shape: y, dataType: "u8" } };
  },
  lower: (emit, { inputs: { x }, outputs: { y, winners }, attributes }) =>
    emit.record("maxPool", { ...geometry(x.shape, y.shape, attributes), x, y, winners, relu: attributes.relu }),
  gradient({ inputs: { x }, outputs: { winners }, upstreams: { y: dy }, attributes }) {
    return { x: maxPoolBackward(winners, dy, { ...attributes, xShape: x.shape }) };
  },
  rules: [reluBeforePooling],
});

/**
 * Largest value of each window: [B, H, W, C] → [B, ⌊(H + 2p − k)/s⌋ + 1, ⌊(W + 2p − k)/s⌋ + 1, C]. NaN wins over all. The
 * gradient goes to the first largest value. Throws ShapeError for another number of axes, a window larger than the padded
 * input or of more than 255 positions, and a padding of more than half the window.
 */
export function maxPool2d(x: Value, options: MaxPool2dOptions): Value {
  checkValues("maxPool2d", x);
  checkOptions("maxPool2d", options, ["kernelSize", "stride", "padding", "relu"]);
  const kernel = perAxis("kernelSize", options.kernelSize, 1);
  const given = perAxis("stride", options.stride ?? options.kernelSize, 1);
  const padding = perAxis("padding", options.padding ?? 0, 0);
  const stride = fitStride(given, x, padding);
  return maxPool2dOperation.apply({ x }, { kernel, stride, padding, relu: options.relu ?? false }).y;
}

function geometry(x: Shape, y: Shape, { kernel, stride, padding }: MaxPool2dAttributes) {
  return {
    batch: x[0]!,
    height: x[1]!,
    width: x[2]!,
    channels: x[3]!,
    outHeight: y[1]!,
    outWidth: y[2]!,
    kernelHeight: kernel[0],
    kernelWidth: kernel[1],
    strideHeight: stride[0],
    strideWidth: stride[1],
    paddingHeight: padding[0],
    paddingWidth: padding[1],
  };
}
