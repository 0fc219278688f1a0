// The whole ABI: what executes records, and the address where free memory starts.
export { execute, run } from "./program";
export { __heap_base };
