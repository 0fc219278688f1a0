import { modulesIn } from "../modules.js";
import type { Primitives } from "./primitive.js";

const modules = await modulesIn<{ readonly primitives?: Primitives }>(import.meta.url, "primitives");

/** Operations by name that are not composed of others, each by its definition in float64: what stands in primitives/. */
export const primitives: Primitives = Object.assign({}, ...modules.map((module) => module.primitives)) as Primitives;
