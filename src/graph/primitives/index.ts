export { addOperation } from "./add.js";
export { copyOperation } from "./copy.js";
export { reshaped, reshapeOperation } from "./reshape.js";
export { expanded, expandOperation, sumOperation, sumTo, sumType } from "./sumAndExpand.js";
