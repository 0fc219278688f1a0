export * from "./activations.js";
