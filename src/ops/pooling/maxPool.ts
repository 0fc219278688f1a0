import { constants } from "../../engine/index.js";
import { define, type Rule, type Shape, type Value } from "../../graph/index.js";
import { reluOperation } from "../activations/relu.js";
import type { Pair } from "../convolution/perAxis.js";
import type { Window } from "./axisMap.js";

export interface MaxPoolAttributes {
  readonly kernelSize: Pair;
  readonly stride: Pair;
  /** Positions before each axis. */
  readonly padding: Pair;
  /** Windows along each axis. */
  readonly count: Pair;
  readonly relu: boolean;
}

const defaults: MaxPoolAttributes = {
  ...{ kernelSize: [2, 2], stride: [2, 2], padding: [0, 0], count: [0, 0] },
  relu: false,
};

/** What the gradient of a pooling needs to know of it. */
interface MaxPoolGeometry extends MaxPoolAttributes {
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
    if (!maxPoolOperation.made(node) || node.attributes.relu) return undefined;
    const activation = onlyProducerOf(node.inputs.x);
    if (!reluOperation.made(activation)) return undefined;
    return {
      ...{ operation: node.operation, inputs: activation.inputs, attributes: { ...node.attributes, relu: true } },
      ...{ outputs: node.outputs, absorbs: [activation] },
    };
  },
};

/** The largest of each window of images [B, H, W, C]. Keeps which position of each window won. */
export const maxPoolOperation = /* @__PURE__ */ define({
  name: "maxPool",
  inputs: ["x"],
  kept: ["winners"],
  attributes: defaults,
  shape({ x }, { count }) {
    const y = [x.shape[0]!, ...count, x.shape[3]!];
    return { y, winners: { shape: y, dataType: "u8" } };
  },
  lower: (emit, { inputs: { x }, outputs: { y, winners }, attributes }) =>
    emit.record("maxPool", { ...geometry(x.shape, y.shape, attributes), x, y, winners, relu: attributes.relu }),
  gradient({ inputs: { x }, outputs: { winners }, upstreams: { y: dy }, attributes }) {
    return { x: maxPoolBackward(winners, dy, { ...attributes, xShape: x.shape }) };
  },
  rules: [reluBeforePooling],
});

/** `maxPool` of these windows along rows and columns; undefined if it cannot tell their positions apart, or they are dilated. */
export function maxPooled(
  x: Value,
  windows: readonly [Window | null, Window | null],
  relu: boolean,
): Value | undefined {
  const pair = (of: (window: Window) => number, otherwise: (axis: number) => number): Pair =>
    windows.map((window, axis) => (window ? of(window) : otherwise(axis))) as unknown as Pair;
  const one = (): number => 1;
  const kernelSize = pair(({ kernel }) => kernel, one);
  const isDilated = windows.some((window) => window && window.dilation > 1);
  if (isDilated || kernelSize[0] * kernelSize[1] > constants.noWinner) return undefined;
  return maxPoolOperation.apply(
    { x },
    {
      ...{
        kernelSize,
        stride: pair(({ stride }) => stride, one),
        padding: pair(
          ({ before }) => before,
          () => 0,
        ),
      },
      ...{
        count: pair(
          ({ count }) => count,
          (axis) => x.shape[axis + 1]!,
        ),
        relu,
      },
    },
  ).y;
}

function geometry(x: Shape, y: Shape, { kernelSize, stride, padding }: MaxPoolAttributes) {
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
