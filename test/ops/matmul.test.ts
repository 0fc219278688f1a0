import { describe, expect, it } from "vitest";
import { ShapeError } from "../../src/engine/index.js";
import { Graph } from "../../src/graph/index.js";
import { matmul } from "../../src/ops/matmul.js";
import { checkGradient } from "../gradient.js";
import { testEngine } from "../kernel.js";
import { naiveGemm } from "../oracle/gemm.js";

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
