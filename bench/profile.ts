import type { BuildName, KernelCall } from "../src/engine/index.js";
import { Buffer } from "../src/graph/index.js";
import { createEngine } from "../src/index.js";
import { measure } from "./measure.js";
import { stepTrainer } from "./rows/steps.js";

/** What a record does: floating-point operations of products and convolutions, else bytes of the buffers it refers to. */
function rateOf({ kernel, fields }: KernelCall, milliseconds: number): string {
  const product = (...names: string[]): number => names.reduce((result, name) => result * Number(fields[name]), 2);
  const flops =
    kernel === "gemm"
      ? product("M", "N", "K")
      : kernel === "conv2d" || kernel === "conv2dWeightGradient"
        ? product("groups", "groupPixels", "pieceCount", "pieceLength", "outChannels")
        : undefined;
  if (flops !== undefined) return `${(flops / milliseconds / 1e6).toFixed(1)} GFLOP/s`;
  const buffers = new Set(Object.values(fields).filter((value) => value instanceof Buffer));
  const bytes = [...buffers].reduce((sum, buffer) => sum + buffer.bytes, 0);
  return `${(bytes / milliseconds / 1e6).toFixed(1)} GB/s`;
}

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
  console.log(`${"record".padEnd(28)}${"µs".padStart(9)}${"share".padStart(8)}${"rate".padStart(14)}  source`);
  linked.calls.forEach((call, i) => {
    const { milliseconds } = times[i]!;
    const share = `${((100 * milliseconds) / sum).toFixed(1)} %`;
    const columns = [
      (1000 * milliseconds).toFixed(1).padStart(9),
      share.padStart(8),
      rateOf(call, milliseconds).padStart(14),
    ];
    console.log(`${call.kernel.padEnd(28)}${columns.join("")}  ${call.source}`);
  });
  const arena = `activations ${(engine.arena.bytes / 1e6).toFixed(1)} MB, linear memory ${(engine.memory.byteLength / 1e6).toFixed(1)} MB`;
  console.log(`${"sum".padEnd(28)}${(1000 * sum).toFixed(1).padStart(9)}          ${arena}`);
  console.log(`${"whole step".padEnd(28)}${(1000 * whole).toFixed(1).padStart(9)}`);
}
