import { arithmeticOperation } from "./arithmetic.js";

/** a + b. Its public face is ops.add; it stands here because differentiation adds contributions with it. */
export const addOperation = /* @__PURE__ */ arithmeticOperation("add", {
  floats: "add",
  integers: "addIntegers",
  gradient: ({ dy }) => ({ a: dy, b: dy }),
});
