import type { Block } from "./allocator.js";
import { Arena } from "./arena.js";
import type { BuildName } from "./builds.js";
import { Caches } from "./caches.js";
import { AsyncDisposableBase } from "./disposable.js";
import { ArgumentError, isWasmgradError, KernelError, messageOf, StateError } from "./errors.js";
import type { Holding } from "./holding.js";
import { mayWait } from "./host.js";
import type { HostCall, HostCalls } from "./hostCalls.js";
import { type KernelExports, Outcome } from "./kernelModule.js";
import type { LinearMemory } from "./memory.js";
import { checkFunction } from "./options.js";
import type { LinkedProgram, Placed } from "./program.js";
import { Random } from "./random.js";
import type { Team } from "./team.js";

/** What an engine is made of, and why. */
export interface EngineInfo {
  readonly build: BuildName | "custom";
  readonly buildReason: string;
  /** Threads that execute kernels, the calling one included. */
  readonly threads: number;
  readonly threadsReason: string;
  readonly sharedMemory: boolean;
  /** Limit of linear memory in bytes; `engine.memory.byteLength` tells its present size. */
  readonly maximumMemory: number;
  readonly memoryReason: string;
}

/** What `createEngine` puts together. */
export interface EngineComponents {
  readonly info: EngineInfo;
  readonly memory: LinearMemory;
  readonly kernels: KernelExports;
  readonly hostCalls: HostCalls;
  /** Address of the control block that the threads share. */
  readonly control: number;
  /** Where a trap in a worker leaves its message. */
  readonly message: Block;
  readonly team: Team | undefined;
  readonly seed: number;
}

/** Instances of the kernels, the linear memory they share, and the threads that execute programs in it. */
export class Engine extends AsyncDisposableBase {
  readonly info: EngineInfo;
  readonly memory: LinearMemory;
  readonly seed: number;
  /** Source of every random number that this engine's models and trainers draw. */
  readonly random: Random;
  /** Activations of all programs. @internal */
  readonly arena: Arena;
  /** What can be given back when memory runs out. @internal */
  readonly caches = new Caches();
  private readonly mayWait = Number(mayWait());
  private isLost = false;

  /** Use `createEngine`. */
  constructor(private readonly components: EngineComponents) {
    super();
    const { info, memory, seed, team } = components;
    this.info = info;
    this.memory = memory;
    this.seed = seed;
    this.random = new Random(seed);
    this.arena = new Arena(memory);
    memory.relief = () => this.relief();
    team?.closeWith(this);
  }

  /**
   * Executes `count` records of a program from record `first` on, on all threads: one call into WebAssembly.
   * Throws KernelError, naming the record and where it came from, if a kernel traps or a host call throws.
   * Throws StateError if the engine was closed, has lost a thread, or is executing a program already, and if the program
   * or memory that it needs was disposed.
   * @internal
   */
  run(program: LinkedProgram, first = 0, count = program.length - first): void {
    this.checkReady();
    const areIntegers = Number.isInteger(first) && Number.isInteger(count);
    if (!(areIntegers && first >= 0 && count >= 0 && first + count <= program.length)) {
      throw new ArgumentError(`records ${first} … ${first + count} are not within the program's ${program.length}`);
    }
    const { kernels, control } = this.components;
    const { memory } = this;
    const { address } = program;
    let outcome: number;
    for (const holding of program.changes) holding.changed();
    memory.isRunning = true;
    try {
      outcome = kernels.run(control, address, first, count, this.mayWait);
    } catch (error) {
      const index = kernels.currentRecord(control);
      if (this.info.threads > 1) this.isLost = kernels.fail(control, 0, this.mayWait) === Outcome.stalled;
      if (isWasmgradError(error)) throw error;
      throw kernelError(program, index, messageOf(error), error);
    } finally {
      memory.isRunning = false;
    }
    if (outcome === Outcome.failed) throw kernelError(program, kernels.failedRecord(control), this.workerMessage());
    if (outcome === Outcome.stalled) {
      this.isLost = true;
      throw kernelError(program, kernels.currentRecord(control), "a worker thread does not finish its share");
    }
  }

  /** Throws StateError if the engine cannot run a program: it was closed, is lost, or is executing one. @internal */
  checkReady(): void {
    this.memory.writable();
    const failure = this.isLost ? "a worker thread did not finish its share" : this.components.team?.failure;
    if (failure) throw new StateError(`this engine is lost: ${failure}; create another with createEngine()`);
  }

  /** Where the control block of the threads is, for records that end a run. @internal */
  get control(): Placed {
    return { address: this.components.control };
  }

  /** Executes one thread's share of one record. For tests that hold kernels to any number of threads. @internal */
  runShare(program: LinkedProgram, index: number, thread: number, threads: number): void {
    this.memory.checkIdle();
    const record = this.memory.u32(program.address + 4 * index, 1)[0] ?? 0;
    this.components.kernels.execute(record, thread, threads);
  }

  /**
   * Registers a function of the host for `hostCall` records and returns its number. The engine does not keep the function
   * alive: whoever owns the program does. With a holding, the number is free again when that goes back.
   * @internal
   */
  registerHostCall(call: HostCall, holding?: Holding): number {
    this.memory.writable();
    checkFunction("a host call", call, "() => undefined");
    return this.components.hostCalls.add(call, holding);
  }

  /**
   * Ends the engine and its worker threads: programs can no longer run, and what is in memory can only be read. Its memory
   * goes when nothing refers to it. An engine that is not closed keeps no process from exiting, and ends when it is
   * garbage-collected. Within a custom operation, the run that called it still comes to its end.
   */
  async close(): Promise<void> {
    this.memory.close();
    // A run is synchronous, so what follows an await comes after it.
    if (this.memory.isRunning) await Promise.resolve();
    await this.components.team?.close();
  }

  /** Gives memory back, in steps: programs that can be compiled again, and activations that none needs then. */
  private *relief(): Generator<unknown, void> {
    const { arena, caches } = this;
    arena.trim();
    yield;
    const reclaims = caches.reclaim();
    while (!reclaims.next().done) {
      arena.trim();
      yield;
    }
  }

  /** The message that a trap in a worker left. */
  private workerMessage(): string {
    const { message } = this.components;
    const bytes = this.memory.u8(message.address, message.bytes);
    const end = bytes.indexOf(0);
    return String.fromCharCode(...bytes.subarray(0, end < 0 ? bytes.length : end));
  }
}

function kernelError(program: LinkedProgram, index: number, reason: string, cause?: unknown): KernelError {
  const call = program.calls[index];
  return new KernelError(`record ${index} (${call?.kernel ?? "?"}) of ${call?.source ?? "?"} failed: ${reason}`, {
    cause,
  });
}
