import type { BuildName } from "../src/engine/index.js";
import { createEngine } from "../src/index.js";
import { matmul } from "../src/ops/products/matmul.js";
import { measureTogether, median } from "./measure.js";
import { operationSubject, uniform } from "./subject.js";

/** A product of a linear layer, for a width of its input or output. */
interface Product {
  readonly title: string;
  readonly sizes: (width: number) => readonly [M: number, N: number, K: number];
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/** Forward and both gradients of the layers `features` → width and width → `features`. */
function productsOf(batch: number, features: number): Product[] {
  return [
    { title: "forward, out", sizes: (width) => [batch, width, features] },
    { title: "forward, in", sizes: (width) => [batch, features, width] },
    { title: "dW, out", sizes: (width) => [features, width, batch], transposeA: true },
    { title: "dW, in", sizes: (width) => [width, features, batch], transposeA: true },
    { title: "dx, in", sizes: (width) => [batch, width, features], transposeB: true },
    { title: "dx, out", sizes: (width) => [batch, features, width], transposeB: true },
  ];
}

const layers = [
  { batch: 16, features: 64 },
  { batch: 64, features: 32 },
  { batch: 64, features: 64 },
  { batch: 256, features: 64 },
];
const step = 64;
const largest = 4096;
/** Distances from a multiple of `step` of the widths whose rows share cache sets with it, and of its neighbours. */
const inDoubt = [-2, -1, 0, 1, 2];
const neighbours = [-16, -8, 8, 16];
/** A lower part of the neighbours' speed is a trap. */
const least = 0.8;
/** What looks like one is measured again, since other work on the machine slows what it hits. */
const attempts = 5;

/** GFLOP/s of one product at several widths: the best of many short samples that alternate. */
async function speedsOf(product: Product, widths: readonly number[], build: BuildName): Promise<number[]> {
  const { transposeA = false, transposeB = false } = product;
  const engine = await createEngine({ seed: 1, build, threads: 1 });
  const subjects = widths.map((width) => {
    const [M, N, K] = product.sizes(width);
    const a = { shape: transposeA ? [K, M] : [M, K], data: uniform(M * K, 1) };
    const b = { shape: transposeB ? [N, K] : [K, N], data: uniform(K * N, 2) };
    return operationSubject(engine, [a, b], ([left, right]) => matmul(left!, right!, { transposeA, transposeB }));
  });
  const ratios = (speeds: readonly number[]): number[] => {
    const usual = median(speeds.slice(inDoubt.length));
    return speeds.slice(0, inDoubt.length).map((speed) => speed / usual);
  };
  let best = widths.map(() => 0);
  for (let attempt = 0; attempt < attempts && !(Math.min(...ratios(best)) >= least); attempt++) {
    const timings = measureTogether(
      subjects.map((subject) => () => subject.run()),
      { budget: 6, minimumSamples: 10, warmupMilliseconds: 1, sampleMilliseconds: 0.2 },
    );
    best = best.map((speed, i) => {
      const [M, N, K] = product.sizes(widths[i]!);
      return Math.max(speed, (2 * M * N * K) / timings[i]!.fastest / 1e6);
    });
  }
  await engine.close();
  return best;
}

/**
 * Prints the speed of the products of linear layers at every multiple of 64 up to 4096 (of 256 if `isQuick`), and the lowest
 * ratio of it and of the widths within 2 of it to the median of the widths 8 and 16 away.
 */
export async function sweepWidths(build: BuildName, isQuick: boolean): Promise<void> {
  let worst = { ratio: Infinity, where: "" };
  for (const { batch, features } of layers) {
    const products = productsOf(batch, features);
    console.log(
      `\nbatch ${batch}, ${features} ↔ width: GFLOP/s at the width, and the lowest of ${inDoubt.length} ratios to its neighbours\n`,
    );
    console.log(`${"width".padStart(6)}${products.map(({ title }) => title.padStart(16)).join("")}`);
    for (let width = isQuick ? 4 * step : step; width <= largest; width += isQuick ? 4 * step : step) {
      let line = String(width).padStart(6);
      for (const product of products) {
        const widths = [...inDoubt, ...neighbours].map((distance) => width + distance);
        const speeds = await speedsOf(product, widths, build);
        const usual = median(speeds.slice(inDoubt.length));
        const lowest = Math.min(...speeds.slice(0, inDoubt.length));
        const ratio = lowest / usual;
        if (ratio < worst.ratio) {
          const at = widths[speeds.indexOf(lowest)]!;
          worst = { ratio, where: `${product.title}, batch ${batch}, ${features} ↔ ${at}` };
        }
        const speed = speeds[inDoubt.indexOf(0)]!;
        line += `${speed.toFixed(1)} ${ratio.toFixed(2)}${ratio < least ? "!" : " "}`.padStart(16);
      }
      console.log(line);
    }
  }
  console.log(`\nlowest ratio ${worst.ratio.toFixed(2)}: ${worst.where}`);
}
