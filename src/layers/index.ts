export * from "./activations.js";
export { batchNorm, type BatchNormOptions, instanceNorm, type InstanceNormOptions } from "./batchNorm.js";
export {
  conv1d,
  type Conv1dOptions,
  conv2d,
  type Conv2dOptions,
  conv3d,
  type Conv3dOptions,
  type ConvolutionOptions,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  type ConvTransposeOptions,
  depthwiseConv2d,
  type DepthwiseConv2dOptions,
  type GroupedOptions,
} from "./convolution.js";
export { alphaDropout, channelDropout, dropout, type DropoutOptions, featureAlphaDropout } from "./dropout.js";
export {
  embedding,
  embeddingBag,
  type EmbeddingBagOptions,
  type EmbeddingOptions,
  tiedLinear,
  type TiedLinearOptions,
} from "./embedding.js";
export { type EmbeddingBagMode } from "../ops/embedding/embeddingBag.js";
export { type LayerFactory } from "./factory.js";
export { flatten } from "./flatten.js";
export * as initializers from "./initializers.js";
export { type Initializer } from "./initializers.js";
export { lambda, type StatelessLayer } from "./lambda.js";
export { linear, type LinearOptions } from "./linear.js";
export { prelu, type PreluOptions } from "./prelu.js";
export {
  groupNorm,
  type GroupNormOptions,
  layerNorm,
  type LayerNormOptions,
  localResponseNorm,
  rmsNorm,
  type RmsNormOptions,
} from "./normalization.js";
export { spectralNorm, type SpectralNormOptions, weightNorm, type WeightNormOptions } from "./reparametrization.js";
export { type BuildOptions, type Model } from "./model.js";
export * from "./pooling.js";
export { gru, lstm, type RecurrentLayerOptions, rnn, type RnnLayerOptions } from "./recurrent.js";
export { type Layer, type LayerInputs, type LayerLike, type Scope, type UncalledFactory } from "./scope.js";
export { type StateEntry } from "./stateStore.js";
export { type LayersLike, residual, Sequential, sequential } from "./sequential.js";
export { type LocalResponseNormOptions } from "../ops/normalization/localResponseNorm.js";
export { type Each, type Padding, type PerAxis, type SpatialRank } from "../ops/convolution/perAxis.js";
export { multiHeadAttention, type MultiHeadAttentionOptions } from "./multiHeadAttention.js";
export {
  learnedPositions,
  type LearnedPositionsOptions,
  sinusoidalPositions,
  type SinusoidalPositionsOptions,
} from "./positions.js";
export {
  transformerDecoder,
  transformerDecoderLayer,
  transformerEncoder,
  transformerEncoderLayer,
  type TransformerLayerOptions,
  type TransformerOptions,
} from "./transformer.js";
