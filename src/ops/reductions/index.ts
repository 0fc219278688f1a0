export { argMax, type ArgMaxOptions, argMin } from "./argMax.js";
export { logSumExp } from "./logSumExp.js";
export { all, any, max, min } from "./maxAndMin.js";
export { norm, type NormOptions } from "./norm.js";
export { prod } from "./prod.js";
export {
  cosineSimilarity,
  type CosineSimilarityOptions,
  pairwiseDistance,
  type PairwiseDistanceOptions,
} from "./similarity.js";
export { mean, type ReductionOptions, sum } from "./sum.js";
export { std, variance, type VarianceOptions } from "./variance.js";
