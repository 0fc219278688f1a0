import { constants, flag, optional, type OptionsRead, ShapeError, spelledOut } from "../../engine/index.js";
import { define, formatShape, formatValue, type Rule, type Shape, type Value } from "../../graph/index.js";
import { reluOperation } from "../activations/relu.js";
import { checkPadded } from "../convolution/options.js";
import {
  type Padded,
  padded,
  type Padding,
  paddingOption,
  type Pair,
  type PerAxis,
  perAxis,
} from "../convolution/perAxis.js";

export interface MaxPool2dOptions {
  readonly kernelSize: PerAxis;
  /** Default: the kernel size. */
  readonly stride?: PerAxis;
  /**
   * Positions added on both sides, which count as −Infinity; at most half the kernel size. "valid" is 0, and "same" gives an
   * output of ⌈size / stride⌉. Default 0.
   */
  readonly padding?: Padding;
  /** Apply max(y, 0) in the same pass. Default false. */
  readonly relu?: boolean;
}

export interface MaxPool2dAttributes {
  readonly kernelSize: Pair;
  readonly stride: Pair;
  /** Positions before each axis, and after it. */
  readonly padding: Pair;
  readonly paddingAfter: Pair;
  readonly relu: boolean;
}

const defaults: MaxPool2dAttributes = {
  ...{ kernelSize: [2, 2], stride: [2, 2], padding: [0, 0], paddingAfter: [0, 0] },
  relu: false,
};

const readers = () => ({
  kernelSize: perAxis(1),
  stride: optional(perAxis(1)),
  padding: optional(paddingOption, defaults.padding),
  relu: optional(flag, defaults.relu),
});

/** Attributes of a pooling of x: stride no larger than what it acts on, padding in numbers. */
function fitWindow(
  x: Shape,
  { kernelSize, stride = kernelSize, padding, relu }: OptionsRead<ReturnType<typeof readers>>,
): MaxPool2dAttributes {
  const onAxis = (axis: 0 | 1): Padded =>
    padded(x[axis + 1] ?? Infinity, kernelSize[axis], stride[axis], padding === "same" ? padding : padding[axis]);
  const [rows, columns] = [onAxis(0), onAxis(1)];
  return {
    kernelSize,
    stride: [rows.stride, columns.stride],
    padding: [rows.before, columns.before],
    paddingAfter: [rows.after, columns.after],
    relu,
  };
}

/** What the gradient of a pooling needs to know of it. */
interface MaxPoolGeometry extends MaxPool2dAttributes {
  readonly xShape: Shape;
}

const geometryDefaults: MaxPoolGeometry = { ...defaults, xShape: [] };

export const maxPoolBackwardOperation = /* @__PURE__ */ define({
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
export const maxPoolPickOperation = /* @__PURE__ */ define({
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
  options: readers,
  fit: ({ x }, options) => fitWindow(x.shape, options),
  shape({ x }, { kernelSize, stride, padding, paddingAfter }) {
    const [batch, height, width, channels] = x.shape;
    if (x.shape.length !== 4 || !(batch !== undefined && height && width && channels)) {
      throw new ShapeError(`maxPool2d: wants x of shape [B, H, W, C], got ${formatValue(x)}`);
    }
    if (kernelSize[0] * kernelSize[1] > constants.noWinner) {
      throw new ShapeError(
        `maxPool2d: a window may have at most ${constants.noWinner} positions, kernelSize ${formatShape(kernelSize)} has more`,
      );
    }
    const [outHeight, outWidth] = ([height, width] as const).map((length, axis) => {
      const [k, s, p] = [kernelSize[axis]!, stride[axis]!, padding[axis]!];
      const around = p + paddingAfter[axis]!;
      if (2 * p > k || length + around < k) {
        throw new ShapeError(
          `maxPool2d: wants padding ≤ kernelSize/2 and kernelSize ≤ length + 2·padding on each axis; got kernelSize ${k}, ` +
            `padding ${p} for length ${length} of ${formatValue(x)}`,
        );
      }
      return Math.floor((checkPadded("maxPool2d", x, length, around) - k) / s) + 1;
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
 * gradient goes to the first largest value. A number or a pair in the place of the options is the kernel size. Throws ShapeError for another number of axes, a window larger than the padded
 * input or of more than 255 positions, and a padding of more than half the window.
 */
export function maxPool2d(x: Value, options: MaxPool2dOptions | PerAxis): Value {
  return maxPool2dOperation.call({ x }, spelledOut<MaxPool2dOptions>(options, "kernelSize")).y;
}

function geometry(x: Shape, y: Shape, { kernelSize, stride, padding }: MaxPool2dAttributes) {
  return {
    batch: x[0]!,
    height: x[1]!,
    width: x[2]!,
    channels: x[3]!,
    outHeight: y[1]!,
    outWidth: y[2]!,
    kernelHeight: kernelSize[0],
    kernelWidth: kernelSize[1],
    strideHeight: stride[0],
    strideWidth: stride[1],
    paddingHeight: padding[0],
    paddingWidth: padding[1],
  };
}
