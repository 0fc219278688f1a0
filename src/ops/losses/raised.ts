import { define } from "../../graph/index.js";
import { clamp } from "../elementwise/extrema.js";

/** No less than a limit; the gradient passes as if there were none. */
export const raisedOperation = /* @__PURE__ */ define({
  name: "raised",
  inputs: ["x"],
  attributes: { limit: 0 },
  shape: ({ x }) => ({ y: x.shape }),
  compose: ({ x }, { limit }) => ({ y: clamp(x, { min: limit }) }),
  gradient: ({ upstreams: { y: dy } }) => ({ x: dy }),
});
