// What this host offers: the same questions in Node, Deno, Bun, browsers and their workers.
import { StateError } from "./errors.js";

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

/** Decompresses what zlib ("deflate") or gzip made. Rejects with the host's error if it is corrupt or cut short. */
export async function decompress(
  bytes: Uint8Array<ArrayBuffer>,
  format: "deflate" | "gzip",
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(decompressed(bytes, format)).arrayBuffer());
}

/** The same as a stream, of which no more is decompressed than is read. */
export function decompressed(
  bytes: Uint8Array<ArrayBuffer>,
  format: "deflate" | "gzip",
): ReadableStream<Uint8Array<ArrayBuffer>> {
  if (typeof DecompressionStream === "undefined") {
    throw new StateError(`this host has no DecompressionStream: ${leastHosts}`);
  }
  return new Blob([bytes]).stream().pipeThrough(new DecompressionStream(format));
}

/** For errors of hosts that are too old. */
export const leastHosts = "wasmgrad needs a browser of 2023 or later, or Node ≥ 20.19";

/**
 * Makes the host collect garbage, where it does so before it refuses memory, or when much was taken at once: V8 in either
 * case. Costs some 10-40 ms.
 */
export function provokeCollection(): void {
  // The first may but end a collection that was under way, which spares what has died since it began.
  for (let round = 0; round < 2; round++) {
    try {
      // Never touched, so it takes no memory even where it is granted.
      new ArrayBuffer(2 ** 33);
    } catch {
      // Refused, after a collection.
    }
  }
}
