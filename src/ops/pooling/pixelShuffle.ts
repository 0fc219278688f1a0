import { integerFrom, mostLength, ShapeError } from "../../engine/index.js";
import { define, formatValue, reshaped, type Value } from "../../graph/index.js";
import { permuted } from "../structure/permute.js";
import { checkImages } from "./images.js";

/** A factor by which height and width grow or shrink. */
const factorReader = /* @__PURE__ */ integerFrom(1, mostLength);
/** How the options of pixelShuffle and pixelUnshuffle are read. */
export const pixelShuffleReaders = () => ({ upscaleFactor: factorReader });
export const pixelUnshuffleReaders = () => ({ downscaleFactor: factorReader });

/** Height, width and channels of images, and those of the result. */
type Sizes = readonly [height: number, width: number, channels: number];

function sizesOf(operation: string, x: Value): Sizes {
  checkImages(operation, x, 2);
  return x.shape.slice(1) as unknown as Sizes;
}

export const pixelShuffleOperation = /* @__PURE__ */ define({
  name: "pixelShuffle",
  inputs: ["x"],
  attributes: { upscaleFactor: 1 },
  options: pixelShuffleReaders,
  isPositional: true,
  shape({ x }, { upscaleFactor: r }) {
    const [height, width, channels] = sizesOf("pixelShuffle", x);
    if (channels % r ** 2 === 0) return { y: [x.shape[0]!, height * r, width * r, channels / r ** 2] };
    throw new ShapeError(
      `pixelShuffle: wants a multiple of ${r}² = ${r ** 2} channels for an upscaleFactor of ${r}, got ${formatValue(x)}`,
    );
  },
  compose({ x }, { upscaleFactor: r }) {
    const [batch, height, width, channels] = x.shape as [number, ...Sizes];
    const parts = reshaped(x, [batch, height, width, channels / r ** 2, r, r]);
    return { y: reshaped(permuted(parts, [0, 1, 4, 2, 5, 3]), [batch, height * r, width * r, channels / r ** 2]) };
  },
});

/**
 * Channels become pixels: [B, H, W, C·r²] → [B, H·r, W·r, C], r being `upscaleFactor`. Channel c·r² + i·r + j is pixel (i, j) of channel
 * c, as in PyTorch. Throws ShapeError unless r² divides the channels.
 */
export function pixelShuffle(x: Value, upscaleFactor: number): Value {
  return pixelShuffleOperation.call({ x }, { upscaleFactor }).y;
}

export const pixelUnshuffleOperation = /* @__PURE__ */ define({
  name: "pixelUnshuffle",
  inputs: ["x"],
  attributes: { downscaleFactor: 1 },
  options: pixelUnshuffleReaders,
  isPositional: true,
  shape({ x }, { downscaleFactor: r }) {
    const [height, width, channels] = sizesOf("pixelUnshuffle", x);
    if (height % r === 0 && width % r === 0) return { y: [x.shape[0]!, height / r, width / r, channels * r ** 2] };
    throw new ShapeError(
      `pixelUnshuffle: wants height and width that are multiples of the downscaleFactor, ${r}; got ${formatValue(x)}`,
    );
  },
  compose({ x }, { downscaleFactor: r }) {
    const [batch, height, width, channels] = x.shape as [number, ...Sizes];
    const parts = reshaped(x, [batch, height / r, r, width / r, r, channels]);
    return { y: reshaped(permuted(parts, [0, 1, 3, 5, 2, 4]), [batch, height / r, width / r, channels * r ** 2]) };
  },
});

/**
 * Pixels become channels, the inverse of `pixelShuffle`: [B, H·r, W·r, C] → [B, H, W, C·r²], r being `downscaleFactor`. Throws
 * ShapeError unless r divides height and width.
 */
export function pixelUnshuffle(x: Value, downscaleFactor: number): Value {
  return pixelUnshuffleOperation.call({ x }, { downscaleFactor }).y;
}
