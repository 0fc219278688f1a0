import { describe, expect, it } from "vitest";
import { Graph, Program } from "../src/graph/index.js";
import { conv2d } from "../src/ops/conv2d.js";
import { softmaxCrossEntropy } from "../src/ops/softmaxCrossEntropy.js";
import { testEngine } from "./kernel.js";
import { randomFloats } from "./random.js";

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const vector = (length: number, seed: number): number[] => [...randomFloats(length, seed)];

/** The gradient of f at x by central differences. */
function numericalGradient(f: (x: number[]) => number, x: readonly number[]): number[] {
  const h = 1e-5;
  return x.map((center, i) => {
    const at = (value: number): number => f(x.map((other, j) => (i === j ? value : other)));
    return (at(center + h) - at(center - h)) / (2 * h);
  });
}

/** The largest difference of two vectors; NaN if any element is. */
function distance(a: readonly number[], b: readonly number[]): number {
  return a.reduce((largest, value, i) => {
    const difference = Math.abs(value - b[i]!);
    return Number.isNaN(difference) || difference > largest ? difference : largest;
  }, 0);
}

/** Holds that `right` is the gradient to 1e-8 and `wrong` is off by more than 1 %. */
function expectOnlyFirst(gradient: readonly number[], right: readonly number[], wrong: readonly number[]): void {
  expect(distance(right, gradient)).toBeLessThan(1e-8);
  expect(distance(wrong, gradient)).toBeGreaterThan(0.01);
}

describe("output length of a convolution", () => {
  it("is ⌊(in + 2P − K)/S⌋ + 1, the number of places a kernel fits; with −2P it is not", () => {
    for (const [length, kernel, padding, stride] of [
      [28, 3, 1, 1],
      [7, 3, 2, 2],
      [10, 4, 0, 3],
      [5, 5, 2, 1],
    ] as const) {
      let places = 0;
      for (let start = -padding; start + kernel <= length + padding; start += stride) places++;
      expect(Math.floor((length + 2 * padding - kernel) / stride) + 1).toBe(places);
      if (padding > 0) expect(Math.floor((length - kernel - 2 * padding) / stride) + 1).not.toBe(places);
      const graph = new Graph();
      const y = conv2d(graph.input([1, length, length, 1], "x"), graph.input([kernel, kernel, 1, 1], "w"), undefined, {
        stride: [stride, stride],
        padding: [padding, padding],
      });
      expect(y.shape).toEqual([1, places, places, 1]);
    }
  });
});

describe("batch normalisation", () => {
  const count = 7;
  const epsilon = 1e-3;
  const gamma = 1.7;
  const beta = 0.3;
  const x = vector(count, 1).map((value) => 3 * value + 2);
  const upstream = vector(count, 2);
  const mean = (values: readonly number[]): number => sum(values) / values.length;
  const variance = (values: readonly number[]): number => mean(values.map((value) => (value - mean(values)) ** 2));
  const loss = (values: readonly number[], mu = mean(values), sigma2 = variance(values)): number =>
    sum(values.map((value, i) => upstream[i]! * ((gamma * (value - mu)) / Math.sqrt(sigma2 + epsilon) + beta)));
  const [mu, sigma2] = [mean(x), variance(x)];
  const deviation = Math.sqrt(sigma2 + epsilon);
  const normalised = x.map((value) => (value - mu) / deviation);
  const sumOfProducts = sum(upstream.map((delta, i) => delta * normalised[i]!));

  it("has ∂L/∂x = γ/(N√(σ²+ε))·(Nδ − Σδ − x̂Σδx̂); the Jacobian's diagonal alone is wrong", () => {
    const factor = gamma / (count * deviation);
    const right = upstream.map((delta, i) => factor * (count * delta - sum(upstream) - normalised[i]! * sumOfProducts));
    const wrong = upstream.map((delta, i) => factor * delta * (count - 1 - normalised[i]! ** 2));
    expectOnlyFirst(
      numericalGradient((values) => loss(values), x),
      right,
      wrong,
    );
  });

  it("has ∂L/∂σ² = Σ γδ(x−μ)(−½)(σ²+ε)^(−3/2); with (√(σ²+ε))^(−3/2), or through ∂L/∂γ, it is wrong", () => {
    const gradient = numericalGradient(([value]) => loss(x, mu, value), [sigma2]);
    const through = (power: number): number =>
      sum(x.map((value, i) => gamma * upstream[i]! * (value - mu) * -0.5 * power));
    expectOnlyFirst(gradient, [through((sigma2 + epsilon) ** -1.5)], [through(deviation ** -1.5)]);
    const throughGamma = sumOfProducts * -0.5 * (sigma2 + epsilon) ** -1.5;
    expect(Math.abs(throughGamma - gradient[0]!)).toBeGreaterThan(0.01);
  });

  it("has ∂L/∂μ whose term −2Σ(x−μ)/N is zero", () => {
    const gradient = numericalGradient(([value]) => loss(x, value, mean(x.map((each) => (each - value!) ** 2))), [mu]);
    expect(distance([-sum(upstream.map((delta) => gamma * delta)) / deviation], gradient)).toBeLessThan(1e-8);
    expect(Math.abs((-2 * sum(x.map((value) => value - mu))) / count)).toBeLessThan(1e-14);
  });

  it("is the identity for γ = √(σ²+ε), β = μ, and not for γ = σ", () => {
    const apply = (scale: number): number[] => normalised.map((value) => scale * value + mu);
    expect(distance(apply(deviation), x)).toBeLessThan(1e-14);
    expect(distance(apply(Math.sqrt(sigma2)), x)).toBeGreaterThan(1e-4);
  });
});

describe("softmax", () => {
  const softmax = (z: readonly number[], shift = Math.max(...z)): number[] => {
    const exponentials = z.map((value) => Math.exp(value - shift));
    return exponentials.map((value) => value / sum(exponentials));
  };
  const z = vector(5, 3).map((value) => 3 * value);
  const v = vector(5, 4);
  const s = softmax(z);

  it("has the vector-Jacobian product sᵢ(vᵢ − v·s); the diagonal sᵢ(1−sᵢ)vᵢ alone is wrong", () => {
    const dot = sum(s.map((value, i) => value * v[i]!));
    const right = s.map((value, i) => value * (v[i]! - dot));
    const wrong = s.map((value, i) => value * (1 - value) * v[i]!);
    const gradient = numericalGradient((at) => sum(softmax(at).map((value, i) => value * v[i]!)), z);
    expectOnlyFirst(gradient, right, wrong);
  });

  it("with cross-entropy has the gradient s·Σt − t, for any weights t; s − t is right only where Σt = 1", () => {
    const t = [0.2, 1.5, 0, 0.7, 0.1];
    const loss = (at: readonly number[]): number => -sum(softmax(at).map((value, i) => t[i]! * Math.log(value)));
    const right = s.map((value, i) => value * sum(t) - t[i]!);
    const wrong = s.map((value, i) => value - t[i]!);
    expectOnlyFirst(numericalGradient(loss, z), right, wrong);
  });

  it("at logits (−800, 0, 0) gives NaN in separate operations and exact gradients in the fused kernel", async () => {
    const extreme = [-800, 0, 0];
    const probabilities = softmax(extreme);
    const outer = probabilities.map((value, i) => -(i === 0 ? 1 : 0) / value);
    const dot = sum(probabilities.map((value, i) => value * outer[i]!));
    expect(probabilities.map((value, i) => value * (outer[i]! - dot)).some(Number.isNaN)).toBe(true);

    const engine = await testEngine();
    const graph = new Graph();
    const logits = graph.input([1, 3], "logits", "f32", true);
    const labels = graph.input([1], "labels", "i32");
    const loss = softmaxCrossEntropy(logits, labels);
    const program = new Program(engine, graph, { outputs: [loss], backward: { from: loss }, gradients: [logits] });
    program.write(logits, extreme);
    program.write(labels, [0]);
    program.run();
    expect(program.readScalar(loss)).toBeCloseTo(800 + Math.log(2), 3);
    expect([...program.readGradient(logits)]).toEqual([-1, 0.5, 0.5]);
  });

  it("shifted by the minimum is the same algebra and overflows", () => {
    expect(distance(softmax(z, Math.min(...z)), s)).toBeLessThan(1e-14);
    expect(softmax([0, 800], 0).some(Number.isNaN)).toBe(true);
    expect(softmax([0, 800])).toEqual([0, 1]);
  });
});

describe("the sigmoid", () => {
  it("is 1/(1+e^−z) with σ' = σ(1−σ); 1/(1+e^z) falls instead", () => {
    const sigma = (z: number): number => 1 / (1 + Math.exp(-z));
    const reversed = (z: number): number => 1 / (1 + Math.exp(z));
    const z = [-2, -0.3, 0.4, 1.5];
    const total = (at: readonly number[]): number => sum(at.map(sigma));
    const right = z.map((value) => sigma(value) * (1 - sigma(value)));
    const wrong = numericalGradient((at) => sum(at.map(reversed)), z);
    expectOnlyFirst(numericalGradient(total, z), right, wrong);
  });
});

describe("half the sum of squares", () => {
  it("has dE/dz = −(d−z), not (d−z)", () => {
    const [d, z] = [vector(4, 5), vector(4, 6)];
    const error = (at: readonly number[]): number => 0.5 * sum(at.map((value, i) => (d[i]! - value) ** 2));
    const right = z.map((value, i) => -(d[i]! - value));
    expectOnlyFirst(
      numericalGradient(error, z),
      right,
      right.map((value) => -value),
    );
  });
});

describe("AdaGrad", () => {
  const gradients = vector(20, 7);
  const adagrad = (rate: number): number => {
    let [w, s] = [1, 0];
    for (const g of gradients) {
      s += g * g;
      w -= (rate * g) / Math.sqrt(s);
    }
    return w;
  };
  /** Adam with β₁ = 0 and ε = 0, given β₂ and the rate by step, with or without bias correction. */
  const adam = (beta2: (t: number) => number, rate: (t: number) => number, isCorrected: boolean): number => {
    let [w, v, product] = [1, 0, 1];
    gradients.forEach((g, i) => {
      const beta = beta2(i + 1);
      v = beta * v + (1 - beta) * g * g;
      product *= beta;
      w -= (rate(i + 1) * g) / Math.sqrt(isCorrected ? v / (1 - product) : v);
    });
    return w;
  };
  const decaying = (t: number): number => 0.1 / Math.sqrt(t);

  it("is Adam with β₁ = 0, β₂ = 1 − 1/t, η = η₀/√t, without bias correction", () => {
    expect(Math.abs(adam((t) => 1 - 1 / t, decaying, false) - adagrad(0.1))).toBeLessThan(1e-12);
  });

  it("is not Adam with that schedule and a bias correction by 1 − β₂ᵗ on top", () => {
    let v = 0;
    let w = 1;
    gradients.forEach((g, i) => {
      const beta = 1 - 1 / (i + 1);
      v = beta * v + (1 - beta) * g * g;
      w -= (decaying(i + 1) * g) / Math.sqrt(v / (1 - beta ** (i + 1)));
    });
    expect(Math.abs(w - adagrad(0.1))).toBeGreaterThan(0.01);
  });

  it("is the limit β₂ → 1 of Adam with a constant β₂, only with bias correction", () => {
    const nearOne = (): number => 1 - 1e-9;
    expect(Math.abs(adam(nearOne, decaying, true) - adagrad(0.1))).toBeLessThan(1e-6);
    expect(Math.abs(adam(nearOne, decaying, false) - adagrad(0.1))).toBeGreaterThan(0.01);
  });
});
