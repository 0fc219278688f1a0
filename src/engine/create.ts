import type { Block } from "./allocator.js";
import { type BuildName, chooseBuild, type KernelSources, unpackWasm, withUnsharedMemory } from "./builds.js";
import { Engine, type EngineInfo } from "./engine.js";
import { ArgumentError, checkInteger, MemoryError, StateError } from "./errors.js";
import { coreCount } from "./host.js";
import { HostCalls } from "./hostCalls.js";
import { type KernelExports, kernelImports } from "./kernelModule.js";
import { LinearMemory, pageBytes } from "./memory.js";
import { checkBoolean, checkOptions } from "./options.js";
import { show } from "./show.js";
import { chooseThreads, NoWorkersError, Team, type ThreadChoice } from "./team.js";

export interface EngineOptions {
  /** Seeds initialisers, shuffles and dropout: an integer from 0 to 2^32 − 1. Default 0. */
  readonly seed?: number;
  /**
   * Threads that execute kernels: a number from 1 to 64, or "auto", which takes all cores up to 8. Where memory cannot be
   * shared there is one; `engine.info` says why. The number changes no bit of a result. Default "auto".
   */
  readonly threads?: number | "auto";
  /** Which build of the kernels to use. Default: the fastest this host can run. */
  readonly build?: BuildName;
  /** Take the `simd` build, whose bits are the same in every engine. Default false. */
  readonly reproducible?: boolean;
  /**
   * A precompiled module, where the host forbids compiling: one of the package's .wasm files. With simd.wasm and
   * relaxed.wasm the engine has one thread; simd-threads.wasm and relaxed-threads.wasm import a shared memory.
   */
  readonly module?: WebAssembly.Module;
  /** Upper limit of linear memory in bytes. Default 4 GiB, or what the host can reserve. */
  readonly maximumMemory?: number;
}

/** Pages of the largest linear memory: 4 GiB. */
const mostPages = 65536;
/** Pages of a memory before it grows. */
const initialPages = 2;
/** Pages below which no smaller limit is tried when a host cannot reserve the largest memory: 64 MiB. */
const leastMaximum = 1024;
/** Scratch of kernels is planned for this many shares. */
const mostThreads = 64;
/** How threads wait for each other. */
export interface EngineTuning {
  /** Polls before a waiting thread sleeps: some 0.1 ms, longer than what lies between two runs of a training. */
  readonly spinBudget: number;
  /** Milliseconds, twice, after which a worker that holds a share of a record is taken for lost. */
  readonly stallTime: number;
}

const usualTuning: EngineTuning = { spinBudget: 100_000, stallTime: 30_000 };
/** Bytes for the message of a trap in a worker. */
const messageBytes = 256;

/** Creates an engine over one of `sources`: the best build for this host, its memory and threads. */
export async function createEngineFrom(sources: KernelSources, options: EngineOptions): Promise<Engine> {
  checkOptions("createEngine", options, ["seed", "threads", "build", "reproducible", "module", "maximumMemory"]);
  if (typeof FinalizationRegistry === "undefined") {
    throw new StateError("this host has no FinalizationRegistry; on workerd set compatibilityDate 2025-05-05 or later");
  }
  const { module, reproducible = false } = options;
  checkBoolean("reproducible", reproducible);
  if (module !== undefined) {
    checkModule(module);
    return assembleEngine(() => Promise.resolve(module), "custom", "a module was given", options);
  }
  const { name, reason } = chooseBuild(sources, options);
  const wasm = await unpackWasm(sources, name);
  return assembleEngine((isShared) => compile(isShared ? wasm : withUnsharedMemory(wasm)), name, reason, options);
}

async function compile(wasm: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(wasm);
  } catch (cause) {
    if (!(cause instanceof WebAssembly.CompileError)) throw cause;
    // The module is valid, so this is Cloudflare's Workers, or a page whose policy lacks 'wasm-unsafe-eval'.
    throw new StateError(
      `this host forbids compiling WebAssembly: give createEngine({ module }) the package's "wasmgrad/simd.wasm" ` +
        "as compiled by the host, or allow 'wasm-unsafe-eval' in the page's policy",
      { cause },
    );
  }
}

/** An engine over a kernel module, compiled in the form that imports a shared memory or in the other one. */
export async function assembleEngine(
  compile: (isShared: boolean) => Promise<WebAssembly.Module>,
  build: EngineInfo["build"],
  buildReason: string,
  options: EngineOptions = {},
  tuning: Partial<EngineTuning> = {},
): Promise<Engine> {
  const { threads = "auto", maximumMemory, seed = 0 } = options;
  checkInteger("seed", seed, 0, 2 ** 32 - 1);
  if (threads !== "auto") {
    if (typeof threads !== "number")
      throw new ArgumentError(`threads must be "auto" or a number, got ${show(threads)}`);
    checkInteger("threads", threads, 1, mostThreads);
  }
  if (maximumMemory !== undefined) {
    checkInteger("maximumMemory", maximumMemory, initialPages * pageBytes, mostPages * pageBytes);
  }
  let choice = chooseThreads(threads, coreCount());
  const attempt = async (isShared: boolean): Promise<Engine> => {
    const parts = await instantiateKernels(await compile(isShared), isShared, choice.count, maximumMemory, {
      ...usualTuning,
      ...tuning,
    });
    const team = await startTeam(parts, choice);
    const info: EngineInfo = {
      ...{ build, buildReason, threads: choice.count, threadsReason: choice.reason, sharedMemory: isShared },
      maximumMemory: parts.memory.maximumBytes,
      memoryReason: parts.memoryReason,
    };
    try {
      return new Engine({ ...parts, info, seed, team });
    } catch (error) {
      await team?.close();
      throw error;
    }
  };
  if (choice.count > 1) {
    try {
      return await attempt(true);
    } catch (error) {
      if (!(error instanceof NoWorkersError || error instanceof WebAssembly.LinkError)) throw error;
      const isLink = error instanceof WebAssembly.LinkError;
      choice = { count: 1, reason: isLink ? "the given module imports an unshared memory" : error.message };
    }
  }
  try {
    return await attempt(false);
  } catch (error) {
    // A given module does not say whether the memory it imports is shared; instantiating tells.
    if (!(error instanceof WebAssembly.LinkError)) throw error;
  }
  return attempt(true);
}

/** Throws ArgumentError unless a module that was given has the imports and exports of the kernels. */
function checkModule(module: WebAssembly.Module): void {
  if (Object.prototype.toString.call(module) !== "[object WebAssembly.Module]") {
    throw new ArgumentError(`module must be a WebAssembly.Module, got ${show(module)}; compile its bytes first`);
  }
  const exported = new Set(WebAssembly.Module.exports(module).map(({ name }) => name));
  const isOurs = ["run", "initializeControl", "__heap_base"].every((name) => exported.has(name));
  if (isOurs && WebAssembly.Module.imports(module).every((entry) => entry.module === "env")) return;
  throw new ArgumentError("the given module is none of wasmgrad's: compile one of the package's .wasm files");
}

interface EngineParts {
  readonly module: WebAssembly.Module;
  readonly kernels: KernelExports;
  readonly memory: LinearMemory;
  readonly memoryReason: string;
  readonly hostCalls: HostCalls;
  /** Address of the control block. */
  readonly control: number;
  /** Where a trap in a worker leaves its message. */
  readonly message: Block;
}

async function instantiateKernels(
  module: WebAssembly.Module,
  isShared: boolean,
  threads: number,
  maximumMemory: number | undefined,
  { spinBudget, stallTime }: EngineTuning,
): Promise<EngineParts> {
  const hostCalls = new HostCalls();
  const { memory, pages, reason } = reserveMemory(isShared, maximumMemory);
  const { exports } = await WebAssembly.instantiate(module, { env: kernelImports(memory, hostCalls) });
  const kernels = exports as unknown as KernelExports;
  const linearMemory = new LinearMemory(memory, Number(kernels.__heap_base.value), pages * pageBytes);
  const block = linearMemory.allocate(kernels.controlBytes(threads), "the engine's control block", "engine");
  const message = linearMemory.allocate(messageBytes, "the message of a trap", "engine");
  kernels.initializeControl(block.address, threads, spinBudget, stallTime);
  const control = block.address;
  return { module, kernels, memory: linearMemory, memoryReason: reason, hostCalls, control, message };
}

async function startTeam(parts: EngineParts, { count }: ThreadChoice): Promise<Team | undefined> {
  if (count === 1) return undefined;
  const { module, memory, control, message } = parts;
  const text = { message: message.address, messageBytes: message.bytes };
  return Team.start(count - 1, { module, memory: memory.memory, control, ...text });
}

/** A memory of the largest limit that the host can reserve, unless one is given. */
function reserveMemory(
  isShared: boolean,
  maximumMemory: number | undefined,
): { memory: WebAssembly.Memory; pages: number; reason: string } {
  let pages = Math.floor((maximumMemory ?? mostPages * pageBytes) / pageBytes);
  let reason = maximumMemory === undefined ? "the largest that WebAssembly allows" : "the maximumMemory option";
  for (;;) {
    try {
      return {
        memory: new WebAssembly.Memory({ initial: initialPages, maximum: pages, shared: isShared }),
        pages,
        reason,
      };
    } catch (error) {
      if (maximumMemory !== undefined || pages <= leastMaximum) {
        throw new MemoryError(
          `this host cannot reserve a memory of up to ${pages * pageBytes} bytes; close other engines or ask for less`,
          { cause: error },
        );
      }
      pages /= 2;
      reason = "the largest that this host can reserve";
    }
  }
}
