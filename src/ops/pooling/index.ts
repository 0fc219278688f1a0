export { maxPool2d, type MaxPool2dOptions } from "./maxPool2d.js";
