export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool1dWithIndices,
  adaptiveMaxPool2d,
  adaptiveMaxPool2dWithIndices,
  adaptiveMaxPool3d,
  adaptiveMaxPool3dWithIndices,
  type AdaptivePoolOptions,
  type OutputSize,
} from "./adaptivePooling.js";
export {
  avgPool1d,
  avgPool2d,
  avgPool3d,
  type AvgPoolOptions,
  lpPool1d,
  lpPool2d,
  lpPool3d,
  type LpPoolOptions,
} from "./avgPooling.js";
export {
  globalAvgPool1d,
  globalAvgPool2d,
  globalAvgPool3d,
  globalMaxPool1d,
  globalMaxPool2d,
  globalMaxPool3d,
  type GlobalPoolOptions,
} from "./globalPooling.js";
export { type PerAxes } from "./images.js";
export {
  type FusedMaxPoolOptions,
  maxPool1d,
  maxPool1dWithIndices,
  maxPool2d,
  maxPool2dWithIndices,
  maxPool3d,
  maxPool3dWithIndices,
  type MaxPoolOptions,
  type PooledWithIndices,
} from "./maxPooling.js";
export { maxUnpool1d, maxUnpool2d, maxUnpool3d, type MaxUnpoolOptions } from "./maxUnpool.js";
export { pixelShuffle, pixelUnshuffle } from "./pixelShuffle.js";
export { upsample, type UpsampleMode, type UpsampleOptions } from "./upsample.js";
export { type PaddedWindowOptions, type WindowOptions } from "./windows.js";
