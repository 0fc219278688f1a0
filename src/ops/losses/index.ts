export { accuracy } from "./accuracy.js";
export { softmaxCrossEntropy } from "./softmaxCrossEntropy.js";
export { halfSumOfSquares, meanSquaredError } from "./squaredError.js";
