export * from "./activations.js";
export { logSoftmax } from "./logSoftmax.js";
