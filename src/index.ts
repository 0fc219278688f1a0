import { relaxedDelta } from "../build/generated/relaxed.js";
import { simdWasm } from "../build/generated/simd.js";
import { applyDelta, createEngineFrom, type Engine, type EngineOptions } from "./engine/index.js";

export * from "./api.js";

/**
 * Creates an engine: the best build of the kernels for this host, its memory, and all cores up to eight.
 * @throws StateError where WebAssembly has no SIMD, or lacks the build that was asked for
 * @throws MemoryError where the host cannot reserve linear memory
 * @throws ArgumentError for an option out of range
 */
export function createEngine(options: EngineOptions = {}): Promise<Engine> {
  return createEngineFrom({ simd: simdWasm, relaxed: { delta: relaxedDelta, apply: applyDelta } }, options);
}
