export { type AttentionOptions, scaledDotProductAttention } from "./scaledDotProductAttention.js";
export { rotaryEmbedding, type RotaryOptions } from "./rotaryEmbedding.js";
