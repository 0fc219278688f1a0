import type { Holding } from "./holding.js";

/** A function of the host that a record calls. It must not be async: kernels do not wait. */
export type HostCall = () => unknown;

/** Functions that `hostCall` records call by number. They are kept alive by whoever owns the program, not here. */
export class HostCalls {
  private readonly calls: (WeakRef<HostCall> | undefined)[] = [];
  private readonly freeIds: number[] = [];
  private readonly collected = new FinalizationRegistry<{ id: number; reference: WeakRef<HostCall> }>((call) => {
    this.remove(call.id, call.reference);
  });

  /** Registers a function until `holding` goes back, or the function is collected, and returns its number. */
  add(call: HostCall, holding?: Holding): number {
    const id = this.freeIds.pop() ?? this.calls.length;
    const reference = new WeakRef(call);
    this.calls[id] = reference;
    if (holding) holding.onRelease(() => this.remove(id, reference));
    else this.collected.register(call, { id, reference });
    return id;
  }

  /** Calls a function. Throws what it throws, and an Error if it is async. */
  call(id: number): void {
    const call = this.calls[id]?.deref();
    if (!call) throw new Error(`there is no host call ${id}: whoever registered it did not keep it`);
    const result = call();
    if (!isThenable(result)) return;
    // Its outcome comes too late for anybody.
    result.then(
      () => undefined,
      () => undefined,
    );
    throw new Error("it returned a promise: host calls and custom operations must be synchronous");
  }

  private remove(id: number, reference: WeakRef<HostCall>): void {
    if (this.calls[id] !== reference) return;
    this.calls[id] = undefined;
    this.freeIds.push(id);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
