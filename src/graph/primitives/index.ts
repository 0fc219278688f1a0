export { addOperation } from "./add.js";
export { arithmeticOperation } from "./arithmetic.js";
export { copyOperation } from "./copy.js";
export { reshaped, reshapeOperation } from "./reshape.js";
export { expanded, expandOperation, sumOperation, sumTo } from "./sumAndExpand.js";
