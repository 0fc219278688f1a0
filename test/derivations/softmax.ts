import { expect } from "vitest";
import type { Engine } from "../../src/engine/index.js";
import { Graph, Program } from "../../src/graph/index.js";
import { log, logSoftmax, softmax as softmaxOp, softmaxCrossEntropy } from "../../src/ops/index.js";
import { randomFloats } from "../random.js";
import {
  centralDifferences,
  compute,
  type Demonstration,
  dot,
  expectAgreement,
  expectDisagreement,
  sum,
  type Vector,
} from "./compare.js";

/** ln Σ e^z, shifted by the maximum or by something else. */
function logSumExp(z: Vector, shift = Math.max(...z)): number {
  return shift + Math.log(sum(z.map((value) => Math.exp(value - shift))));
}

const logProbabilities = (z: Vector, shift?: number): Vector => z.map((value) => value - logSumExp(z, shift));
const probabilities = (z: Vector): Vector => logProbabilities(z).map(Math.exp);

const z: Vector = [...randomFloats(5, 3)].map((value) => Math.fround(3 * value));
const v: Vector = [...randomFloats(5, 4)];
const s = probabilities(z);
const row = (data: Vector) => ({ shape: [1, data.length], data });

/** Loss and ∂L/∂z of the fused operation for one sample. */
function computeFused(engine: Engine, z: Vector, label: number): { loss: number; gradient: Vector } {
  const graph = new Graph();
  const logits = graph.input([1, z.length], "logits", "f32", true);
  const labels = graph.input([1], "labels", "i32");
  const loss = softmaxCrossEntropy(logits, labels);
  const program = new Program(engine, graph, { outputs: [loss], backward: { from: loss }, gradients: [logits] });
  program.write(logits, z);
  program.write(labels, [label]);
  program.run();
  const result = { loss: program.readScalar(loss), gradient: [...program.readGradient(logits)] };
  program.dispose();
  return result;
}

export const softmax: Readonly<Record<string, Demonstration>> = {
  "softmax VJP sᵢ(vᵢ − v·s); ∂sᵢ/∂zⱼ = sᵢ(δᵢⱼ − sⱼ)": (engine) => {
    const { y, gradients } = compute(engine, [row(z)], (x) => softmaxOp(x), v);
    expectAgreement(y, s);
    expectAgreement(
      gradients[0]!,
      centralDifferences((at) => dot(v, probabilities(at)), z),
    );
    expectAgreement(
      gradients[0]!,
      s.map((value, i) => value * (v[i]! - dot(v, s))),
    );
    expectDisagreement(
      gradients[0]!,
      s.map((value, i) => value * (1 - value) * v[i]!),
    );
    z.forEach((_, i) => {
      const unit = z.map((_, j) => Number(i === j));
      const jacobianRow = compute(engine, [row(z)], (x) => softmaxOp(x), unit).gradients[0]!;
      expectAgreement(
        jacobianRow,
        centralDifferences((at) => probabilities(at)[i]!, z),
      );
      expectAgreement(
        jacobianRow,
        s.map((value, j) => s[i]! * (unit[j]! - value)),
      );
    });
  },

  'cross-entropy gradient −t/s "divides by zero when s = 0"': (engine) => {
    const separate = (z: Vector, t: Vector): Vector =>
      compute(
        engine,
        [row(z)],
        (logits) => log(softmaxOp(logits)),
        t.map((value) => -value),
      ).gradients[0]!;
    const lossOf =
      (t: Vector) =>
      (at: Vector): number =>
        -dot(t, logProbabilities(at));
    const oneHot = (label: number, length: number): Vector => Array.from({ length }, (_, i) => Number(i === label));

    // At usual logits the separate operations and the fused one are the same function.
    const t = oneHot(2, 5);
    const usual = computeFused(engine, z, 2);
    expectAgreement([usual.loss], [lossOf(t)(z)], 8);
    for (const gradient of [separate(z, t), usual.gradient]) {
      expectAgreement(gradient, centralDifferences(lossOf(t), z));
      expectAgreement(
        gradient,
        s.map((value, i) => value - t[i]!),
      );
    }

    // Where a probability underflows, one divides by zero and the other is exact.
    const extreme = [-800, 0, 0];
    expect(separate(extreme, oneHot(0, 3)).some(Number.isNaN)).toBe(true);
    const fused = computeFused(engine, extreme, 0);
    expectAgreement([fused.loss], [lossOf(oneHot(0, 3))(extreme)], 800);
    expect(fused.gradient).toEqual([-1, 0.5, 0.5]);
    expectAgreement(fused.gradient, centralDifferences(lossOf(oneHot(0, 3)), extreme));

    // For weights of any sum the gradient is s·Σt − t.
    const weights = [0.25, 1.5, 0, 0.75, 0.125];
    const { gradients } = compute(
      engine,
      [row(z)],
      (x) => logSoftmax(x),
      weights.map((value) => -value),
    );
    expectAgreement(gradients[0]!, centralDifferences(lossOf(weights), z), 3);
    expectAgreement(
      gradients[0]!,
      s.map((value, i) => value * sum(weights) - weights[i]!),
      3,
    );
    expectDisagreement(
      gradients[0]!,
      s.map((value, i) => value - weights[i]!),
      3,
    );
  },

  "log-softmax shifted by the minimum": (engine) => {
    const largest = Math.max(...logProbabilities(z).map(Math.abs));
    const { y, gradients } = compute(engine, [row(z)], (x) => logSoftmax(x), v);
    expectAgreement(y, logProbabilities(z, Math.min(...z)), largest);
    expectAgreement(
      gradients[0]!,
      centralDifferences((at) => dot(v, logProbabilities(at, Math.min(...at))), z),
      3,
    );

    const extreme = [0, 800];
    expect(logProbabilities(extreme, Math.min(...extreme))).toEqual([-Infinity, -Infinity]);
    const shifted = compute(engine, [row(extreme)], (x) => logSoftmax(x), [1, 0]);
    expect(shifted.y).toEqual([-800, 0]);
    expect(shifted.gradients[0]).toEqual([1, -1]);
    expectAgreement(
      shifted.gradients[0]!,
      centralDifferences((at) => logProbabilities(at)[0]!, extreme),
    );
    expect(compute(engine, [row(extreme)], (x) => softmaxOp(x), [1, 0]).y).toEqual([0, 1]);
  },
};
