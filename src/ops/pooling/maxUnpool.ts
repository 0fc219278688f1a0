import { optional, ShapeError, spelledOut } from "../../engine/index.js";
import {
  checkEqualShapes,
  define,
  formatShape,
  formatValue,
  reshaped,
  type Shape,
  sizeOf,
  type Value,
} from "../../graph/index.js";
import { carrying } from "../publicFunction.js";
import { gatherBackward } from "../structure/gather.js";
import { checkIndices } from "../structure/indices.js";
import { checkImages, type PerAxes, perAxes } from "./images.js";

export interface MaxUnpoolOptions {
  /** Those of the pooling. */
  readonly kernelSize: PerAxes;
  /** Default: the kernel size. */
  readonly stride?: PerAxes | undefined;
  /** Default 0. */
  readonly padding?: PerAxes | undefined;
  /** Lengths of the result, less than a stride from (size − 1)·stride − 2·padding + kernelSize, which is the default. */
  readonly outputSize?: PerAxes | undefined;
}

/** How the options of unpooling are read. */
export const maxUnpoolReaders = (rank: number) => ({
  kernelSize: perAxes(rank, 1),
  stride: optional(perAxes(rank, 1)),
  padding: optional(perAxes(rank, 0)),
  outputSize: optional(perAxes(rank, 1)),
});

function maxUnpooling(rank: number): (x: Value, indices: Value, options: MaxUnpoolOptions | PerAxes) => Value {
  const name = `maxUnpool${rank}d`;
  const operation = define({
    ...{ name, inputs: ["x", "indices"], otherTypes: ["indices"], attributes: { size: [] as Shape } },
    options: () => maxUnpoolReaders(rank),
    fit({ x }, { kernelSize, stride = kernelSize, padding, outputSize }) {
      checkImages(name, x, rank);
      const usual = kernelSize.map(
        (kernel, axis) => (x.shape[axis + 1]! - 1) * stride[axis]! - 2 * (padding?.[axis] ?? 0) + kernel,
      );
      const size = outputSize ?? usual;
      if (size.every((length, axis) => length > 0 && Math.abs(length - usual[axis]!) < stride[axis]!)) return { size };
      throw new ShapeError(
        `${name}: wants an outputSize of ${formatShape(usual)}, or less than a stride from it, for ${formatValue(x)}; got ` +
          formatShape(size),
      );
    },
    shape({ x, indices }, { size }) {
      checkEqualShapes(name, x, indices);
      const y = [x.shape[0]!, ...size, x.shape.at(-1)!];
      checkIndices(name, indices, { label: "the result", shape: [sizeOf(size)] }, 0);
      return { y };
    },
    compose({ x, indices }, { size }) {
      const flat = [x.shape[0]!, sizeOf(x.shape.slice(1, -1)), x.shape.at(-1)!];
      const y = gatherBackward(reshaped(indices, flat), reshaped(x, flat), 1, sizeOf(size), true);
      return { y: reshaped(y, [flat[0]!, ...size, flat[2]!]) };
    },
  });
  return carrying(operation, (x, indices, options) => {
    return operation.call({ x, indices }, spelledOut(options, "kernelSize")).y;
  });
}

/**
 * The values of a max pooling put back where they stood, and 0 elsewhere: x [B, L′, C] and `indices` of `maxPool1dWithIndices`
 * → [B, L, C]. Of several for one place the last stands there. A number in the place of the options is the kernel size.
 * @throws ShapeError for shapes that differ and for an `outputSize` that such a pooling does not come from
 */
export const maxUnpool1d = /* @__PURE__ */ maxUnpooling(1);

/** The inverse of `maxPool2dWithIndices`: [B, H′, W′, C] → [B, H, W, C]; all else as `maxUnpool1d`. */
export const maxUnpool2d = /* @__PURE__ */ maxUnpooling(2);

/** The inverse of `maxPool3dWithIndices`: [B, D′, H′, W′, C] → [B, D, H, W, C]; all else as `maxUnpool1d`. */
export const maxUnpool3d = /* @__PURE__ */ maxUnpooling(3);
