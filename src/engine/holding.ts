import type { Allocator, Block } from "./allocator.js";
import { ArgumentError, StateError } from "./errors.js";
import { provokeCollection } from "./host.js";

/** What is given back with a holding. It must not refer to the holding, which could never be collected then. */
export interface Belongings {
  readonly holding: WeakRef<Holding>;
  readonly blocks: Block[];
  readonly undo: (() => unknown)[];
}

/**
 * The memory of one owner: a model, a trainer, a program. It goes back all at once: by `dispose`, or when nothing refers to
 * the holding any more. Whoever needs memory of another's holding refers to that, so that it lives on; see `dependOn`.
 */
export class Holding {
  private disposedWith: string | undefined;
  private changes = 0;
  private readonly sources = new Set<Holding>();
  private readonly dependents = new Set<WeakRef<Holding>>();
  private readonly belongings: Belongings = { holding: new WeakRef(this), blocks: [], undo: [] };

  /** Use `memory.hold`. */
  constructor(
    readonly memory: Allocator,
    private readonly holdings: Holdings,
    /** What its owner is, e.g. "model". */
    readonly owner: string,
  ) {
    holdings.add(this, this.belongings);
  }

  get isDisposed(): boolean {
    return this.disposedWith !== undefined;
  }

  /** Throws StateError, naming what was disposed, if the memory was given back. */
  check(): void {
    if (this.disposedWith === undefined) return;
    throw new StateError(
      this.disposedWith === this.owner
        ? `this ${this.owner} was disposed; make another`
        : `this ${this.owner} needs the memory of a ${this.disposedWith} that was disposed; make both anew`,
    );
  }

  /** Grows whenever what lies here may have changed, so that what was computed from it is known to be out of date. */
  get version(): number {
    return this.changes;
  }

  /** Says that state in this memory was written. Whoever writes it calls this; `Engine.run` does for programs. */
  changed(): void {
    this.changes++;
  }

  /** A zeroed block that goes back with the others. */
  allocate(bytes: number, label: string): Block {
    this.check();
    const block = this.memory.allocate(bytes, label, `${this.owner}s`);
    this.belongings.blocks.push(block);
    return block;
  }

  /** Has `undo` called when the memory goes back. It must not refer to the holding or its owner. */
  onRelease(undo: () => unknown): void {
    this.belongings.undo.push(undo);
  }

  /**
   * Keeps the memory of `source` alive for as long as this; if that is disposed, so is this.
   * @throws StateError if it was disposed, ArgumentError if it is memory of another engine
   */
  dependOn(source: Holding): void {
    if (source.memory !== this.memory) {
      throw new ArgumentError(`a ${this.owner} cannot use a ${source.owner} of another engine: make both on one`);
    }
    source.check();
    if (source === this || this.sources.has(source)) return;
    this.sources.add(source);
    const { dependents } = source;
    const { holding } = this.belongings;
    dependents.add(holding);
    this.onRelease(() => dependents.delete(holding));
  }

  /**
   * Gives the memory back, and that of all that depends on it. May be called again.
   * @throws StateError while a program is executed
   */
  dispose(cause = this.owner): void {
    if (this.disposedWith !== undefined) return;
    this.memory.checkIdle();
    this.disposedWith = cause;
    for (const dependent of this.dependents) dependent.deref()?.dispose(cause);
    this.holdings.giveBack(this.belongings);
  }
}

/** All holdings of a memory, known for as long as somebody refers to them. */
export class Holdings {
  private readonly all = new Set<Belongings>();
  private readonly registry = new FinalizationRegistry<Belongings>((belongings) => this.giveBack(belongings));

  constructor(private readonly memory: Allocator) {}

  add(holding: Holding, belongings: Belongings): void {
    this.all.add(belongings);
    this.registry.register(holding, belongings, belongings);
  }

  giveBack(belongings: Belongings): void {
    if (!this.all.delete(belongings)) return;
    this.registry.unregister(belongings);
    for (const block of belongings.blocks) this.memory.release(block);
    for (const undo of belongings.undo) undo();
  }

  /**
   * Gives back what nobody refers to any more, as far as the host can tell: not what was made, or looked at through a
   * WeakRef, in the present turn of the event loop.
   */
  collect(): void {
    provokeCollection();
    for (const belongings of this.all) if (!belongings.holding.deref()) this.giveBack(belongings);
  }
}
