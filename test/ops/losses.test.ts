import { describe, expect, it } from "vitest";
import { ShapeError } from "../../src/engine/index.js";
import { Graph, Program } from "../../src/graph/index.js";
import { accuracy } from "../../src/ops/losses/accuracy.js";
import { softmaxCrossEntropy } from "../../src/ops/losses/softmaxCrossEntropy.js";
import { halfSumOfSquares, meanSquaredError } from "../../src/ops/losses/distances.js";
import { expectClose } from "../expect.js";
import { checkGradient } from "../gradient.js";
import { testEngine } from "../kernel.js";
import * as oracle from "../oracle/loss.js";
import { randomFloats } from "../random.js";

describe("squared error losses", async () => {
  const engine = await testEngine();

  it.each([[[1]], [[7]], [[3, 5]], [[2, 3, 4]]])("have the right values and gradients for shape %j", (shape) => {
    checkGradient(
      engine,
      [{ shape }, { shape }],
      ([a, b]) => meanSquaredError(a!, b!),
      ([a, b]) => [oracle.squaredDistance(a!, b!) / a!.length],
    );
    checkGradient(
      engine,
      [{ shape }, { shape }],
      ([a, b]) => halfSumOfSquares(a!, b!),
      ([a, b]) => [oracle.squaredDistance(a!, b!) / 2 / shape[0]!],
    );
  });
});

describe("softmaxCrossEntropy", async () => {
  const engine = await testEngine();
  const labelsOf = (batch: number, classes: number) => Int32Array.from({ length: batch }, (_, i) => (i * 3) % classes);

  it.each([
    [1, 2],
    [5, 10],
    [16, 3],
  ])("is the mean over %i×%i logits, with gradient (softmax − onehot)/B·dLoss", (batch, classes) => {
    const graph = new Graph();
    const logits = graph.input([batch, classes], "logits", "f32", true);
    const labels = graph.input([batch], "labels", "i32");
    const loss = softmaxCrossEntropy(logits, labels);
    const hits = accuracy(logits, labels);
    const upstream = graph.input([1], "upstream");
    const program = new Program(engine, graph, {
      outputs: [loss, hits],
      backward: { from: loss, gradient: upstream },
      gradients: [logits],
    });
    const x = randomFloats(batch * classes, 3, 4);
    const t = labelsOf(batch, classes);
    program.write(logits, x);
    program.write(labels, t);
    program.write(upstream, [0.7]);
    program.run();
    const losses = oracle.crossEntropies(x, t, classes);
    expectClose(program.read(loss), [losses.reduce((a, b) => a + b) / batch], { relative: 1e-6 });
    expect(program.readScalar(hits)).toBe(oracle.hits(x, t, classes).reduce((a, b) => a + b));
    const expected = oracle.softmax(x, classes);
    t.forEach((label, row) => (expected[row * classes + label]! -= 1));
    const gradient = expected.map((value) => (value * 0.7) / batch);
    expectClose(program.readGradient(logits), gradient, { absolute: 1e-7 });
    program.dispose();
  });

  it("gives the same loss without a backward pass", () => {
    const graph = new Graph();
    const logits = graph.input([4, 3], "logits");
    const labels = graph.input([4], "labels", "i32");
    const loss = softmaxCrossEntropy(logits, labels);
    const program = new Program(engine, graph, { outputs: [loss] });
    const x = randomFloats(12);
    program.write(logits, x);
    program.write(labels, [0, 1, 2, 0]);
    program.run();
    const losses = oracle.crossEntropies(x, [0, 1, 2, 0], 3);
    expectClose(program.read(loss), [losses.reduce((a, b) => a + b) / 4], { relative: 1e-6 });
    program.dispose();
  });

  it("refuses float labels and shapes that do not fit, saying what it got", () => {
    const graph = new Graph();
    const logits = graph.input([4, 3], "logits");
    expect(() => softmaxCrossEntropy(logits, graph.input([4], "labels"))).toThrow(/int32 labels of shape \[4\].*f32/);
    expect(() => accuracy(logits, graph.input([5], "labels", "i32"))).toThrow(/\[5\]/);
    expect(() => softmaxCrossEntropy(graph.input([3], "logits"), graph.input([3], "labels", "i32"))).toThrow(
      ShapeError,
    );
  });
});
