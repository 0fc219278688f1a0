export { embedding, type EmbeddingOptions } from "./embedding.js";
export { embeddingBag, type EmbeddingBagMode, type EmbeddingBagOptions } from "./embeddingBag.js";
