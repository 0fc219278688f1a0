// What layers without state apply. An activation that other operations compose is defined here, by `unaryFunction`.
export { relu } from "./relu.js";
export { sigmoid } from "./sigmoid.js";
export { softmax } from "./softmax.js";
export { tanh } from "./tanh.js";
