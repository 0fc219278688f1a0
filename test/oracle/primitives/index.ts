import { elementwise } from "./elementwise.js";
import { images } from "./images.js";
import { packed } from "./packed.js";
import type { Primitives } from "./primitive.js";
import { products } from "./products.js";
import { reductions } from "./reductions.js";
import { rows } from "./rows.js";
import { structure } from "./structure.js";

export type { Numbers } from "./primitive.js";

/** Operations by name that are not composed of others, each by its definition in float64. */
export const primitives: Primitives = {
  ...elementwise,
  ...products,
  ...rows,
  ...images,
  ...packed,
  ...reductions,
  ...structure,
};
