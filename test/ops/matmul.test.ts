import { describe, expect, it } from "vitest";
import { ShapeError } from "../../src/engine/index.js";
import { Graph, Program } from "../../src/graph/index.js";
import { matmul } from "../../src/ops/matmul.js";
import { checkGradient } from "../gradient.js";
import { testEngine } from "../kernel.js";
import { naiveGemm } from "../oracle/gemm.js";
import { randomFloats } from "../random.js";

const forms = [
  { transposeA: false, transposeB: false },
  { transposeA: false, transposeB: true },
  { transposeA: true, transposeB: false },
  { transposeA: true, transposeB: true },
];
const sizes = [
  [1, 1, 1],
  [3, 5, 2],
  [9, 17, 10],
  [20, 3, 17],
] as const;

describe("matmul", async () => {
  const engine = await testEngine();

  it.each(forms)("has the gradients of the product with %o", (form) => {
    for (const [M, N, K] of sizes) {
      const a = form.transposeA ? [K, M] : [M, K];
      const b = form.transposeB ? [N, K] : [K, N];
      checkGradient(
        engine,
        [{ shape: a }, { shape: b }],
        ([left, right]) => matmul(left!, right!, form),
        ([left, right]) =>
          naiveGemm({
            ...{ M, N, K },
            a: { data: left!, stride: a[1]!, isTransposed: form.transposeA },
            b: { data: right!, stride: b[1]!, isTransposed: form.transposeB },
          }),
      );
    }
  });

  it.each(forms)("is within K · 2⁻²⁴ of the terms' magnitudes where operands are packed, with %o", (form) => {
    for (const [M, N, K] of [
      [300, 40, 410],
      [36, 300, 230],
      [40, 2100, 130],
      [3, 70, 2500],
      [5, 9, 2500],
    ] as const) {
      const graph = new Graph();
      const a = graph.input(form.transposeA ? [K, M] : [M, K], "a");
      const b = graph.input(form.transposeB ? [N, K] : [K, N], "b");
      const c = matmul(a, b, form);
      const program = new Program(engine, graph, { outputs: [c] });
      const data = [randomFloats(a.size, 1), randomFloats(b.size, 2)] as const;
      program.write(a, data[0]);
      program.write(b, data[1]);
      program.run();
      const product = (map: (value: number) => number): Float64Array =>
        naiveGemm({
          ...{ M, N, K },
          a: { data: data[0].map(map), stride: a.shape[1]!, isTransposed: form.transposeA },
          b: { data: data[1].map(map), stride: b.shape[1]!, isTransposed: form.transposeB },
        });
      const magnitudes = product(Math.abs);
      const actual = program.read(c);
      product((value) => value).forEach((value, i) => {
        const difference = Math.abs(actual[i]! - value);
        if (!(difference <= K * 2 ** -24 * magnitudes[i]!)) expect.fail(`element ${i} is off by ${difference}`);
      });
      program.dispose();
    }
  });

  it("adds both gradients of a matrix that is multiplied by itself", () => {
    const operand = (data: Float64Array, isTransposed: boolean) => ({ data, stride: 3, isTransposed });
    checkGradient(
      engine,
      [{ shape: [4, 3] }],
      ([x]) => matmul(x!, x!, { transposeB: true }),
      ([x]) => naiveGemm({ M: 4, N: 4, K: 3, a: operand(x!, false), b: operand(x!, true) }),
    );
  });

  it("refuses shapes that do not fit, saying which", () => {
    const graph = new Graph();
    const [a, b, vector] = [graph.input([2, 3], "a"), graph.input([4, 5], "b"), graph.input([3], "vector")];
    expect(() => matmul(a, vector)).toThrow(ShapeError);
    expect(() => matmul(a, vector)).toThrow("b has shape [3], want rank 2");
    expect(() => matmul(a, b, { transposeB: true })).toThrow(ShapeError);
    expect(() => matmul(a, b, { transposeB: true })).toThrow("a is [2, 3] and b is [4, 5] transposed");
  });
});
