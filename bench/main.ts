// npm run bench: see `help` in options.ts.
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { fork } from "node:child_process";
import { createEngine, type Engine } from "../src/index.js";
import type { BaselineResult, BaselineTask } from "./baselineProcess.js";
import { checkAgreement } from "./check.js";
import { printGuardCosts } from "./guard.js";
import { measureTogether } from "./measure.js";
import { type BenchOptions, help, parseOptions, UsageError } from "./options.js";
import { Peak } from "./peak.js";
import { profile } from "./profile.js";
import { compareWithPyTorch } from "./pytorch.js";
import { formatRow, header, type RowReport } from "./report.js";
import type { Row } from "./row.js";
import { rows } from "./rows/index.js";
import { compareElementwise } from "./elementwise.js";
import { sweepWidths } from "./widths.js";

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === "help") console.log(help);
  else if (options.profile) await profile(options.profile, options.build, options.threads);
  else if (options.sweepsWidths) await sweepWidths(options.build, options.isQuick);
  else if (options.isElementwise) await compareElementwise(options.build, options.filter);
  else if (options.isPyTorch) await compareWithPyTorch(options.build, options.filter);
  else if (options.isGuard) await printGuardCosts(options.build, options.threads);
  else await bench(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}; --help lists the options`);
  process.exitCode = 2;
}

async function bench(options: BenchOptions): Promise<void> {
  const { build, threads, isJson, filter = "" } = options;
  const chosen = [...rows.entries()].filter(([, row]) => `${row.name} ${row.shape}`.includes(filter));
  if (chosen.length === 0) throw new UsageError(`no row's name or shape contains ${filter}`);
  const peak = new Peak(build);
  const host = { cpu: cpus()[0]?.model ?? "unknown", node: process.version, v8: process.versions.v8 };
  const compared = threads > 1 ? `, one thread and ${threads}` : ", one thread";
  console.log(`${host.cpu}, Node ${host.node}, build ${build}${compared}\n\n${header(threads)}`);
  const measured: Measured[] = [];
  for (const [index, row] of chosen) {
    measured.push(await measureRow(row, index, options, peak));
    console.log(formatRow(withLimits(measured.at(-1)!, peak)));
  }
  // Peak and copy speeds are the best of all samples: fractions are final only now.
  const reports = measured.map((row) => withLimits(row, peak));
  const { gflops: peakGflops, streamGBps: copyGBps } = peak;
  console.log(`\npeak ${peakGflops.toFixed(1)} GFLOP/s, memory.copy beyond the caches ${copyGBps.toFixed(1)} GB/s`);
  if (isJson) console.log(JSON.stringify({ host, build, threads, peakGflops, copyGBps, rows: reports }));
}

interface Measured {
  readonly row: Row;
  readonly report: Omit<RowReport, "copyGBps" | "fractionOfPeak" | "fractionOfCopy" | "fractionOfBound">;
  /** Bytes of memory that the row's engine holds. */
  readonly footprint: number;
}

async function measureRow(row: Row, index: number, options: BenchOptions, peak: Peak): Promise<Measured> {
  const budget = options.isQuick ? 80 : 400;
  const engines = [await createEngine({ seed: 1, build: options.build, threads: 1 })];
  if (options.threads > 1) engines.push(await createTeam(options));
  const subjects = engines.map((engine) => row.wasm(engine));
  const [result, shared] = subjects.map((subject) => subject.result().slice());
  if (shared && !Buffer.from(shared.buffer).equals(Buffer.from(result!.buffer))) {
    throw new Error(`${row.name} ${row.shape}: ${options.threads} threads give other bits than one`);
  }
  const footprint = engines[0]!.memory.allocatedBytes;
  const sample = (): void => {
    peak.sample();
    if (row.bytes) peak.sampleCopy(footprint);
  };
  sample();
  const times = measureTogether(
    subjects.map((subject) => () => subject.run()),
    { budget },
  ).map(({ milliseconds }) => milliseconds);
  const [wasmMs, threadsMs = null] = times as [number, number?];
  sample();
  const baselines: Record<"naive" | "tuned", number | null> = { naive: null, tuned: null };
  if (options.hasBaselines && row.baseline) {
    for (const flavour of ["naive", "tuned"] as const) {
      const baseline = await runBaseline({ row: index, flavour, budget });
      checkAgreement(row, flavour, result!, baseline.result);
      baselines[flavour] = baseline.milliseconds;
    }
  }
  await Promise.all(engines.map((engine) => engine.close()));
  const report = {
    ...{ name: row.name, shape: row.shape, wasmMs, naiveJsMs: baselines.naive, tunedJsMs: baselines.tuned },
    threadsMs,
    scaling: threadsMs === null ? null : wasmMs / threadsMs,
    gflops: row.flops ? row.flops / wasmMs / 1e6 : null,
    gbps: row.bytes && !row.isStep ? row.bytes / wasmMs / 1e6 : null,
    speedup: baselines.naive === null ? null : baselines.naive / wasmMs,
  };
  return { row, report, footprint };
}

/** An engine of several threads. Throws where the host gives one only. */
async function createTeam({ build, threads }: BenchOptions): Promise<Engine> {
  const engine = await createEngine({ seed: 1, build, threads });
  if (engine.info.threads !== threads) throw new UsageError(`--threads ${threads}: ${engine.info.threadsReason}`);
  return engine;
}

function withLimits({ row, report, footprint }: Measured, peak: Peak): RowReport {
  const { gflops, gbps, wasmMs } = report;
  const copyGBps = row.bytes ? peak.copyGBps(footprint) : null;
  const bound = (row.flops ?? 0) / peak.gflops / 1e6 + (copyGBps === null ? 0 : row.bytes! / copyGBps / 1e6);
  return {
    ...report,
    copyGBps,
    fractionOfPeak: gflops === null ? null : gflops / peak.gflops,
    fractionOfCopy: gbps === null || copyGBps === null ? null : gbps / copyGBps,
    fractionOfBound: row.isStep ? bound / wasmMs : null,
  };
}

function runBaseline(task: BaselineTask): Promise<BaselineResult> {
  const path = fileURLToPath(new URL("./baselineProcess.ts", import.meta.url));
  const child = fork(path, { serialization: "advanced" });
  return new Promise((resolve, reject) => {
    child.once("message", (message) => resolve(message as BaselineResult));
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the ${task.flavour} baseline ended with code ${code}`)));
    child.send(task);
  });
}
