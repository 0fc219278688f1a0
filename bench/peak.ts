import { readFileSync } from "node:fs";
import type { BuildName } from "../src/engine/index.js";

interface PeakExports {
  chains8(turns: number, x: number, y: number): number;
  chains12(turns: number, x: number, y: number): number;
  products8(turns: number, x: number, y: number): number;
  microkernel(turns: number, a: number, b: number, c: number, count: number): void;
  microkernelFlops(count: number): number;
  copyBytes(turns: number, to: number, from: number, bytes: number): void;
}

const turns = 20_000;
const depth = 192;
const copySize = 8 << 20;

/** What one core can do, sampled again and again between the rows of a benchmark, since clocks drift. */
export class Peak {
  private readonly kernels: PeakExports;
  private bestGflops = 0;
  private readonly copies: number[] = [];

  constructor(build: BuildName) {
    const wasm = readFileSync(new URL(`../build/peak-${build}.wasm`, import.meta.url));
    const memory = new WebAssembly.Memory({ initial: 1024, maximum: 1024 });
    new Uint8Array(memory.buffer).fill(0);
    this.kernels = new WebAssembly.Instance(new WebAssembly.Module(wasm), { env: { memory } })
      .exports as unknown as PeakExports;
    for (let i = 0; i < 20; i++) this.sample();
  }

  /** GFLOP/s of the fastest form of independent multiply-adds seen so far. */
  get gflops(): number {
    return this.bestGflops;
  }

  /** GB/s of memory.copy over 8 MB, read and written bytes counted: the median so far. */
  get copyGBps(): number {
    const sorted = [...this.copies].sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? 0;
  }

  /** GB/s of memory.copy where reading and writing together make `bytes`: the median of 15 copies. */
  copy(bytes: number): number {
    const half = Math.min(Math.ceil(bytes / 2), 30 << 20);
    const repeats = Math.max(1, Math.round(2e6 / half));
    const rates: number[] = [];
    for (let i = 0; i < 15; i++) {
      rates.push((2 * half * repeats) / seconds(() => this.kernels.copyBytes(repeats, 0, 32 << 20, half)) / 1e9);
    }
    return [...rates].sort((a, b) => a - b)[7]!;
  }

  /** Measures once more; a few milliseconds. */
  sample(): void {
    const { kernels } = this;
    const microTurns = 100;
    for (const [flops, call] of [
      [turns * 64, () => kernels.chains8(turns, 0.5, 0.25)],
      [turns * 96, () => kernels.chains12(turns, 0.5, 0.25)],
      [turns * 64, () => kernels.products8(turns, 1 << 20, 0.5)],
      [
        microTurns * kernels.microkernelFlops(depth),
        () => kernels.microkernel(microTurns, 1 << 20, 1 << 21, 3 << 20, depth),
      ],
    ] as const) {
      this.bestGflops = Math.max(this.bestGflops, flops / seconds(call) / 1e9);
    }
    const copy = seconds(() => kernels.copyBytes(1, 16 << 20, 32 << 20, copySize));
    this.copies.push((2 * copySize) / copy / 1e9);
  }
}

function seconds(call: () => unknown): number {
  const start = performance.now();
  call();
  return (performance.now() - start) / 1000;
}
