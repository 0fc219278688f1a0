export { dropout } from "./dropout.js";
export { alphaDropout, channelDropout, featureAlphaDropout } from "./dropoutVariants.js";
