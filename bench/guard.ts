import type { BuildName, Engine } from "../src/engine/index.js";
import { createEngine } from "../src/index.js";
import { stepTrainer } from "./rows/steps.js";

export interface GuardCost {
  /** Milliseconds of a step whose loss and gradient are checked, as by default, and of one where nobody looks. */
  readonly guarded: number;
  readonly unguarded: number;
  /** What the check adds, as a fraction of the step. */
  readonly fraction: number;
}

/** The difference is some microseconds, so of all times the fifth quickest in twenty counts: others were disturbed. */
const rank = 0.25;

/**
 * Measures what looking for NaN and infinities costs training step a, b or c. Both kinds of step take turns; before each
 * that is timed its trainer makes another, to have its own data in the caches.
 */
export function measureGuard(engine: Engine, letter: "a" | "b" | "c", milliseconds = 6000): GuardCost {
  const steps = (["throw", "continue"] as const).map((onNonFinite) => stepTrainer(engine, letter, onNonFinite).step);
  const times: [number[], number[]] = [[], []];
  const warmUntil = performance.now() + milliseconds / 10;
  while (performance.now() < warmUntil) for (const step of steps) step();
  const until = performance.now() + milliseconds;
  while (performance.now() < until || times[0].length < 20) {
    steps.forEach((step, i) => {
      step();
      const start = performance.now();
      step();
      times[i]!.push(performance.now() - start);
    });
  }
  const [guarded, unguarded] = times.map((all) => all.sort((a, b) => a - b)[Math.floor(rank * all.length)]!) as [
    number,
    number,
  ];
  return { guarded, unguarded, fraction: guarded / unguarded - 1 };
}

/** Prints it for all three steps. */
export async function printGuardCosts(build: BuildName, threads: number): Promise<void> {
  console.log(`step   checked, µs   unchecked, µs   costs`);
  for (const letter of ["a", "b", "c"] as const) {
    const engine = await createEngine({ seed: 1, build, threads });
    const { guarded, unguarded, fraction } = measureGuard(engine, letter);
    const [checked, unchecked] = [guarded, unguarded].map((milliseconds) => (1000 * milliseconds).toFixed(1));
    console.log(
      `(${letter})${checked!.padStart(15)}${unchecked!.padStart(16)}${(100 * fraction).toFixed(2).padStart(6)} %`,
    );
    await engine.close();
  }
}
