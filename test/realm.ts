import { runInNewContext } from "node:vm";

/** What an expression gives in another realm, whose classes are not those of this one. */
export function evaluateInAnotherRealm(expression: string): unknown {
  return runInNewContext(expression);
}
