import { flag, optional, spelledOut } from "../../engine/index.js";
import { define, type Operation, type Value } from "../../graph/index.js";
import { relu as relued } from "../activations/activations.js";
import { add } from "../elementwise/add.js";
import { multiply } from "../elementwise/multiply.js";
import { carrying } from "../publicFunction.js";
import { gathered } from "../structure/gather.js";
import type { AxisMap, Window } from "./axisMap.js";
import { byImages, type PerAxes, perAxes } from "./images.js";
import { maxPooled } from "./maxPool.js";
import { mappedShape } from "./resample.js";
import { windowMaximum } from "./windowMaximum.js";
import { type PaddedWindowOptions, paddedWindowReaders, windowsOf } from "./windows.js";

export interface MaxPoolOptions extends PaddedWindowOptions {
  /** Distance between the positions of a window. Default 1. */
  readonly dilation?: PerAxes | undefined;
}

export interface FusedMaxPoolOptions extends MaxPoolOptions {
  /** Apply max(y, 0) in the same pass. Default false. */
  readonly relu?: boolean;
}

/** How the options of max pooling are read. */
export const maxPoolReaders = (rank: number) => ({
  ...paddedWindowReaders(rank),
  dilation: optional(perAxes(rank, 1), undefined),
});

interface Attributes {
  readonly windows: readonly Window[];
  readonly relu: boolean;
}

const defaults: Attributes = { windows: [], relu: false };

/** The public function of max pooling over `rank` axes. */
function maxPooling(rank: number): (x: Value, options: FusedMaxPoolOptions | PerAxes) => Value {
  const name = `maxPool${rank}d`;
  const operation = define({
    ...{ name, inputs: ["x"], attributes: defaults },
    options: () => ({ ...maxPoolReaders(rank), relu: optional(flag, false) }),
    fit: ({ x }, { relu, ...options }) => ({ windows: windowsOf(name, x, options), relu }),
    shape: ({ x }, { windows }) => ({ y: mappedShape(x.shape, windows) }),
    // Along one axis after the other, the innermost first: equal ones are won by the first in the order of memory, as over a whole window.
    compose: ({ x }, { windows, relu }) => ({
      y: byImages(x, windows, (images, [rows, columns], isLast) => {
        const isRelu = relu && isLast;
        const pooled = rows || columns ? maxPooled(images, [rows, columns], isRelu) : images;
        if (pooled && !(isRelu && pooled === images)) return pooled;
        const across = columns ? windowMaximum(images, 2, columns).y : images;
        const y = rows ? windowMaximum(across, 1, rows).y : across;
        return isRelu ? relued(y) : y;
      }),
    }),
  });
  return carrying(operation, (x, options) => operation.call({ x }, spelledOut(options, "kernelSize")).y);
}

/**
 * Largest value of each window: [B, L, C] → [B, ⌊(L + 2·padding − dilation·(k − 1) − 1)/stride⌋ + 1, C], or ⌈·⌉ by `ceilMode`. NaN
 * wins over all. The gradient goes to the first largest value. A number in the place of the options is the kernel size.
 * @throws ShapeError for another number of axes, windows longer than the padded axis, and padding of more than half of one
 */
export const maxPool1d = /* @__PURE__ */ maxPooling(1);

/** Largest value of each window of [B, H, W, C]; all else as `maxPool1d`. */
export const maxPool2d = /* @__PURE__ */ maxPooling(2);

/** Largest value of each window of [B, D, H, W, C]; all else as `maxPool1d`. */
export const maxPool3d = /* @__PURE__ */ maxPooling(3);

/** Values of windows, and where they stood: places among all positions of a sample's channel, in their order in memory; int32. */
export interface PooledWithIndices {
  readonly y: Value;
  readonly indices: Value;
}

type Outputs = { readonly [Name in keyof PooledWithIndices]: Value };

/** What maps along all axes give, and where it stood. */
export function pooledWithIndices(x: Value, maps: readonly AxisMap[]): Outputs {
  let y = x;
  let indices: Value | undefined;
  let inner = 1;
  for (let axis = maps.length; axis > 0; axis--) {
    const { y: largest, winners } = windowMaximum(y, axis, maps[axis - 1]!);
    indices = indices ? add(multiply(winners, inner), gathered(indices, winners, axis)) : winners;
    inner *= x.shape[axis]!;
    y = largest;
  }
  return { y, indices: indices! };
}

/** An operation that gives indices, too. */
export function withIndices<O extends object>(
  operation: Operation<"x", object, "y" | "indices">,
  short: keyof O,
): (x: Value, options: O | PerAxes) => PooledWithIndices {
  return carrying(operation, (x: Value, options: O | PerAxes) => {
    const { y, indices } = operation.call({ x }, spelledOut<O>(options, short));
    return { y, indices };
  });
}

/** Shapes of an operation that gives indices, too. */
export function shapesWithIndices(x: Value, maps: readonly AxisMap[]) {
  const y = mappedShape(x.shape, maps);
  return { y, indices: { shape: y, dataType: "i32" } } as const;
}

function maxPoolingWithIndices(rank: number): (x: Value, options: MaxPoolOptions | PerAxes) => PooledWithIndices {
  const name = `maxPool${rank}dWithIndices`;
  const operation = define({
    ...{ name, inputs: ["x"], outputs: ["y", "indices"], attributes: { windows: defaults.windows } },
    options: () => maxPoolReaders(rank),
    fit: ({ x }, options) => ({ windows: windowsOf(name, x, options) }),
    shape: ({ x }, { windows }) => shapesWithIndices(x, windows),
    compose: ({ x }, { windows }) => pooledWithIndices(x, windows),
  });
  return withIndices<MaxPoolOptions>(operation, "kernelSize");
}

/** `maxPool1d` with the places of the largest values, { y, indices }, for `maxUnpool1d`: int32, counted along L. */
export const maxPool1dWithIndices = /* @__PURE__ */ maxPoolingWithIndices(1);

/** `maxPool2d` with the places of the largest values, { y, indices }, for `maxUnpool2d`: int32, row · W + column. */
export const maxPool2dWithIndices = /* @__PURE__ */ maxPoolingWithIndices(2);

/** `maxPool3d` with the places of the largest values, { y, indices }, for `maxUnpool3d`: int32, (slice · H + row) · W + column. */
export const maxPool3dWithIndices = /* @__PURE__ */ maxPoolingWithIndices(3);
