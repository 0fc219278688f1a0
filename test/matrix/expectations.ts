import type { Outcome } from "./program.js";

/** What a row of the matrix must come to, beyond that its networks learn. */
export interface Expectation {
  readonly build: "simd" | "relaxed" | "custom";
  readonly threads: number;
  /** Part of `engine.info.threadsReason`. */
  readonly threadsReason: string;
  /** Part of what saving a file comes to. */
  readonly files: string;
}

/** What a host with files comes to that can share memory with workers. */
export const withThreads = {
  threads: 2,
  threadsReason: "the threads option asked for it",
  files: "saved and loaded",
} as const;

const leastAccuracy = 0.95;

/** How an outcome differs from what is expected of it; nothing if it does not. */
export function faultsOf(outcome: Outcome, expected: Expectation, hash = outcome.hash): string[] {
  const faults: string[] = [];
  for (const { name, firstLoss, lastLoss, accuracy } of outcome.trainings) {
    if (!(lastLoss < firstLoss / 2)) faults.push(`the loss of ${name} went from ${firstLoss} to ${lastLoss}`);
    if (!(accuracy >= leastAccuracy)) faults.push(`the accuracy of ${name} is ${accuracy}`);
  }
  if (outcome.trainings.length !== 3) faults.push(`${outcome.trainings.length} networks were trained, not 3`);
  if (outcome.build !== expected.build) faults.push(`build ${outcome.build}, expected ${expected.build}`);
  if (outcome.threads !== expected.threads) {
    faults.push(`${outcome.threads} threads (${outcome.threadsReason}), expected ${expected.threads}`);
  }
  if (!outcome.threadsReason.includes(expected.threadsReason)) faults.push(`threads: ${outcome.threadsReason}`);
  if (!outcome.files.includes(expected.files)) faults.push(`files: ${outcome.files}, expected ${expected.files}`);
  if (outcome.hash !== hash) faults.push(`hash ${outcome.hash.slice(0, 12)}, expected ${hash.slice(0, 12)}`);
  return faults;
}
