import { describe, expect, it } from "vitest";
import { ShapeError } from "../../src/engine/index.js";
import { Graph, Program, type Shape, sizeOf } from "../../src/graph/index.js";
import { linear } from "../../src/ops/products/linear.js";
import { expectClose } from "../expect.js";
import { checkGradient } from "../gradient.js";
import { testEngine } from "../kernel.js";
import { naiveGemm } from "../oracle/gemm.js";
import { randomFloats } from "../random.js";

type Dimensions = readonly [batch: number, inFeatures: number, outFeatures: number];

/** x·W + b in float64. */
function oracle([batch, inFeatures, outFeatures]: Dimensions, relu: boolean) {
  return ([x, weight, bias]: readonly Float64Array[]): Float64Array =>
    naiveGemm({
      ...{ M: batch, N: outFeatures, K: inFeatures, bias, relu },
      a: { data: x!, stride: inFeatures, isTransposed: false },
      b: { data: weight!, stride: outFeatures, isTransposed: false },
    });
}

describe("linear", async () => {
  const engine = await testEngine();

  it.each([
    [1, 1, 1],
    [1, 13, 9],
    [2, 5, 3],
    [5, 7, 8],
    [17, 9, 10],
    [16, 16, 24],
  ])("of %i × %i to %i features has the gradients of x·W + b", (...dimensions) => {
    const [batch, inFeatures, outFeatures] = dimensions;
    const inputs = [{ shape: [batch, inFeatures] }, { shape: [inFeatures, outFeatures] }, { shape: [outFeatures] }];
    checkGradient(engine, inputs, ([x, w, b]) => linear(x!, w!, b), oracle(dimensions, false));
    checkGradient(engine, inputs.slice(0, 2), ([x, w]) => linear(x!, w!), oracle(dimensions, false));
  });

  it.each([
    [1, 13, 9],
    [5, 7, 8],
    [17, 9, 10],
  ])("of %i × %i to %i features has the gradients of max(x·W + b, 0)", (...dimensions) => {
    const [batch, inFeatures, outFeatures] = dimensions;
    const inputs = [{ shape: [batch, inFeatures] }, { shape: [inFeatures, outFeatures] }, { shape: [outFeatures] }];
    checkGradient(engine, inputs, ([x, w, b]) => linear(x!, w!, b, { relu: true }), oracle(dimensions, true));
    checkGradient(
      engine,
      inputs.slice(0, 2),
      ([x, w]) => linear(x!, w!, undefined, { relu: true }),
      oracle(dimensions, true),
    );
  });

  it.each([[[7]], [[2, 3, 7]], [[2, 1, 3, 7]], [[0, 2, 7]]])(
    "of x %j takes all axes but the last as the batch",
    (shape) => {
      const rows = sizeOf(shape) / 7;
      const inputs = [{ shape }, { shape: [7, 5] }, { shape: [5] }];
      for (const relu of [false, true]) {
        checkGradient(engine, inputs, ([x, w, b]) => linear(x!, w!, b, { relu }), oracle([rows, 7, 5], relu));
      }
      const graph = new Graph();
      const y = linear(graph.input(shape, "x"), graph.input([7, 5], "weight"));
      expect(y.shape).toEqual([...shape.slice(0, -1), 5]);
    },
  );

  it("has the right gradients where the sums run over thousands of samples", () => {
    const [batch, inFeatures, outFeatures] = [5000, 3, 5];
    const graph = new Graph();
    const x = graph.input([batch, inFeatures], "x");
    const weight = graph.input([inFeatures, outFeatures], "weight", "f32", true);
    const bias = graph.input([outFeatures], "bias", "f32", true);
    const dy = graph.input([batch, outFeatures], "dy");
    const y = linear(x, weight, bias);
    const options = { outputs: [y], backward: { from: y, gradient: dy }, gradients: [weight, bias] };
    const program = new Program(engine, graph, options);
    const data = randomFloats(x.size, 1);
    const upstream = randomFloats(y.size, 2);
    program.write(x, data);
    program.write(weight, randomFloats(weight.size, 3));
    program.write(bias, randomFloats(bias.size, 4));
    program.write(dy, upstream);
    program.run();
    const b = { data: upstream, stride: outFeatures, isTransposed: false };
    const ones = { data: new Float32Array(batch).fill(1), stride: batch, isTransposed: false };
    const a = { data, stride: inFeatures, isTransposed: true };
    const tolerance = { absolute: 1e-3, relative: 1e-5 };
    const N = outFeatures;
    expectClose(program.readGradient(weight), naiveGemm({ M: inFeatures, N, K: batch, a, b }), tolerance);
    expectClose(program.readGradient(bias), naiveGemm({ M: 1, N, K: batch, a: ones, b }), tolerance);
    program.dispose();
  });

  it("emits no record for the gradient of an input that needs none", () => {
    const kernels = (needsGradient: boolean): string[] => {
      const graph = new Graph();
      const x = graph.input([32, 20], "x", "f32", needsGradient);
      const weight = graph.input([20, 30], "weight", "f32", true);
      const bias = graph.input([30], "bias", "f32", true);
      const y = linear(x, weight, bias, { relu: true });
      const gradients = needsGradient ? [x, weight, bias] : [weight, bias];
      const program = new Program(engine, graph, { outputs: [y], backward: { from: y }, gradients });
      program.dispose();
      return program.linked.calls.map((call) => call.kernel);
    };
    const products = (records: string[]): number => records.filter((kernel) => kernel === "gemm").length;
    expect(products(kernels(true))).toBe(3);
    expect(products(kernels(false))).toBe(2);
    expect(kernels(true).slice(0, kernels(false).length)).toEqual(kernels(false));
  });

  it.each<[string, Shape, Shape, Shape]>([
    ["x has shape []", [], [4, 2], [2]],
    ["weight has shape [5, 2], want [4, outFeatures]", [3, 4], [5, 2], [2]],
    ["weight has shape [4], want [4, outFeatures]", [3, 4], [4], [2]],
    ["bias has shape [3], want [2]", [3, 4], [4, 2], [3]],
  ])("refuses with “%s”", (message, x, weight, bias) => {
    const graph = new Graph();
    const call = (): unknown => linear(graph.input(x, "x"), graph.input(weight, "w"), graph.input(bias, "b"));
    expect(call).toThrow(ShapeError);
    expect(call).toThrow(message);
  });
});
