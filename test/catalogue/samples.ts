import { type Catalogued, operations } from "./operations.js";
import { ownSamplesOf } from "./ownSamples.js";
import { reachedSamples } from "./reachedSamples.js";
import type { Sample } from "./sample.js";

const reached = reachedSamples();

/** The samples of an operation: its own, or those that the gradients of others apply; none if nothing says what it takes. */
export function samplesOf(operation: Catalogued): readonly Sample[] {
  const own = ownSamplesOf(operation);
  return own.length > 0 ? own : (reached.get(operation) ?? []);
}

/** The samples of all operations, as arguments of `it.each`. */
export const allSamples: readonly (readonly [title: string, sample: Sample])[] = operations
  .flatMap(samplesOf)
  .map((sample) => [sample.title, sample]);
