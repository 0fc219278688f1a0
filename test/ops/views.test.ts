import { describe, expect, it } from "vitest";
import type { KernelName } from "../../src/engine/index.js";
import { gradients, Graph, Program, type Shape, type Value } from "../../src/graph/index.js";
import { accuracy } from "../../src/ops/losses/accuracy.js";
import { sum } from "../../src/ops/reductions/sum.js";
import { conv2d } from "../../src/ops/convolution/conv2d.js";
import { linear } from "../../src/ops/products/linear.js";
import { logSoftmax } from "../../src/ops/activations/logSoftmax.js";
import { matmul } from "../../src/ops/products/matmul.js";
import { multiply } from "../../src/ops/elementwise/multiply.js";
import { permute } from "../../src/ops/structure/permute.js";
import { reshape } from "../../src/ops/structure/reshape.js";
import { meanSquaredError } from "../../src/ops/losses/distances.js";
import { softmax } from "../../src/ops/activations/softmax.js";
import { softmaxCrossEntropy } from "../../src/ops/losses/softmaxCrossEntropy.js";
import { testEngine } from "../kernel.js";
import { backwards, type Layout, lying, ordered } from "../layouts.js";

describe("records that read a view", async () => {
  const engine = await testEngine();
  type Operand = (layout: Layout) => Value;

  /** The kernels that run; a view that is copied first is a stridedCopy. */
  const kernelsOf = (build: (view: Operand, dense: (shape: Shape) => Value) => readonly Value[]): KernelName[] => {
    const graph = new Graph();
    const outputs = build(
      (layout) => lying(graph, layout)[0],
      (shape) => graph.input(shape, "dense"),
    );
    const program = new Program(engine, graph, { outputs });
    const kernels = program.linked.calls.map(({ kernel }) => kernel);
    program.dispose();
    return kernels;
  };
  /** [batch, heads, length, features] of what lies as [batch, length, heads, features]. */
  const heads = (shape: Shape): Layout => ordered(shape, [0, 2, 1, 3]);
  const transposed = (shape: Shape, gap = 0): Layout => ordered(shape, [1, 0], 1, gap);
  const columns = (shape: Shape): Layout => ordered(shape, [...shape.keys()], 1, 7);
  const repeated = (shape: Shape): Layout => ({ ...ordered(shape, [0, 1]), strides: [0, 1] });

  it("are those of a product alone: heads, transposed matrices, slices and repeated rows", () => {
    const shape = [2, 4, 40, 16];
    expect(kernelsOf((view) => [matmul(view(heads(shape)), view(heads([2, 4, 16, 24])))])).toEqual(["gemmBatch"]);
    expect(kernelsOf((view) => [matmul(view(heads(shape)), view(heads(shape)), { transposeB: true })])).toEqual([
      "gemmPackBatch",
      "gemmBatch",
    ]);
    for (const layout of [transposed, columns, repeated]) {
      expect(kernelsOf((view, dense) => [matmul(view(layout([40, 30])), dense([30, 20]))])).toEqual(["gemm"]);
      expect(kernelsOf((view, dense) => [linear(view(layout([40, 30])), dense([30, 20]))])).toEqual(["gemm"]);
    }
    for (const layout of [columns, repeated]) {
      expect(kernelsOf((view, dense) => [matmul(dense([40, 30]), view(layout([30, 20])))])).toEqual(["gemm"]);
    }
    expect(kernelsOf((view, dense) => [matmul(dense([40, 30]), view(transposed([30, 20], 3)))])).toEqual([
      "gemmPack",
      "gemm",
    ]);
  });

  it("are those of a product's gradients alone", () => {
    const kernels = kernelsOf((view, dense) => {
      const [x, weight] = [view(transposed([40, 30])), view(columns([30, 20]))];
      return gradients(meanSquaredError(linear(x, weight), dense([40, 20])), [x, weight]);
    });
    expect(kernels.filter((kernel) => kernel === "stridedCopy")).toEqual([]);
  });

  it("begin with one copy where no stride of a matrix is 1", () => {
    expect(kernelsOf((view, dense) => [matmul(view(backwards([40, 30])), dense([30, 20]))])).toEqual([
      "stridedCopy",
      "gemm",
    ]);
  });

  it("are those of a convolution, whose border copy reads channels first, slices and images backwards", () => {
    const shape = [2, 9, 8, 5];
    const images = [ordered(shape, [0, 3, 1, 2]), columns(shape), backwards(shape)];
    for (const layout of images) {
      const kernels = kernelsOf((view, dense) => {
        return [conv2d(view(layout), dense([3, 3, 5, 6]), undefined, { padding: 1 })];
      });
      expect(kernels).toEqual(["convPad", "gemmPack", "conv2d"]);
    }
    const withoutBorder = kernelsOf((view, dense) => [conv2d(view(images[0]!), dense([3, 3, 5, 6]))]);
    expect([...withoutBorder].sort()).toEqual(["conv2d", "gemmPack", "stridedCopy"]);
  });

  it("are those of operations along rows that lie apart", () => {
    const shape = [6, 10];
    const labels = (x: Value): Value => x.graph.constant([6], new Int32Array(6));
    for (const layout of [columns, repeated]) {
      expect(kernelsOf((view) => [softmax(view(layout(shape)))])).toEqual(["softmax"]);
      expect(kernelsOf((view) => [logSoftmax(view(layout(shape)))])).toEqual(["logSoftmax"]);
      const loss = kernelsOf((view) => {
        const x = view(layout(shape));
        return [softmaxCrossEntropy(x, labels(x)), accuracy(x, labels(x))];
      });
      expect(loss).toEqual(["softmaxCrossEntropy", "sum", "accuracy", "sum"]);
    }
    expect(kernelsOf((view) => [softmax(view(columns([2, 3, 10])))])).toEqual(["softmax"]);
    expect(kernelsOf((view) => [softmax(view(transposed(shape)))])).toEqual(["stridedCopy", "softmax"]);
  });

  it("of an attention copy nothing but what its heads have in common, forward and backward", () => {
    const kernels = kernelsOf((_, dense) => {
      const [batch, length, count, features] = [2, 40, 4, 16];
      const split = (x: Value): Value => permute(reshape(x, [batch, length, count, features]), [0, 2, 1, 3]);
      const merge = (x: Value): Value => reshape(permute(x, [0, 2, 1, 3]), [batch, length, count * features]);
      const inputs = [0, 1, 2].map(() => dense([batch, length, count * features]));
      const [queries, keys, values] = inputs.map(split) as [Value, Value, Value];
      const weights = softmax(matmul(queries, keys, { transposeB: true }));
      const attended = merge(matmul(weights, values));
      return [attended, ...gradients(sum(multiply(attended, dense(attended.shape))), inputs)];
    });
    const products = ["gemmBatch", "softmax", "gemmBatch", "gemmBatch", "gemmBatch", "softmaxBackward", "gemmBatch"];
    expect(kernels.filter((kernel) => /^gemmB|^softmax/.test(kernel))).toEqual([...products, "gemmBatch"]);
    // The heads of the result side by side, and those of the gradients of queries, keys and values.
    expect(kernels.filter((kernel) => kernel === "stridedCopy").length).toBe(4);
  });
});
