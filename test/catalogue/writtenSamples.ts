import { modulesIn } from "../modules.js";
import type { Forms, Writtens } from "./written.js";

// What stands in samples/, a file for each family of operations.

const modules = await modulesIn<{ readonly written?: Writtens; readonly forms?: Forms }>(import.meta.url, "samples");

export const written: Writtens = Object.assign({}, ...modules.map((module) => module.written)) as Writtens;
export const forms: Forms = Object.assign({}, ...modules.map((module) => module.forms)) as Forms;
