// Nothing that the package's declarations refer to may import this file: programs need no types of Node.
import { nodeModule, StateError } from "../engine/index.js";
// Types only: they leave no import behind.
import type * as FileSystem from "node:fs/promises";
import type * as Path from "node:path";
import type * as Url from "node:url";

interface NodeModules {
  "node:fs/promises": typeof FileSystem;
  "node:path": typeof Path;
  "node:url": typeof Url;
}

/** A module of Node. In browsers everything loads, and only what needs files fails, saying so. */
export function requireModule<Name extends keyof NodeModules>(name: Name): NodeModules[Name] {
  const module = nodeModule(name);
  if (module) return module as NodeModules[Name];
  throw new StateError(`this host has no ${name}: files need Node, Deno or Bun; give the bytes themselves instead`);
}
