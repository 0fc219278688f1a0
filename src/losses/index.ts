export { crossEntropy } from "./crossEntropy.js";
export { type Loss } from "./loss.js";
export { halfSumOfSquares, meanSquaredError } from "./squaredError.js";
