export * from "./classes.js";
export { custom, type CustomLoss, type Loss, type LossFactory, type LossFunction } from "./loss.js";
export * from "./values.js";
