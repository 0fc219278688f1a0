import { ArgumentError, integerFrom } from "../../engine/index.js";
import { define, titleOfType, type Value } from "../../graph/index.js";
import { cast } from "../elementwise/cast.js";
import { equal } from "../elementwise/comparisons.js";
import { unsqueezed } from "./squeeze.js";

export const oneHotOperation = /* @__PURE__ */ define({
  name: "oneHot",
  inputs: ["indices"],
  otherTypes: ["indices"],
  isConstant: true,
  attributes: { classes: 1 },
  options: () => ({ classes: integerFrom(1) }),
  isPositional: true,
  shape({ indices: { shape, dataType, label } }, { classes }) {
    if (dataType === "i32" || dataType === "u8") return { y: { shape: [...shape, classes], dataType: "i32" } };
    throw new ArgumentError(
      `oneHot: wants indices that are int32 or bytes, ${label} holds ${titleOfType(dataType)}; convert it by cast(x, "i32")`,
    );
  },
  compose: ({ indices }, { classes }) => ({
    y: cast(equal(unsqueezed(indices, indices.shape.length), indices.graph.iota(classes)), "i32"),
  }),
});

/**
 * 1 at the place that each index names and 0 elsewhere, int32: indices [...] → [..., classes]. An index that is no class gives zeros.
 * Has no gradient.
 * @throws ArgumentError for indices that are not integers, and a number of classes below 1
 */
export function oneHot(indices: Value, classes: number): Value {
  return oneHotOperation.call({ indices }, { classes }).y;
}
