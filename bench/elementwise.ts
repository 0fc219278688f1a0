import { readFileSync } from "node:fs";
import type { BuildName } from "../src/engine/index.js";
import { Graph, Program, type Shape, type Value } from "../src/graph/index.js";
import { createEngine, ops } from "../src/index.js";
import type { Comparison, Fused } from "./comparison.js";
import { operationComparisons } from "./elementwiseOperations.js";
import { measureTogether } from "./measure.js";
import { uniform } from "./subject.js";

const pageBytes = 1 << 16;
/** Arrays that are a multiple of 4 KB apart would wait for each other. */
const spacing = 2048;

function gelu(x: Value): Value {
  const cube = ops.multiply(ops.multiply(ops.multiply(x, x), x), 0.044715);
  const inner = ops.multiply(ops.add(x, cube), 0.7978845608);
  return ops.multiply(ops.multiply(x, 0.5), ops.add(1, ops.tanh(inner)));
}

const three = (a: Value, b: Value): Value => ops.add(ops.multiply(ops.multiply(a, b), 0.5), b);
const byHand = (fused: Fused, [a, b, y]: readonly [number, number, number], bytes: number): void =>
  fused.three(a, b, y, bytes);
const copied = (fused: Fused, [a, b]: readonly [number, number, number], bytes: number): void =>
  fused.copy(a, b, bytes);
const readOnce = (fused: Fused, [a]: readonly [number, number, number], bytes: number): void =>
  void fused.read(a, bytes);

/** A value that holds the elements of another with its two axes exchanged. */
const transposed = (x: Value): Value => ops.transpose(x, 0, 1);

function reduction(title: string, shape: Shape, axes: readonly number[], least: number): Comparison {
  return { title, inputs: [shape], build: (x) => ops.sum(x, { axes }), reference: readOnce, least };
}

const million = 2 ** 20;

const comparisons: readonly Comparison[] = [
  ...[16 * 1024, 128 * 1024, million, 4 * million].map((size): Comparison => ({
    title: `GELU of 10 operations, ${size} elements: by hand / program`,
    ...{ inputs: [[size]], build: gelu, least: 0.9 },
    reference: (fused, [x, y], bytes) => fused.gelu(x, y, bytes),
  })),
  ...[4 * 1024, 16 * 1024, 16 * 1024 + 480, 64 * 1024].map((size): Comparison => ({
    title: `a·b·½ + b, ${size} elements: by hand / program`,
    ...{ inputs: [[size], [size]], build: three, least: 0.5, reference: byHand },
  })),
  {
    title: "a·b·½ + b, 48 MB an array: three halves of memory.copy / program",
    ...{ inputs: [[12 * million], [12 * million]], build: three, least: 0.7 },
    // Two arrays are read and one written, where a copy reads one and writes one.
    reference(fused, [a, b, y], bytes) {
      fused.copy(a, y, bytes);
      fused.copy(b, y, bytes / 2);
    },
  },
  { title: "a·b·½ + b, 640 elements: three records / program", inputs: [[640], [640]], build: three, least: 1 },
  {
    title: "a·b·½ + b, 4 M elements: three records / program",
    ...{ inputs: [[4 * million], [4 * million]], build: three, least: 2 },
  },
  ...[1000, 1024, 2000, 2048, 4100].map((size): Comparison => ({
    title: `transposed ${size}²: memory.copy / program`,
    ...{ inputs: [[size, size]], build: transposed, reference: copied },
    least: size % 1024 === 0 ? 0.2 : 0.35,
  })),
  reduction("sum [64, 56, 56, 64] over all: reading / program", [64, 56, 56, 64], [0, 1, 2, 3], 0.7),
  ...[0, 1, 2, 3].map((axis) =>
    reduction(`sum [64, 56, 56, 64] over ${axis}: reading / program`, [64, 56, 56, 64], [axis], 0.7),
  ),
  reduction("sum [4096, 1000] over 0: reading / program", [4096, 1000], [0], 0.7),
  reduction("sum [4096, 1000] over 1: reading / program", [4096, 1000], [1], 0.7),
  reduction("sum [400000, 10] over 1: reading / program", [400000, 10], [1], 0.7),
  reduction("sum [400000, 10] over 0: reading / program", [400000, 10], [0], 0.7),
  ...[
    [0, 2],
    [1, 3],
    [0, 1, 3],
    [0, 1, 2],
  ].map((axes) =>
    reduction(`sum [64, 56, 56, 64] over ${axes.join()}: reading / program`, [64, 56, 56, 64], axes, 0.5),
  ),
  ...(["max", "mean", "argMax", "variance"] as const).map((name): Comparison => ({
    title: `${name} [4096, 1000] over 1: reading / program`,
    ...{ inputs: [[4096, 1000]], reference: readOnce, least: 0.7 },
    build: (x) => (name === "argMax" ? ops.argMax(x, { axis: 1 }) : ops[name](x, { axes: 1 })),
  })),
  ...operationComparisons,
];

/**
 * Prints what pointwise programs, transposed reads and reductions take beside loops that were written by hand, beside a copy and
 * beside reading; one thread.
 */
export async function compareElementwise(build: BuildName, filter = ""): Promise<void> {
  const wasm = readFileSync(new URL(`../build/peak-${build}.wasm`, import.meta.url));
  console.log(`${"ratio".padStart(6)}${"wanted".padStart(8)}${"ns an element".padStart(15)}  what`);
  for (const { title, inputs, build: make, reference, other: otherBuild, least, range = 1 } of comparisons) {
    if (!title.includes(filter)) continue;
    const engine = await createEngine({ build, threads: 1 });
    const program = (fuse: boolean, build = make): Program => {
      const graph = new Graph();
      const values = inputs.map((shape, i) => graph.input(shape, `input ${i}`));
      const made = new Program(engine, graph, { outputs: [build(...values)], fuse });
      values.forEach((value, i) =>
        made.write(
          value,
          uniform(value.size, i + 1).map((x) => range * x),
        ),
      );
      return made;
    };
    const size = inputs[0]!.reduce((product, length) => product * length, 1);
    const bytes = 4 * size;
    const fused = program(true);
    const plain = reference ? undefined : program(otherBuild !== undefined, otherBuild);
    const memory = new WebAssembly.Memory({ initial: Math.ceil((3 * bytes) / pageBytes) + 65, maximum: 8192 });
    const kernels = new WebAssembly.Instance(new WebAssembly.Module(wasm), { env: { memory } })
      .exports as unknown as Fused;
    const first = 64 * pageBytes;
    const arrays = [first, first + bytes + spacing, first + 2 * (bytes + spacing)] as const;
    new Float32Array(memory.buffer, first, size).set(uniform(size, 1));
    new Float32Array(memory.buffer, arrays[1], size).set(uniform(size, 2));
    const [own, other] = measureTogether([
      () => fused.run(),
      reference ? () => reference(kernels, arrays, bytes) : () => plain!.run(),
    ]);
    const ratio = other!.milliseconds / own!.milliseconds;
    const time = ((own!.milliseconds * 1e6) / size).toFixed(3);
    const mark = ratio < least ? "!" : " ";
    console.log(`${ratio.toFixed(2).padStart(6)}${least.toFixed(2).padStart(7)}${mark}${time.padStart(15)}  ${title}`);
    await engine.close();
  }
}
