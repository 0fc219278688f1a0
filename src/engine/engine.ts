import { instantiate } from "@assemblyscript/loader";
import { relaxedWasm } from "../../build/generated/relaxed.js";
import { simdWasm } from "../../build/generated/simd.js";
import { Arena } from "./arena.js";
import { type BuildName, decodeBase64, layouts, probeHost, withUnsharedMemory } from "./builds.js";
import { ArgumentError, checkInteger, KernelError, StateError, WasmgradError } from "./errors.js";
import { type Block, LinearMemory, pageBytes } from "./memory.js";
import type { LinkedProgram } from "./program.js";
import { Random } from "./random.js";

export interface EngineOptions {
  /** Seeds initialisers, shuffles and dropout: an integer from 0 to 2^32 − 1. Default 0. */
  readonly seed?: number;
  /** Which build of the kernels to use. Default: the fastest this host can run. */
  readonly build?: BuildName;
  /** Take the `simd` build, whose bits are the same in every engine. Default false. */
  readonly reproducible?: boolean;
  /** A precompiled module, where the host forbids compiling: the package's simd.wasm or relaxed.wasm. */
  readonly module?: WebAssembly.Module;
  /** Upper limit of linear memory in bytes. Default 4 GiB. */
  readonly maximumMemory?: number;
}

export interface EngineInfo {
  readonly build: BuildName | "custom";
  /** Why that build. */
  readonly buildReason: string;
  readonly threads: number;
}

type RunFunction = (
  program: number,
  first: number,
  count: number,
  thread: number,
  threads: number,
  control: number,
  mayWait: number,
) => void;

/** A function of the host that a record calls. */
export type HostCall = () => void;

type ShareFunction = (record: number, thread: number, threads: number) => void;

/** A WebAssembly instance of the kernels, its linear memory, and what executes programs in it. */
export class Engine {
  /** Source of every random number that this engine's models and trainers draw. */
  readonly random: Random;
  /** Activations of all programs. */
  readonly arena: Arena;
  private readonly control: Block;
  private closed = false;

  /** Use `createEngine`. */
  constructor(
    readonly info: EngineInfo,
    readonly memory: LinearMemory,
    private readonly runRecords: RunFunction,
    private readonly executeShare: ShareFunction,
    readonly seed: number,
    private readonly hostCalls: WeakRef<HostCall>[],
  ) {
    this.random = new Random(seed);
    this.arena = new Arena(memory);
    this.control = memory.allocate(layouts.structures.Control.size, "the engine's control block");
  }

  /**
   * Executes `count` records of a program from record `first` on: one call into WebAssembly.
   * Throws KernelError, naming the record and where it came from, if a kernel traps or a host call throws.
   */
  run(program: LinkedProgram, first = 0, count = program.length - first): void {
    if (this.closed) throw new StateError("this engine was closed; create another with createEngine()");
    if (!(first >= 0 && count >= 0 && first + count <= program.length)) {
      throw new ArgumentError(`records ${first} … ${first + count} are not within the program's ${program.length}`);
    }
    try {
      this.runRecords(program.address, first, count, 0, this.info.threads, this.control.address, 1);
    } catch (error) {
      if (error instanceof WasmgradError) throw error;
      const [, offset] = layouts.structures.Control.fields.current;
      const index = this.memory.i32(this.control.address + offset, 1)[0] ?? 0;
      const call = program.calls[index];
      const reason = error instanceof Error ? error.message : String(error);
      throw new KernelError(`record ${index} (${call?.kernel ?? "?"}) of ${call?.source ?? "?"} failed: ${reason}`, {
        cause: error,
      });
    }
  }

  /** Executes one thread's share of one record. For tests that hold kernels to any number of threads. */
  runShare(program: LinkedProgram, index: number, thread: number, threads: number): void {
    const record = this.memory.u32(program.address + 4 * index, 1)[0] ?? 0;
    this.executeShare(record, thread, threads);
  }

  /**
   * Registers a function of the host for `hostCall` records and returns its id. The engine does not keep the function
   * alive: whoever owns the program does.
   */
  registerHostCall(call: HostCall): number {
    return this.hostCalls.push(new WeakRef(call)) - 1;
  }

  /** Ends the engine: programs can no longer run. Its memory goes when nothing refers to it. */
  close(): void {
    this.closed = true;
  }
}

/** Pages of the largest linear memory: 4 GiB. */
const mostPages = 65536;

/** Creates an engine: the best build for this host, its memory and threads. */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  const { name, reason } = chooseBuild(options);
  const module =
    options.module ??
    (await WebAssembly.compile(withUnsharedMemory(decodeBase64(name === "simd" ? simdWasm : relaxedWasm))));
  return instantiateEngine(
    module,
    options.module ? "custom" : name,
    options.module ? "a module was given" : reason,
    options,
  );
}

interface KernelExports {
  run: RunFunction;
  execute: ShareFunction;
  __heap_base: WebAssembly.Global;
}

/** An engine over a compiled kernel module, in the form that imports an unshared memory or in the shared one. */
export async function instantiateEngine(
  module: WebAssembly.Module,
  build: EngineInfo["build"],
  buildReason: string,
  options: EngineOptions = {},
): Promise<Engine> {
  const { maximumMemory = mostPages * pageBytes, seed = 0 } = options;
  checkInteger("maximumMemory", maximumMemory, 2 * pageBytes, mostPages * pageBytes);
  const maximum = Math.floor(maximumMemory / pageBytes);
  const hostCalls: WeakRef<HostCall>[] = [];
  const attempt = async (shared: boolean): Promise<Engine> => {
    const memory = new WebAssembly.Memory({ initial: 2, maximum, shared });
    const imports = {
      // The loader would add a `trace` that prints; the library never prints.
      env: { memory, trace: () => undefined, hostCall: (id: number) => hostCalls[id]?.deref()?.() },
    };
    const { exports } = await instantiate<KernelExports & Record<string, unknown>>(module, imports);
    const linearMemory = new LinearMemory(memory, Number(exports.__heap_base.value), maximum * pageBytes);
    const info: EngineInfo = { build, buildReason, threads: 1 };
    return new Engine(info, linearMemory, exports.run, exports.execute, seed, hostCalls);
  };
  try {
    return await attempt(false);
  } catch (error) {
    // A module does not say whether the memory it imports is shared; instantiating tells.
    if (!(error instanceof WebAssembly.LinkError)) throw error;
    return attempt(true);
  }
}

function chooseBuild(options: EngineOptions): { name: BuildName; reason: string } {
  const host = probeHost();
  if (!host.simd)
    throw new StateError(
      "this host's WebAssembly has no SIMD: wasmgrad needs Node ≥ 16.4 or a browser of 2021 or later",
    );
  if (options.build === "relaxed" && !host.relaxed) {
    throw new StateError('build "relaxed" was asked for, but this host rejects relaxed SIMD; use build "simd"');
  }
  if (options.build) return { name: options.build, reason: "the build option asked for it" };
  if (options.reproducible) return { name: "simd", reason: "reproducible results were asked for" };
  if (host.relaxed) return { name: "relaxed", reason: "this host has relaxed SIMD" };
  return { name: "simd", reason: "this host has no relaxed SIMD" };
}
