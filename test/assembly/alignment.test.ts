import { describe, expect, it } from "vitest";
import type { KernelName } from "../../src/engine/index.js";
import { expectIdentical } from "../expect.js";
import { instructionFields } from "../instruction.js";
import { type KernelArgument, Output, runKernel, testedBuilds, testEngine } from "../kernel.js";
import { randomFloats } from "../random.js";

const count = 44;
const [first, second, third] = [1, 2, 3].map((seed) => randomFloats(count, seed)) as [
  Float32Array,
  Float32Array,
  Float32Array,
];
const positive = third.map(Math.abs);
const update = { weights: first, gradients: second, learningRate: Float32Array.of(0.1), count };
const updated = ["weights", "velocity", "sumOfSquares", "firstMoment", "secondMoment"];
const beta = { rest1: 0.1, rest2: 0.01, beta2: 0.99, epsilon: 1e-8, weightDecay: 0, decoupled: false };
const correction = { biasCorrection1: Float32Array.of(1), biasCorrection2: Float32Array.of(1) };
const random = [Uint32Array.of(1), Uint32Array.of(2), Uint32Array.of(0, 2 ** 31, 0x40000000)];
const product = {
  ...{ a: first, c: new Output(16), bias: 0, M: 4, N: 4, K: 4, lda: 4, ldb: 4, ldc: 4, chunk: 4, alpha: 1, beta: 0 },
  ...{ transposeA: false, transposeB: false, packedA: false, relu: false },
};

const cases: readonly (readonly [KernelName, Readonly<Record<string, KernelArgument>>])[] = [
  ["relu", { x: first, y: new Output(count), count }],
  ["reluBackward", { y: first, dy: second, dx: new Output(count), count }],
  ["pointwise", instructionFields("add", [first, second])],
  ["pointwise", instructionFields("multiply", [first, 3])],
  ["pointwise", instructionFields("exp", [first])],
  ["pointwise", instructionFields("dropout", [first, ...random])],
  ["sgd", { ...update, velocity: third, momentum: 0.9, nesterov: false, weightDecay: 0 }],
  ["adagrad", { ...update, sumOfSquares: positive, epsilon: 1e-8, weightDecay: 0 }],
  ["adam", { ...update, firstMoment: third, secondMoment: positive, ...beta, ...correction }],
  ["gemmPack", { b: first, packed: new Output(32), rowStride: 4, columnStride: 1, K: 4, N: 4 }],
  ["gemm", { ...product, b: second.slice(0, 32), packedB: true, scratch: 0, slots: 1, slotBytes: 0 }],
  ["gemm", { ...product, b: second, packedB: false, scratch: new Output(32), slots: 1, slotBytes: 128 }],
];

describe.each(testedBuilds)("a pointer that is a multiple of 4 only (%s)", async (build) => {
  const engine = await testEngine(build);

  it.each(cases)("gives the same bits to %s", (kernel, fields) => {
    const onLine = runKernel(engine, kernel, fields, { inPlace: updated });
    for (const shift of [4, 8, 12]) {
      const results = runKernel(engine, kernel, fields, { inPlace: updated, shift });
      for (const [name, value] of Object.entries(fields)) {
        if (name !== "scratch" && (value instanceof Output || value instanceof Float32Array)) {
          expectIdentical(results[name]!, onLine[name]!);
        }
      }
    }
  });
});

it.each(cases)("%s asserts that a pointer is a multiple of 4", async (kernel, fields) => {
  const engine = await testEngine("debug");
  const filled = Object.entries(fields).map(([name, value]) => {
    return [name, value instanceof Output ? new Float32Array(value.length) : value] as const;
  });
  const options = { inPlace: Object.keys(fields), shift: 2 };
  expect(() => runKernel(engine, kernel, Object.fromEntries(filled), options)).toThrow(/assertion failed/);
});
