import type { Engine } from "../../src/engine/index.js";
import { MemoryRange } from "../../src/graph/index.js";
import { batchNorm as batchNormOp } from "../../src/ops/index.js";
import { randomFloats } from "../random.js";
import {
  centralDifferences,
  compute,
  type Computed,
  type Demonstration,
  dot,
  expectAgreement,
  expectDisagreement,
  sum,
  type Vector,
} from "./compare.js";

const count = 7;
const epsilon = 0.25;
const gamma = 1.75;
const beta = 0.5;
const x: Vector = [...randomFloats(count, 1)].map((value) => Math.fround(3 * value + 2));
const upstream: Vector = [...randomFloats(count, 2)];

const mean = (values: Vector): number => sum(values) / values.length;
const variance = (values: Vector): number => mean(values.map((value) => (value - mean(values)) ** 2));
const [mu, sigma2] = [mean(x), variance(x)];
const deviation = Math.sqrt(sigma2 + epsilon);
const normalised = x.map((value) => (value - mu) / deviation);
const sumOfProducts = dot(upstream, normalised);

/** Batch norm in training, of one channel, by the library. */
function computeNorm(engine: Engine, scale = gamma, shift = beta): Computed {
  const block = engine.memory.allocate(8, "running statistics");
  const data = [x, [scale], [shift]];
  const result = compute(
    engine,
    data.map((data) => ({ shape: data.length === 1 ? [1] : [count, 1], data })),
    (input, gamma, beta) => {
      const { graph } = input;
      const [runningMean, runningVariance] = [0, 4].map((offset) =>
        graph.state([1], MemoryRange.at(block, offset, 4, "running"), "running"),
      );
      return batchNormOp(input, gamma, beta, runningMean, runningVariance, { epsilon, training: true });
    },
    upstream,
  );
  engine.memory.release(block);
  return result;
}

/** Σ upstream·y as a function of x, written out. */
function objective(x: Vector): number {
  const scale = gamma / Math.sqrt(variance(x) + epsilon);
  return sum(x.map((value, i) => upstream[i]! * (scale * (value - mean(x)) + beta)));
}

/** ∂L/∂x put together from the pieces of the notes. */
function fromPieces({
  sigma2Gradient = sum(x.map((value, i) => gamma * upstream[i]! * (value - mu) * -0.5 * deviation ** -3)),
  muGradient = -sum(upstream.map((delta) => gamma * delta)) / deviation,
}: {
  sigma2Gradient?: number;
  muGradient?: number;
}): Vector {
  return x.map(
    (value, i) => (gamma * upstream[i]!) / deviation + (sigma2Gradient * 2 * (value - mu)) / count + muGradient / count,
  );
}

/** ∂L/∂x by the library, which must be what central differences find. */
function inputGradient(engine: Engine): Vector {
  const { y, gradients } = computeNorm(engine);
  // Terms: x̂ is below 2, so γ·x̂ + β is below 4, and the parts of the gradient are below it.
  expectAgreement(
    y,
    normalised.map((value) => gamma * value + beta),
    4,
  );
  expectAgreement(gradients[0]!, centralDifferences(objective, x), 4);
  return gradients[0]!;
}

export const batchNorm: Readonly<Record<string, Demonstration>> = {
  "∂L/∂σ² with (√(σ²+ε))^(−3/2), and through ∂L/∂γ": (engine) => {
    const gradient = inputGradient(engine);
    expectAgreement(gradient, fromPieces({}), 4);
    const wrongPower = sum(x.map((value, i) => gamma * upstream[i]! * (value - mu) * -0.5 * deviation ** -1.5));
    expectDisagreement(gradient, fromPieces({ sigma2Gradient: wrongPower }), 4);
    expectDisagreement(gradient, fromPieces({ sigma2Gradient: sumOfProducts * -0.5 * deviation ** -3 }), 4);
  },

  "∂L/∂μ with the term −2Σ(x−μ)/N": (engine) => {
    const gradient = inputGradient(engine);
    const sigma2Gradient = sum(x.map((value, i) => gamma * upstream[i]! * (value - mu) * -0.5 * deviation ** -3));
    const term = ((-2 * sum(x.map((value) => value - mu))) / count) * sigma2Gradient;
    const without = -sum(upstream.map((delta) => gamma * delta)) / deviation;
    expectAgreement(gradient, fromPieces({ muGradient: without + term }), 4);
    expectAgreement(gradient, fromPieces({ muGradient: without }), 4);
    // The other term is needed.
    expectDisagreement(gradient, fromPieces({ muGradient: term }), 4);
  },

  "∂L/∂xᵢ = δγ/(N√(σ²+ε))·(N−1−x̂ᵢ²), elementwise": (engine) => {
    const gradient = inputGradient(engine);
    const factor = gamma / (count * deviation);
    const whole = upstream.map((delta, i) => factor * (count * delta - sum(upstream) - normalised[i]! * sumOfProducts));
    const diagonal = upstream.map((delta, i) => factor * delta * (count - 1 - normalised[i]! ** 2));
    expectAgreement(gradient, whole, 4);
    expectDisagreement(gradient, diagonal, 4);
  },

  "γ = √Var, β = E gives the identity": (engine) => {
    // Terms up to the largest x, 5.
    expectAgreement(computeNorm(engine, deviation, mu).y, x, 5);
    expectDisagreement(computeNorm(engine, Math.sqrt(sigma2), mu).y, x, 5);
  },
};
