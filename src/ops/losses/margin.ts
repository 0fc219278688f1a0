import { numberFrom, optional } from "../../engine/index.js";
import type { Value } from "../../graph/index.js";
import { clamp } from "../elementwise/extrema.js";

/** How a margin is read. */
export const marginReader = (standard: number) => optional(numberFrom(-Infinity), standard);

/** x where it is positive, else 0. */
export function positivePart(x: Value): Value {
  return clamp(x, { min: 0 });
}
