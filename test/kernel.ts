import { readFileSync } from "node:fs";
import {
  type Engine,
  kernelCall,
  type KernelName,
  LinkedProgram,
  type Placed,
  probeHost,
} from "../src/engine/index.js";
import { withUnsharedMemory } from "../src/engine/builds.js";
import { assembleEngine, type EngineTuning } from "../src/engine/create.js";
import { recordLayouts } from "../src/engine/recordLayouts.js";

export type TestedBuild = "simd" | "debug" | "relaxed";

/**
 * The builds that every kernel test runs on: `debug` asserts the preconditions of kernels, the others are what ships.
 * `npm run test:matrix` runs them in a Node with relaxed SIMD.
 */
export const testedBuilds: readonly TestedBuild[] = probeHost().relaxed
  ? ["simd", "debug", "relaxed"]
  : ["simd", "debug"];

/** An engine over one of the .wasm files that `npm run build:wasm` wrote. */
export async function testEngine(
  build: TestedBuild = "simd",
  threads = 1,
  tuning?: Partial<EngineTuning>,
): Promise<Engine> {
  const wasm = new Uint8Array(readFileSync(new URL(`../build/${build}.wasm`, import.meta.url)));
  const compile = (isShared: boolean): Promise<WebAssembly.Module> =>
    WebAssembly.compile(isShared ? wasm : withUnsharedMemory(wasm));
  return assembleEngine(compile, build === "relaxed" ? "relaxed" : "simd", `test of ${build}`, { threads }, tuning);
}

type TypedArray = Float32Array | Int32Array | Uint32Array | Uint8Array;

/** What a kernel test passes for a pointer field: data that is copied in, or a length of NaN-filled output. */
export type KernelArgument = number | boolean | TypedArray | Output;

/** An output buffer of `length` floats, filled with NaN before the kernel runs. */
export class Output {
  constructor(readonly length: number) {}
}

const guardBytes = 64;
const guardByte = 0xa5;

/**
 * Runs one kernel as a program of one record. Every buffer lies in a block of its own between guard bytes; a write to a
 * guard, or to an input (unless it is named in `inPlace`), throws. Returns what the buffers hold afterwards, by field name.
 * The record is executed as if by `threads` threads in turn, which must give the same result as one, unless the kernel's
 * threads need each other.
 * @param options `shift` moves every buffer so many bytes from the 64-byte boundary on which it begins otherwise
 */
export function runKernel(
  engine: Engine,
  kernel: KernelName,
  fields: Readonly<Record<string, KernelArgument>>,
  options: { readonly inPlace?: readonly string[]; readonly threads?: number; readonly shift?: number } = {},
): Record<string, Float32Array> & { bytes(name: string): Uint8Array } {
  const { memory } = engine;
  const { shift = 0 } = options;
  const placed = new Map<string, { address: number; bytes: number; original: Uint8Array | undefined }>();
  const values: Record<string, number | boolean> = {};
  const blocks = [];
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === "number" || typeof value === "boolean") {
      values[name] = value;
      continue;
    }
    const bytes = value instanceof Output ? value.length * 4 : value.byteLength;
    const block = memory.allocate(bytes + 2 * guardBytes + shift, `test buffer ${name}`);
    blocks.push(block);
    memory.u8(block.address, block.bytes).fill(guardByte);
    const address = block.address + guardBytes + shift;
    let original: Uint8Array | undefined;
    if (value instanceof Output) memory.f32(address, value.length).fill(NaN);
    else {
      original = new Uint8Array(value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength));
      memory.u8(address, bytes).set(original);
    }
    placed.set(name, { address, bytes, original });
    values[name] = address;
  }
  const layout = recordLayouts[kernel].fields;
  for (const name of Object.keys(fields)) if (!(name in layout)) throw new Error(`${kernel} has no field ${name}`);

  const program = new LinkedProgram(memory, [kernelCall(kernel, values as never)]);
  const threads = options.threads ?? 1;
  if (threads === 1) engine.run(program);
  else for (let thread = 0; thread < threads; thread++) engine.runShare(program, 0, thread, threads);

  const results: Record<string, Float32Array> = {};
  const rawBytes = new Map<string, Uint8Array>();
  for (const [name, { address, bytes, original }] of placed) {
    const around = [memory.u8(address - guardBytes, guardBytes), memory.u8(address + bytes, guardBytes)];
    for (const guard of around) {
      if (guard.some((byte) => byte !== guardByte)) throw new Error(`${kernel} wrote outside its buffer ${name}`);
    }
    const now = memory.u8(address, bytes).slice();
    if (original && !options.inPlace?.includes(name) && now.some((byte, i) => byte !== original[i])) {
      throw new Error(`${kernel} changed its input ${name}`);
    }
    rawBytes.set(name, now);
    if (bytes % 4 === 0) results[name] = new Float32Array(now.buffer);
  }
  program.dispose();
  for (const block of blocks) memory.release(block);
  return Object.assign(results, { bytes: (name: string) => rawBytes.get(name) ?? new Uint8Array() });
}

/** Makes `engine.run` execute every record as if by `threads` threads in turn. */
export function simulateThreads(engine: Engine, threads: number): void {
  engine.run = (program, first?: number, count?: number) => {
    const start = first ?? 0;
    const end = count === undefined ? program.length : start + count;
    for (let index = start; index < end; index++) {
      for (let thread = 0; thread < threads; thread++) engine.runShare(program, index, thread, threads);
      // Of a run that a record ends shares know nothing.
      const { guard, control = 0 } = program.calls[index]!.fields;
      if (control !== 0 && engine.memory.u32((guard as Placed).address, 1)[0] !== 0) return;
    }
  };
}
