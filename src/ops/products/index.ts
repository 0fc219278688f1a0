export { einsum } from "./einsum.js";
export { linear, type LinearAttributes } from "./linear.js";
export { matmul, type MatmulAttributes } from "./matmul.js";
