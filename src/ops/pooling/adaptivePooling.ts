import { checkInteger, mostLength, type OptionsRead, spelledOut } from "../../engine/index.js";
import { define, type Operation, type Value } from "../../graph/index.js";
import { carrying } from "../publicFunction.js";
import type { AxisMap, Shares } from "./axisMap.js";
import { checkImages, eachAxis, type PerAxes } from "./images.js";
import { type PooledWithIndices, pooledWithIndices, shapesWithIndices, withIndices } from "./maxPooling.js";
import { mappedShape, resampled } from "./resample.js";

export interface AdaptivePoolOptions {
  /** Lengths of the result: one for all axes, or one for each; null leaves an axis as long as it is. */
  readonly outputSize: number | null | readonly (number | null)[];
}

/** How the options of adaptive pooling are read. */
export const adaptivePoolReaders = (rank: number) => ({
  outputSize: eachAxis(rank, (name, given) => {
    return given === null ? null : checkInteger(name, given as number, 1, mostLength);
  }),
});

type Given = OptionsRead<ReturnType<typeof adaptivePoolReaders>>;

const noMaps: { readonly maps: readonly AxisMap[] } = { maps: [] };

/** What the definitions of adaptive poolings have in common. */
function adaptive(name: string, rank: number) {
  return {
    ...{ name, inputs: ["x"] as const, attributes: noMaps },
    options: () => adaptivePoolReaders(rank),
    fit({ x }: { readonly x: Value }, { outputSize }: Given) {
      checkImages(name, x, rank);
      return {
        maps: outputSize.map((size, axis): Shares => {
          const length = x.shape[axis + 1]!;
          return { kind: "shares", length, count: size ?? length };
        }),
      };
    },
  };
}

/** What may stand for the options. */
export type OutputSize = number | readonly (number | null)[];

function publicFunction(
  operation: Operation<"x", object, "y">,
): (x: Value, options: AdaptivePoolOptions | OutputSize) => Value {
  return carrying(
    operation,
    (x, options) => operation.call({ x }, spelledOut(options as AdaptivePoolOptions, "outputSize")).y,
  );
}

function adaptiveAvgPooling(rank: number) {
  return publicFunction(
    define({
      ...adaptive(`adaptiveAvgPool${rank}d`, rank),
      shape: ({ x }, { maps }) => ({ y: mappedShape(x.shape, maps) }),
      compose: ({ x }, { maps }) => ({ y: resampled(x, maps) }),
    }),
  );
}

/**
 * Means of windows that divide each axis evenly into `outputSize`: [B, L, C] → [B, outputSize, C], window i from ⌊i·L/outputSize⌋ up
 * to ⌈(i + 1)·L/outputSize⌉. A number in the place of the options is the output size.
 * @throws ShapeError for another number of axes
 */
export const adaptiveAvgPool1d = /* @__PURE__ */ adaptiveAvgPooling(1);

/** Means of windows that divide [B, H, W, C] evenly; all else as `adaptiveAvgPool1d`. */
export const adaptiveAvgPool2d = /* @__PURE__ */ adaptiveAvgPooling(2);

/** Means of windows that divide [B, D, H, W, C] evenly; all else as `adaptiveAvgPool1d`. */
export const adaptiveAvgPool3d = /* @__PURE__ */ adaptiveAvgPooling(3);

function adaptiveMaxPooling(rank: number) {
  return publicFunction(
    define({
      ...adaptive(`adaptiveMaxPool${rank}d`, rank),
      shape: ({ x }, { maps }) => ({ y: mappedShape(x.shape, maps) }),
      compose: ({ x }, { maps }) => ({ y: pooledWithIndices(x, maps).y }),
    }),
  );
}

/** Largest values of the windows of `adaptiveAvgPool1d`; of equal ones the first has the gradient. */
export const adaptiveMaxPool1d = /* @__PURE__ */ adaptiveMaxPooling(1);

/** Largest values of the windows of `adaptiveAvgPool2d`; all else as `adaptiveMaxPool1d`. */
export const adaptiveMaxPool2d = /* @__PURE__ */ adaptiveMaxPooling(2);

/** Largest values of the windows of `adaptiveAvgPool3d`; all else as `adaptiveMaxPool1d`. */
export const adaptiveMaxPool3d = /* @__PURE__ */ adaptiveMaxPooling(3);

function adaptiveMaxPoolingWithIndices(
  rank: number,
): (x: Value, options: AdaptivePoolOptions | PerAxes) => PooledWithIndices {
  const operation = define({
    ...{ ...adaptive(`adaptiveMaxPool${rank}dWithIndices`, rank), outputs: ["y", "indices"] },
    shape: ({ x }, { maps }) => shapesWithIndices(x, maps),
    compose: ({ x }, { maps }) => pooledWithIndices(x, maps),
  });
  return withIndices<AdaptivePoolOptions>(operation, "outputSize");
}

/** `adaptiveMaxPool1d` with places, { y, indices }, as `maxPool1dWithIndices` gives them. */
export const adaptiveMaxPool1dWithIndices = /* @__PURE__ */ adaptiveMaxPoolingWithIndices(1);

/** `adaptiveMaxPool2d` with places, { y, indices }, as `maxPool2dWithIndices` gives them. */
export const adaptiveMaxPool2dWithIndices = /* @__PURE__ */ adaptiveMaxPoolingWithIndices(2);

/** `adaptiveMaxPool3d` with places, { y, indices }, as `maxPool3dWithIndices` gives them. */
export const adaptiveMaxPool3dWithIndices = /* @__PURE__ */ adaptiveMaxPoolingWithIndices(3);
