// The entry point "wasmgrad/simd": the same API with the simd build alone, whose bits are the same on every host.
import { simdWasm } from "../build/generated/simd.js";
import { createEngineFrom, type Engine, type EngineOptions } from "./engine/index.js";

export * from "./api.js";

/**
 * Creates an engine with the simd build, whose bits are the same on every host, on all cores up to eight.
 * Throws as the main entry point's `createEngine` does.
 */
export function createEngine(options: EngineOptions = {}): Promise<Engine> {
  return createEngineFrom({ simd: simdWasm }, options);
}
