import { parseArgs } from "node:util";
import { type BuildName, probeHost } from "../src/engine/index.js";

export interface BenchOptions {
  readonly filter: string | undefined;
  readonly build: BuildName;
  readonly isQuick: boolean;
  readonly isJson: boolean;
  readonly profile: string | undefined;
  readonly isGuard: boolean;
  readonly hasBaselines: boolean;
  readonly threads: number;
  readonly sweepsWidths: boolean;
  readonly isElementwise: boolean;
  readonly isPyTorch: boolean;
}

export const help = `npm run bench -- [options]: what the WebAssembly kernels give over JavaScript on this machine

  --filter TEXT   only rows whose name or shape contains TEXT
  --build NAME    simd or relaxed (default: the fastest this host can run)
  --threads N     also run the kernels on N threads, 2 to 64, beside one: a column tells how many times faster
  --quick         fewer samples
  --no-baselines  only the WebAssembly kernels
  --json          print one JSON object as the last line
  --profile ROW   instead of the table: the records of training step a, b, c or transformer with the time of each
  --widths        instead of the table: products of linear layers at widths around every multiple of 64 up to 4096
  --elementwise   instead of the table: pointwise programs, transposed reads and reductions beside loops written by hand
  --pytorch       instead of the table: training steps beside the same in PyTorch, where it is installed
  --guard         instead of the table: what looking for NaN and infinities costs training steps a, b and c
  --help          this text`;

/** A mistake on the command line. */
export class UsageError extends Error {}

export function parseOptions(args: readonly string[]): BenchOptions | "help" {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        filter: { type: "string" },
        build: { type: "string" },
        threads: { type: "string", default: "1" },
        quick: { type: "boolean", default: false },
        "no-baselines": { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        profile: { type: "string" },
        elementwise: { type: "boolean", default: false },
        widths: { type: "boolean", default: false },
        pytorch: { type: "boolean", default: false },
        guard: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }));
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  if (values.help) return "help";
  const host = probeHost();
  const build = values.build ?? (host.relaxed ? "relaxed" : "simd");
  if (build !== "simd" && build !== "relaxed") throw new UsageError(`--build must be simd or relaxed, got ${build}`);
  if (!host[build]) throw new UsageError(`this host cannot run the ${build} build`);
  const { profile } = values;
  if (profile !== undefined && !["a", "b", "c", "transformer"].includes(profile)) {
    throw new UsageError(`--profile must be a, b, c or transformer, got ${profile}`);
  }
  const threads = Number(values.threads);
  if (!(Number.isInteger(threads) && threads >= 1 && threads <= 64)) {
    throw new UsageError(`--threads must be a number from 1 to 64, got ${values.threads}`);
  }
  return {
    ...{ filter: values.filter, build, profile, threads },
    isGuard: values.guard,
    isQuick: values.quick,
    isJson: values.json,
    sweepsWidths: values.widths,
    isElementwise: values.elementwise,
    isPyTorch: values.pytorch,
    hasBaselines: !values["no-baselines"],
  };
}
