import { readFileSync } from "node:fs";
import type { BuildName } from "../src/engine/index.js";

interface PeakExports {
  chains8(turns: number, x: number, y: number): number;
  chains12(turns: number, x: number, y: number): number;
  separate6(turns: number, one: number, zero: number): number;
  separate7(turns: number, one: number, zero: number): number;
  products8(turns: number, x: number, y: number): number;
  microkernel(turns: number, a: number, b: number, c: number, count: number): void;
  microkernelFlops(count: number): number;
  copyBytes(turns: number, to: number, from: number, bytes: number): void;
}

const turns = 20_000;
const microTurns = 100;
const depth = 192;

const pageBytes = 1 << 16;
/** Where the copies begin; below lie the operands of the other loops. */
const copyStart = 4 << 20;
/** What a copy beyond every cache touches: more than the last-level cache of any core. */
const streamBytes = 256 << 20;
/** Reads and writes of a copy that are a multiple of 4 KB apart would wait for each other. */
const spacing = 2048;
/** Milliseconds of one sample of a copy, at least. */
const copyMilliseconds = 2;

/** What one core can do at most. Sampled again and again between the rows of a benchmark, since clocks drift; the best counts. */
export class Peak {
  private readonly kernels: PeakExports;
  private readonly memory: WebAssembly.Memory;
  private multiplyAdds = 0;
  private separate = 0;
  /** GB/s of copies by the bytes that they touch. */
  private readonly copies = new Map<number, number>();

  constructor(build: BuildName) {
    const wasm = readFileSync(new URL(`../build/peak-${build}.wasm`, import.meta.url));
    this.memory = new WebAssembly.Memory({ initial: copyStart / pageBytes, maximum: 8192 });
    this.kernels = new WebAssembly.Instance(new WebAssembly.Module(wasm), { env: { memory: this.memory } })
      .exports as unknown as PeakExports;
    for (let i = 0; i < 20; i++) this.sample();
  }

  /** GFLOP/s of the fastest form of independent multiplications and additions. */
  get gflops(): number {
    return Math.max(this.separate, this.multiplyAdds);
  }

  /** The same of sums that wait for their products, as those of a register tile do. */
  get multiplyAddGflops(): number {
    return this.multiplyAdds;
  }

  /**
   * GB/s of memory.copy, read and written bytes counted, where source and target together are `bytes` and were copied before:
   * they lie in the smallest cache that holds them.
   */
  copyGBps(bytes: number): number {
    return this.copies.get(bytes) ?? this.sampleCopy(bytes);
  }

  /** The same from memory to memory: of more than any cache holds. */
  get streamGBps(): number {
    return this.copyGBps(streamBytes);
  }

  /** Measures a copy once more, some 20 ms; the best so far. */
  sampleCopy(bytes: number): number {
    const half = Math.ceil(bytes / 2);
    const to = copyStart + half + spacing;
    const missing = to + half - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / pageBytes));
    const copy = (repeats: number): number => seconds(() => this.kernels.copyBytes(repeats, to, copyStart, half));
    copy(1);
    const repeats = Math.max(1, Math.ceil(copyMilliseconds / 1000 / copy(1)));
    let best = this.copies.get(bytes) ?? 0;
    for (let i = 0; i < 9; i++) best = Math.max(best, (2 * half * repeats) / copy(repeats) / 1e9);
    this.copies.set(bytes, best);
    return best;
  }

  /** Measures the arithmetic once more; a few milliseconds. */
  sample(): void {
    const { kernels } = this;
    const rate = (flops: number, call: () => unknown): number => flops / seconds(call) / 1e9;
    this.separate = Math.max(
      this.separate,
      rate(turns * 48, () => kernels.separate6(turns, 1, 0)),
      rate(turns * 56, () => kernels.separate7(turns, 1, 0)),
    );
    this.multiplyAdds = Math.max(
      this.multiplyAdds,
      rate(turns * 64, () => kernels.chains8(turns, 0.5, 0.25)),
      rate(turns * 96, () => kernels.chains12(turns, 0.5, 0.25)),
      rate(turns * 64, () => kernels.products8(turns, 1 << 20, 0.5)),
      rate(microTurns * kernels.microkernelFlops(depth), () =>
        kernels.microkernel(microTurns, 1 << 20, 1 << 21, 3 << 20, depth),
      ),
    );
  }
}

function seconds(call: () => unknown): number {
  const start = performance.now();
  call();
  return (performance.now() - start) / 1000;
}
