import { ArgumentError, type Engine, show } from "../engine/index.js";

/** Throws ArgumentError, naming `what`, unless `engine` is one. */
export function checkEngine(what: string, engine: Engine): void {
  const value: unknown = engine;
  if (typeof value === "object" && value !== null && "memory" in value && "arena" in value) return;
  throw new ArgumentError(`${what} wants an engine, as \`await createEngine()\` gives it; got ${show(engine)}`);
}
