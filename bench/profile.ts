import { type BuildName, createEngine } from "../src/engine/index.js";
import { measure } from "./measure.js";
import { stepTrainer } from "./rows/steps.js";

/** Prints the records of a training step at batch 64, each timed alone, with its share of the sum. */
export async function profile(letter: "a" | "b" | "c", build: BuildName): Promise<void> {
  const engine = await createEngine({ seed: 1, build });
  const { step, program } = stepTrainer(engine, letter);
  for (let i = 0; i < 50; i++) step();
  const { linked } = program;
  const whole = measure(step, { budget: 500 }).milliseconds;
  const times = linked.calls.map((_, i) =>
    measure(() => engine.run(linked, i, 1), { budget: 40, warmupMilliseconds: 10 }),
  );
  const sum = times.reduce((total, { milliseconds }) => total + milliseconds, 0);
  console.log(`${"record".padEnd(26)}${"µs".padStart(9)}${"share".padStart(8)}  source`);
  linked.calls.forEach((call, i) => {
    const { milliseconds } = times[i]!;
    const share = `${((100 * milliseconds) / sum).toFixed(1)} %`;
    console.log(
      `${call.kernel.padEnd(26)}${(1000 * milliseconds).toFixed(1).padStart(9)}${share.padStart(8)}  ${call.source}`,
    );
  });
  const arena = `activations ${(engine.arena.bytes / 1e6).toFixed(1)} MB, linear memory ${(engine.memory.byteLength / 1e6).toFixed(1)} MB`;
  console.log(`${"sum".padEnd(26)}${(1000 * sum).toFixed(1).padStart(9)}          ${arena}`);
  console.log(`${"whole step".padEnd(26)}${(1000 * whole).toFixed(1).padStart(9)}`);
}
