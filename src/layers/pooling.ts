import type { OptionsRead, Reader } from "../engine/index.js";
import type { Value } from "../graph/index.js";
import * as adaptive from "../ops/pooling/adaptivePooling.js";
import * as average from "../ops/pooling/avgPooling.js";
import * as global from "../ops/pooling/globalPooling.js";
import type { PerAxes } from "../ops/pooling/images.js";
import * as maximum from "../ops/pooling/maxPooling.js";
import * as unpooling from "../ops/pooling/maxUnpool.js";
import * as shuffling from "../ops/pooling/pixelShuffle.js";
import * as upsampling from "../ops/pooling/upsample.js";
import { layerFactory, type LayerFactory } from "./factory.js";
import { lambda } from "./lambda.js";

type Readers<Options> = { readonly [Name in keyof Options]-?: Reader<unknown> };

/** The layer of an operation that has the same options. @param short the option that a number or an array stands for */
function pooling<Options extends object, Short = PerAxes>(
  operation: (x: Value, options: NoInfer<Options>) => Value,
  readers: () => Readers<NoInfer<Options>>,
  short?: keyof NoInfer<Options>,
): LayerFactory<Options, Short> {
  const { name } = operation;
  const apply = (options: OptionsRead<Readers<Options>>) => lambda((x) => operation(x, options as Options), name);
  return layerFactory<Options, Short, Readers<Options>>(name, readers, apply, short);
}

/** Largest value of each window of [B, L, C]. A number in the place of the options is the kernel size. */
export const maxPool1d: LayerFactory<maximum.MaxPoolOptions, PerAxes> = /* @__PURE__ */ pooling(
  maximum.maxPool1d,
  () => maximum.maxPoolReaders(1),
  "kernelSize",
);
/** Largest value of each window of [B, H, W, C]. A number in the place of the options is the kernel size. */
export const maxPool2d: LayerFactory<maximum.MaxPoolOptions, PerAxes> = /* @__PURE__ */ pooling(
  maximum.maxPool2d,
  () => maximum.maxPoolReaders(2),
  "kernelSize",
);
/** Largest value of each window of [B, D, H, W, C]. A number in the place of the options is the kernel size. */
export const maxPool3d: LayerFactory<maximum.MaxPoolOptions, PerAxes> = /* @__PURE__ */ pooling(
  maximum.maxPool3d,
  () => maximum.maxPoolReaders(3),
  "kernelSize",
);

/** Mean of each window of [B, L, C]. A number in the place of the options is the kernel size. */
export const avgPool1d: LayerFactory<average.AvgPoolOptions, PerAxes> = /* @__PURE__ */ pooling(
  average.avgPool1d,
  () => average.avgPoolReaders(1),
  "kernelSize",
);
/** Mean of each window of [B, H, W, C]. A number in the place of the options is the kernel size. */
export const avgPool2d: LayerFactory<average.AvgPoolOptions, PerAxes> = /* @__PURE__ */ pooling(
  average.avgPool2d,
  () => average.avgPoolReaders(2),
  "kernelSize",
);
/** Mean of each window of [B, D, H, W, C]. A number in the place of the options is the kernel size. */
export const avgPool3d: LayerFactory<average.AvgPoolOptions, PerAxes> = /* @__PURE__ */ pooling(
  average.avgPool3d,
  () => average.avgPoolReaders(3),
  "kernelSize",
);

/** (Σ xᵖ)^(1/p) over each window of [B, L, C], p being `normType`. */
export const lpPool1d: LayerFactory<average.LpPoolOptions> = /* @__PURE__ */ pooling(average.lpPool1d, () =>
  average.lpPoolReaders(1),
);
/** (Σ xᵖ)^(1/p) over each window of [B, H, W, C], p being `normType`. */
export const lpPool2d: LayerFactory<average.LpPoolOptions> = /* @__PURE__ */ pooling(average.lpPool2d, () =>
  average.lpPoolReaders(2),
);
/** (Σ xᵖ)^(1/p) over each window of [B, D, H, W, C], p being `normType`. */
export const lpPool3d: LayerFactory<average.LpPoolOptions> = /* @__PURE__ */ pooling(average.lpPool3d, () =>
  average.lpPoolReaders(3),
);

/** Means of windows that divide [B, L, C] evenly into `outputSize`, which a number in the place of the options is. */
export const adaptiveAvgPool1d: LayerFactory<adaptive.AdaptivePoolOptions, adaptive.OutputSize> =
  /* @__PURE__ */ pooling(adaptive.adaptiveAvgPool1d, () => adaptive.adaptivePoolReaders(1), "outputSize");
/** Means of windows that divide [B, H, W, C] evenly into `outputSize`, which a number in the place of the options is. */
export const adaptiveAvgPool2d: LayerFactory<adaptive.AdaptivePoolOptions, adaptive.OutputSize> =
  /* @__PURE__ */ pooling(adaptive.adaptiveAvgPool2d, () => adaptive.adaptivePoolReaders(2), "outputSize");
/** Means of windows that divide [B, D, H, W, C] evenly into `outputSize`, which a number in the place of the options is. */
export const adaptiveAvgPool3d: LayerFactory<adaptive.AdaptivePoolOptions, adaptive.OutputSize> =
  /* @__PURE__ */ pooling(adaptive.adaptiveAvgPool3d, () => adaptive.adaptivePoolReaders(3), "outputSize");

/** Largest values of windows that divide [B, L, C] evenly into `outputSize`, which a number in the place of the options is. */
export const adaptiveMaxPool1d: LayerFactory<adaptive.AdaptivePoolOptions, adaptive.OutputSize> =
  /* @__PURE__ */ pooling(adaptive.adaptiveMaxPool1d, () => adaptive.adaptivePoolReaders(1), "outputSize");
/** Largest values of windows that divide [B, H, W, C] evenly into `outputSize`, which a number in the place of the options is. */
export const adaptiveMaxPool2d: LayerFactory<adaptive.AdaptivePoolOptions, adaptive.OutputSize> =
  /* @__PURE__ */ pooling(adaptive.adaptiveMaxPool2d, () => adaptive.adaptivePoolReaders(2), "outputSize");
/** Largest values of windows that divide [B, D, H, W, C] evenly into `outputSize`, which a number in the place of the options is. */
export const adaptiveMaxPool3d: LayerFactory<adaptive.AdaptivePoolOptions, adaptive.OutputSize> =
  /* @__PURE__ */ pooling(adaptive.adaptiveMaxPool3d, () => adaptive.adaptivePoolReaders(3), "outputSize");

/** Mean of each channel: [B, L, C] → [B, C], unless `keepDims`. */
export const globalAvgPool1d: LayerFactory<global.GlobalPoolOptions> = /* @__PURE__ */ pooling(
  global.globalAvgPool1d,
  global.globalPoolReaders,
);
/** Mean of each channel: [B, H, W, C] → [B, C], unless `keepDims`. */
export const globalAvgPool2d: LayerFactory<global.GlobalPoolOptions> = /* @__PURE__ */ pooling(
  global.globalAvgPool2d,
  global.globalPoolReaders,
);
/** Mean of each channel: [B, D, H, W, C] → [B, C], unless `keepDims`. */
export const globalAvgPool3d: LayerFactory<global.GlobalPoolOptions> = /* @__PURE__ */ pooling(
  global.globalAvgPool3d,
  global.globalPoolReaders,
);

/** Largest value of each channel: [B, L, C] → [B, C], unless `keepDims`. */
export const globalMaxPool1d: LayerFactory<global.GlobalPoolOptions> = /* @__PURE__ */ pooling(
  global.globalMaxPool1d,
  global.globalPoolReaders,
);
/** Largest value of each channel: [B, H, W, C] → [B, C], unless `keepDims`. */
export const globalMaxPool2d: LayerFactory<global.GlobalPoolOptions> = /* @__PURE__ */ pooling(
  global.globalMaxPool2d,
  global.globalPoolReaders,
);
/** Largest value of each channel: [B, D, H, W, C] → [B, C], unless `keepDims`. */
export const globalMaxPool3d: LayerFactory<global.GlobalPoolOptions> = /* @__PURE__ */ pooling(
  global.globalMaxPool3d,
  global.globalPoolReaders,
);

/** More positions along the axes between batch and channels, or fewer. A number in the place of the options is the scale. */
export const upsample: LayerFactory<upsampling.UpsampleOptions, PerAxes> = /* @__PURE__ */ pooling(
  upsampling.upsample,
  upsampling.upsampleReaders,
  "scale",
);

export interface PixelShuffleOptions {
  /** By what height and width grow; its square divides the channels. */
  readonly upscaleFactor: number;
}

/** [B, H, W, C·r²] → [B, H·r, W·r, C]. A number in the place of the options is r. */
export const pixelShuffle: LayerFactory<PixelShuffleOptions, number> = /* @__PURE__ */ layerFactory(
  "pixelShuffle",
  shuffling.pixelShuffleReaders,
  ({ upscaleFactor }) => lambda((x) => shuffling.pixelShuffle(x, upscaleFactor), "pixelShuffle"),
  "upscaleFactor",
);

export interface PixelUnshuffleOptions {
  /** By what height and width shrink; it divides both. */
  readonly downscaleFactor: number;
}

/** [B, H·r, W·r, C] → [B, H, W, C·r²]. A number in the place of the options is r. */
export const pixelUnshuffle: LayerFactory<PixelUnshuffleOptions, number> = /* @__PURE__ */ layerFactory(
  "pixelUnshuffle",
  shuffling.pixelUnshuffleReaders,
  ({ downscaleFactor }) => lambda((x) => shuffling.pixelUnshuffle(x, downscaleFactor), "pixelUnshuffle"),
  "downscaleFactor",
);

function unpoolingLayer(
  operation: (x: Value, indices: Value, options: unpooling.MaxUnpoolOptions) => Value,
  rank: number,
): LayerFactory<unpooling.MaxUnpoolOptions, PerAxes> {
  const { name } = operation;
  return layerFactory(
    name,
    () => unpooling.maxUnpoolReaders(rank),
    (options) => ({ name, inputs: ["indices"], apply: (x, _, { indices } = {}) => operation(x, indices!, options) }),
    "kernelSize",
  );
}

/** The inverse of max pooling over [B, L, C]. Takes `indices` beside x, as `ops.maxPool1dWithIndices` gives them. */
export const maxUnpool1d = /* @__PURE__ */ unpoolingLayer(unpooling.maxUnpool1d, 1);
/** The inverse of max pooling over [B, H, W, C]. Takes `indices` beside x, as `ops.maxPool2dWithIndices` gives them. */
export const maxUnpool2d = /* @__PURE__ */ unpoolingLayer(unpooling.maxUnpool2d, 2);
/** The inverse of max pooling over [B, D, H, W, C]. Takes `indices` beside x, as `ops.maxPool3dWithIndices` gives them. */
export const maxUnpool3d = /* @__PURE__ */ unpoolingLayer(unpooling.maxUnpool3d, 3);
