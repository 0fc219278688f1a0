import { describe, expect, it } from "vitest";
import { ShapeError } from "../../src/engine/index.js";
import { gradients, Graph, Program, type Shape } from "../../src/graph/index.js";
import { sum } from "../../src/ops/reductions/sum.js";
import { matmul, type MatmulAttributes } from "../../src/ops/products/matmul.js";
import { multiply } from "../../src/ops/elementwise/multiply.js";
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
    const refuse = (product: () => unknown, message: string): void => {
      expect(product).toThrow(ShapeError);
      expect(product).toThrow(message);
    };
    refuse(() => matmul(a, b, { transposeB: true }), "a is [2, 3] and b is [4, 5] transposed");
    refuse(() => matmul(vector, b), "a is [3] and b is [4, 5]; the 3 columns of a must be the rows of b, which are 4");
    refuse(() => matmul(vector, a, { transposeA: true }), "a vector, which has no transpose; leave out transposeA");
    refuse(() => matmul(a, vector, { transposeB: true }), "leave out transposeB");
    refuse(() => matmul(graph.input([], "number"), b), "want a vector, a matrix or a stack of matrices");
    refuse(
      () => matmul(graph.input([2, 5, 2, 3], "left"), graph.input([4, 3, 2], "right")),
      "a is [2, 5, 2, 3] and b is [4, 3, 2]; all axes but the last two must be equal or 1, counted from the end",
    );
  });
});

describe("the records of a product of stacks", async () => {
  const engine = await testEngine();
  const kernelsOf = (a: Shape, b: Shape, options: Partial<MatmulAttributes> = {}): readonly string[] => {
    const graph = new Graph();
    const c = matmul(graph.input(a, "a"), graph.input(b, "b"), options);
    const program = new Program(engine, graph, { outputs: [c] });
    const kernels = program.linked.calls.map(({ kernel }) => kernel);
    program.dispose();
    return kernels;
  };

  it("are one for all matrices", () => {
    expect(kernelsOf([64, 64, 32], [64, 32, 64])).toEqual(["gemmBatch"]);
    expect(kernelsOf([8, 2, 20, 16], [2, 16, 24])).toEqual(["gemmBatch"]);
    expect(kernelsOf([20, 16], [8, 16, 24])).toEqual(["gemmBatch"]);
    expect(kernelsOf([16], [8, 16, 24])).toEqual(["gemmBatch"]);
  });

  it("are those of one product of more rows where one matrix stands on the right", () => {
    expect(kernelsOf([8, 20, 16], [16, 24])).toEqual(["gemm"]);
    expect(kernelsOf([4, 4, 10, 16], [1, 1, 16, 24])).toEqual(["gemm"]);
    expect(kernelsOf([8, 20, 16], [16])).toEqual(["gemm"]);
  });

  it("pack each matrix of a transposed operand once, or within the product where they are many", () => {
    expect(kernelsOf([6, 64, 32], [6, 64, 32], { transposeB: true })).toEqual(["gemmPackBatch", "gemmBatch"]);
    expect(kernelsOf([6, 64, 32], [1, 64, 32], { transposeB: true })).toEqual(["gemmPack", "gemm"]);
    expect(kernelsOf([64, 64, 32], [64, 64, 32], { transposeB: true })).toEqual(["gemmBatch"]);
  });

  it("are one product for the gradient of a matrix that all share", () => {
    const graph = new Graph();
    const [a, b] = [graph.input([8, 20, 16], "a"), graph.input([16, 24], "b")];
    const y = matmul(a, b);
    const upstream = graph.input(y.shape, "upstream");
    const outputs = gradients(sum(multiply(y, upstream)), [a, b]);
    const program = new Program(engine, graph, { outputs });
    const kernels = program.linked.calls.map(({ kernel }) => kernel).filter((kernel) => kernel.startsWith("gemmB"));
    expect(kernels).toEqual([]);
    program.dispose();
  });
});
