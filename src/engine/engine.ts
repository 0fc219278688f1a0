import { Arena } from "./arena.js";
import type { BuildName } from "./builds.js";
import { ArgumentError, KernelError, StateError, WasmgradError } from "./errors.js";
import { mayWait } from "./host.js";
import { type HostCall, type KernelExports, Outcome } from "./kernels.js";
import type { Block, LinearMemory } from "./memory.js";
import type { LinkedProgram } from "./program.js";
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
  readonly hostCalls: WeakRef<HostCall>[];
  /** Address of the control block that the threads share. */
  readonly control: number;
  /** Where a trap in a worker leaves its message. */
  readonly message: Block;
  readonly team: Team | undefined;
  readonly seed: number;
}

/** Instances of the kernels, the linear memory they share, and the threads that execute programs in it. */
export class Engine {
  readonly info: EngineInfo;
  readonly memory: LinearMemory;
  readonly seed: number;
  /** Source of every random number that this engine's models and trainers draw. */
  readonly random: Random;
  /** Activations of all programs. */
  readonly arena: Arena;
  private readonly mayWait = Number(mayWait());
  private isRunning = false;
  private isClosed = false;
  private isLost = false;

  /** Use `createEngine`. */
  constructor(private readonly components: EngineComponents) {
    const { info, memory, seed, team } = components;
    this.info = info;
    this.memory = memory;
    this.seed = seed;
    this.random = new Random(seed);
    this.arena = new Arena(memory);
    team?.closeWith(this);
  }

  /**
   * Executes `count` records of a program from record `first` on, on all threads: one call into WebAssembly.
   * Throws KernelError, naming the record and where it came from, if a kernel traps or a host call throws.
   * Throws StateError if the engine was closed, has lost a thread, or is executing a program already.
   */
  run(program: LinkedProgram, first = 0, count = program.length - first): void {
    this.checkUsable();
    if (!(first >= 0 && count >= 0 && first + count <= program.length)) {
      throw new ArgumentError(`records ${first} … ${first + count} are not within the program's ${program.length}`);
    }
    const { kernels, control } = this.components;
    let outcome: number;
    this.isRunning = true;
    try {
      outcome = kernels.run(control, program.address, first, count, this.mayWait);
    } catch (error) {
      const index = kernels.currentRecord(control);
      if (this.info.threads > 1) this.isLost = kernels.fail(control, 0, this.mayWait) === Outcome.stalled;
      if (error instanceof WasmgradError) throw error;
      throw kernelError(program, index, error instanceof Error ? error.message : String(error), error);
    } finally {
      this.isRunning = false;
    }
    if (outcome === Outcome.failed) throw kernelError(program, kernels.failedRecord(control), this.workerMessage());
    if (outcome === Outcome.stalled) {
      this.isLost = true;
      throw kernelError(program, kernels.currentRecord(control), "a worker thread does not finish its share");
    }
  }

  /** Executes one thread's share of one record. For tests that hold kernels to any number of threads. */
  runShare(program: LinkedProgram, index: number, thread: number, threads: number): void {
    const record = this.memory.u32(program.address + 4 * index, 1)[0] ?? 0;
    this.components.kernels.execute(record, thread, threads);
  }

  /**
   * Registers a function of the host for `hostCall` records and returns its id. The engine does not keep the function
   * alive: whoever owns the program does.
   */
  registerHostCall(call: HostCall): number {
    const { hostCalls } = this.components;
    // A program that is compiled again and again takes the numbers of those that nobody can run any more.
    const free = hostCalls.findIndex((reference) => reference.deref() === undefined);
    const id = free < 0 ? hostCalls.length : free;
    hostCalls[id] = new WeakRef(call);
    return id;
  }

  /**
   * Ends the engine and its worker threads: programs can no longer run. Its memory goes when nothing refers to it. An
   * engine that is not closed keeps no process from exiting, and ends when it is garbage-collected.
   */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.components.team?.close();
  }

  private checkUsable(): void {
    if (this.isClosed) throw new StateError("this engine was closed; create another with createEngine()");
    const failure = this.isLost ? "a worker thread did not finish its share" : this.components.team?.failure;
    if (failure) throw new StateError(`this engine is lost: ${failure}; create another with createEngine()`);
    if (this.isRunning) {
      throw new StateError(
        "this engine is executing a program: a host call or custom operation cannot run another on it",
      );
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
