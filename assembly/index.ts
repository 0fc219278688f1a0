// The whole ABI: what sets up and executes programs, and the address where free memory starts.
export { controlBytes, currentRecord, failedRecord, initializeControl } from "./control";
export { execute } from "../build/generated/execute";
export { run } from "./program";
export { fail, serve } from "./threads";
export { __heap_base };
