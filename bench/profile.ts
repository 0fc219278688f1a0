import type { BuildName, KernelCall } from "../src/engine/index.js";
import { bytesOf, flopsOf } from "../src/graph/index.js";
import { createEngine, type Engine } from "../src/index.js";
import { measure } from "./measure.js";
import { stepTrainer } from "./rows/steps.js";

/** What a record does: floating-point operations of products and convolutions, else bytes of the buffers it refers to. */
function rateOf(call: KernelCall, milliseconds: number): string {
  const flops = flopsOf(call);
  if (isProduct(call)) return `${((flops ?? 0) / milliseconds / 1e6).toFixed(1)} GFLOP/s`;
  return `${(bytesOf(call) / milliseconds / 1e6).toFixed(1)} GB/s`;
}

function isProduct({ kernel }: KernelCall): boolean {
  return kernel === "gemm" || kernel.startsWith("conv2d");
}

interface Profile {
  readonly engine: Engine;
  readonly calls: readonly KernelCall[];
  /** Milliseconds of each record, run alone. */
  readonly times: readonly number[];
  /** Milliseconds of the whole step. */
  readonly whole: number;
}

async function takeProfile(letter: string, build: BuildName, threads: number): Promise<Profile> {
  const engine = await createEngine({ seed: 1, build, threads });
  const { step, program } = stepTrainer(engine, letter);
  for (let i = 0; i < 50; i++) step();
  const { linked } = program;
  const whole = measure(step, { budget: 500 }).milliseconds;
  const times = linked.calls.map(
    (_, i) => measure(() => engine.run(linked, i, 1), { budget: 40, warmupMilliseconds: 10 }).milliseconds,
  );
  return { engine, calls: linked.calls, times, whole };
}

/**
 * Prints the records of a training step at batch 64, each timed alone, with its share of the sum; for several threads also
 * how many times faster than on one.
 */
export async function profile(letter: string, build: BuildName, threads: number): Promise<void> {
  const alone = await takeProfile(letter, build, 1);
  const { engine, calls, times, whole } = threads > 1 ? await takeProfile(letter, build, threads) : alone;
  const sum = times.reduce((total, milliseconds) => total + milliseconds, 0);
  const scaling = (one: number, several: number): string =>
    threads > 1 ? `${(one / several).toFixed(2)}×`.padStart(9) : "";
  const title = threads > 1 ? "scaling".padStart(9) : "";
  console.log(`${"record".padEnd(28)}${"µs".padStart(9)}${title}${"share".padStart(8)}${"rate".padStart(14)}  source`);
  calls.forEach((call, i) => {
    const milliseconds = times[i]!;
    const share = `${((100 * milliseconds) / sum).toFixed(1)} %`;
    const columns = [
      (1000 * milliseconds).toFixed(1).padStart(9),
      scaling(alone.times[i]!, milliseconds),
      share.padStart(8),
      rateOf(call, milliseconds).padStart(14),
    ];
    console.log(`${call.kernel.padEnd(28)}${columns.join("")}  ${call.source}`);
  });
  const arena = `activations ${(engine.arena.bytes / 1e6).toFixed(1)} MB, linear memory ${(engine.memory.byteLength / 1e6).toFixed(1)} MB`;
  console.log(`${"sum".padEnd(28)}${(1000 * sum).toFixed(1).padStart(9)}          ${arena}`);
  console.log(`${"whole step".padEnd(28)}${(1000 * whole).toFixed(1).padStart(9)}${scaling(alone.whole, whole)}`);
}
