// What this host offers: the same questions in Node, Deno, Bun, browsers and their workers.

interface NodeProcess {
  getBuiltinModule?(name: string): unknown;
}

/** A module of Node's own, without an import that a bundler would have to resolve; undefined elsewhere. */
export function nodeModule(name: string): unknown {
  const { process } = globalThis as { process?: NodeProcess };
  return process?.getBuiltinModule?.(name);
}

/** Cores that this process may use. */
export function coreCount(): number {
  const os = nodeModule("node:os") as { availableParallelism?(): number } | undefined;
  const { navigator } = globalThis as { navigator?: { hardwareConcurrency?: number } };
  return os?.availableParallelism?.() ?? navigator?.hardwareConcurrency ?? 1;
}

/** Why this host cannot share memory between threads; undefined if it can. */
export function reasonAgainstSharedMemory(): string | undefined {
  const { crossOriginIsolated } = globalThis as { crossOriginIsolated?: boolean };
  if (crossOriginIsolated === false) {
    return "this page is not cross-origin isolated (it lacks the headers COOP and COEP), so memory cannot be shared";
  }
  if (typeof SharedArrayBuffer === "undefined") return "this host has no shared memory";
  return undefined;
}

/** Whether this thread may sleep in Atomics.wait: not on a browser's main thread. */
export function mayWait(): boolean {
  if (typeof SharedArrayBuffer === "undefined") return false;
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1);
    return true;
  } catch {
    return false;
  }
}
