import { describe, expect, it } from "vitest";
import { ArgumentError, losses, nn, ops, optim, ShapeError, Trainer } from "../../src/index.js";
import { expectClose, expectIdentical } from "../expect.js";
import { testEngine } from "../kernel.js";
import { randomFloats } from "../random.js";
import { type Given, trainOn } from "./given.js";

const engine = await testEngine();
const shapes = { matrix: [4, 3], bias: [3], kernel: [2, 2, 3], gain: [5] };
const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);
const given: Given = {
  weights: Object.fromEntries(
    Object.entries(shapes).map(([name, shape], i) => [name, { shape, data: randomFloats(sizeOf(shape), i + 1) }]),
  ),
  gradients: Array.from({ length: 4 }, (_, step) =>
    Object.fromEntries(
      Object.entries(shapes).map(([name, shape], i) => [name, randomFloats(sizeOf(shape), 10 * step + i + 20)]),
    ),
  ),
};
const names = Object.keys(shapes);
const last = (optimizer: optim.Optimizer): Readonly<Record<string, Float32Array>> =>
  trainOn(engine, optimizer, given).after.at(-1)!;

/** Names of the kernels of an update. */
function kernelsOf(optimizer: optim.Optimizer): readonly string[] {
  const { trainer } = trainOn(engine, optimizer, { ...given, gradients: [] });
  const inputs = new Float32Array(names.reduce((sum, name) => sum + given.weights[name]!.data.length, 0));
  const dataset = { length: 1, inputs, inputShape: [inputs.length], targets: Float32Array.of(0), targetShape: [] };
  const { linked, sections } = trainer.trainingProgram(dataset, 1);
  const { first, count } = sections.after;
  return linked.calls.slice(first, first + count).map(({ kernel }) => kernel);
}

describe("parameter groups", () => {
  it("have options of their own: no decay on biases and norms is one line", () => {
    const rate = { learningRate: 0.1 };
    const grouped = last(
      optim.adamW({ ...rate, weightDecay: 0.3, groups: [{ match: optim.biasesAndNorms, weightDecay: 0 }] }),
    );
    const [decayed, plain] = [0.3, 0].map((weightDecay) => last(optim.adamW({ ...rate, weightDecay })));
    for (const name of ["matrix", "kernel"]) expectIdentical(grouped[name]!, decayed![name]!);
    for (const name of ["bias", "gain"]) expectIdentical(grouped[name]!, plain![name]!);
  });

  it("are found by a pattern of names, the first that matches; rates and momenta are theirs", () => {
    const momentum = { momentum: 0.9 };
    const grouped = last(
      optim.sgd({
        learningRate: 0.1,
        groups: [
          { match: /bias$/, learningRate: 0.02, ...momentum },
          { match: /a/, maximize: true, weightDecay: undefined },
        ] as never,
      }),
    );
    expectIdentical(grouped.bias!, last(optim.sgd({ learningRate: 0.02, ...momentum })).bias!);
    const up = last(optim.sgd({ learningRate: 0.1, maximize: true }));
    for (const name of ["matrix", "gain"]) expectIdentical(grouped[name]!, up[name]!);
    expectIdentical(grouped.kernel!, last(optim.sgd({ learningRate: 0.1 })).kernel!);
  });

  it("of matrices and of all others are two records", () => {
    const groups = [{ match: optim.biasesAndNorms, weightDecay: 0 }];
    expect(kernelsOf(optim.adamW({ learningRate: 0.1 }))).toEqual(["checkFinite", "adam"]);
    expect(kernelsOf(optim.adamW({ learningRate: 0.1, groups }))).toEqual(["checkFinite", "adam", "adam"]);
    expect(kernelsOf(optim.lion({ learningRate: 0.1, groups }))).toEqual(["checkFinite", "pointwise", "pointwise"]);
  });

  it.each<[string, (given: never) => unknown]>([
    ["groups must be an array", () => optim.sgd({ learningRate: 1, groups: {} as never })],
    ["match must be a function", () => optim.sgd({ learningRate: 1, groups: [{ weightDecay: 0 } as never] })],
    ["groups[0] has no option", () => optim.sgd({ learningRate: 1, groups: [{ match: /a/, decay: 0 } as never] })],
    ["groups[0] wants an object", () => optim.sgd({ learningRate: 1, groups: [null as never] })],
    [
      "groups[0] has no option",
      () => optim.lion({ learningRate: 1, groups: [{ match: /a/, schedule: () => 1 } as never] }),
    ],
    ["nesterov needs a momentum", () => optim.sgd({ learningRate: 1, groups: [{ match: /a/, nesterov: true }] })],
    ["no parameter belongs to the group of /norm/", () => last(optim.sgd({ learningRate: 1, groups: [{ match: /norm/ }] }))], // prettier-ignore
  ])("are refused when wrong: %s", (message, make) => {
    expect(make).toThrow(ArgumentError);
    expect(make).toThrow(message);
  });
});

describe("records of an update", () => {
  it.each<[string, optim.Optimizer]>([
    ["lion", optim.lion({ learningRate: 0.1, weightDecay: 0.1 })],
    ["adadelta", optim.adadelta({ learningRate: 1 })],
    ["nadam", optim.nadam({ learningRate: 1 })],
    ["amsgrad", optim.adam({ learningRate: 0.1, amsgrad: true })],
    ["nadam with a moving average", optim.movingAverage(optim.nadam({ learningRate: 1 }))],
    ["lookahead", optim.lookahead(optim.rmsprop({ learningRate: 1, centered: true }))],
  ])("of an elementwise rule are one, in place: %s", (_, optimizer) => {
    expect(kernelsOf(optimizer)).toEqual(["checkFinite", "pointwise"]);
  });
});

describe("a rule of one's own", () => {
  const make = (update: optim.Rule["update"]): optim.Optimizer =>
    optim.custom("mine", {}, () => ({ state: ["m"], update }))({ learningRate: 0.5 });

  it("is a function of values; what it keeps and what it needs of a step have names", () => {
    const mine = optim.custom("mine", { beta: 0.9 }, ({ beta }) =>
      optim.rule({
        state: ["m"],
        scalars: ({ step }) => ({ count: step }),
        update: ({ weight, gradient, learningRate, state: { m }, scalars: { count } }) => {
          const sum = ops.add(ops.scale(m, beta), ops.divide(gradient, count));
          return { weight: ops.subtract(weight, ops.multiply(sum, learningRate)), m: sum };
        },
      }),
    );
    const found = last(mine({ learningRate: 0.5, groups: [{ match: /bias/, beta: 0 }] }));
    for (const name of names) {
      const beta = name === "bias" ? 0 : 0.9;
      const want = Float64Array.from(given.weights[name]!.data);
      const m = new Float64Array(want.length);
      given.gradients.forEach((step, t) =>
        want.forEach((w, i) => {
          m[i] = beta * m[i]! + step[name]![i]! / (t + 1);
          want[i] = w - 0.5 * m[i];
        }),
      );
      expectClose(found[name]!, want, { absolute: 1e-6 });
    }
  });

  it("may exchange what it reads and what it writes", () => {
    const swapping = make(({ weight, state }) => ({ weight: state.m!, m: weight }));
    const { after } = trainOn(engine, swapping, given);
    for (const name of names) {
      expect(after[0]![name]!.every((w) => w === 0)).toBe(true);
      expect([...after[1]![name]!]).toEqual(Array.from(given.weights[name]!.data));
    }
  });

  it("reads what was there before the step, in whatever order it writes", () => {
    const rule = make(({ weight, gradient, state: { m } }) => {
      const next = ops.add(m!, gradient);
      const halved = ops.scale(weight, 0.5);
      return { weight: ops.subtract(halved, ops.multiply(m!, ops.add(next, weight))), m: next };
    });
    const { after } = trainOn(engine, rule, given);
    for (const name of names) {
      let [w, m] = [given.weights[name]!.data[1] ?? 0, 0];
      given.gradients.forEach((step, t) => {
        const next = m + step[name]![1]!;
        [w, m] = [w / 2 - m * (next + w), next];
        expect(Math.abs(after[t]![name]![1]! - w)).toBeLessThan(1e-5);
      });
    }
  });

  it.each<[string, optim.Rule["update"]]>([
    ["must give a value for weight, got undefined", () => ({}) as never],
    ["must give a value for m, got 3", ({ weight }) => ({ weight, m: 3 as never })],
    ["which is no state of it", ({ weight, gradient }) => ({ weight, v: gradient })],
    ["gives [] f32 for weight", ({ weight }) => ({ weight: ops.sum(weight) })],
  ])("is refused when wrong: it %s", (message, update) => {
    const train = (): unknown => trainOn(engine, make(update), given);
    expect(train).toThrow(message.includes("[]") ? ShapeError : ArgumentError);
    expect(train).toThrow(message);
  });
});

describe("clipping", () => {
  const plain = optim.sgd({ learningRate: 1 });
  /** The gradients that the optimizer saw at the first step. */
  const seen = (clipping: optim.Clipping): Readonly<Record<string, number[]>> => {
    const { after } = trainOn(engine, plain, given, { clipping });
    return Object.fromEntries(
      names.map((name) => [name, [...after[0]![name]!].map((w, i) => given.weights[name]!.data[i]! - w)]),
    );
  };
  const first = given.gradients[0]!;
  const all = names.flatMap((name) => Array.from(first[name]!));
  const norm = Math.hypot(...all);

  it("by value bounds every element", () => {
    const found = seen(optim.clipByValue(0.3));
    for (const name of names)
      expectClose(found[name]!, Array.from(first[name]!, (g) => Math.min(0.3, Math.max(-0.3, g))), { absolute: 3e-7 }); // prettier-ignore
  });

  it.each([0.5, 1e4])("by global norm scales all alike, and nothing within the norm %s", (most) => {
    const factor = Math.min(1, most / (norm + 1e-6));
    const found = seen(optim.clipByGlobalNorm(most));
    for (const name of names) expectClose(found[name]!, Array.from(first[name]!, (g) => factor * g), { absolute: 3e-7 }); // prettier-ignore
  });

  it("by layer scales parameters of one layer alike", async () => {
    const layers = (): nn.Layer[] => [nn.linear({ outFeatures: 3 }), nn.tanh(), nn.linear({ outFeatures: 2 })];
    const own = await testEngine();
    const model = nn.sequential(layers()).build(own, { inputShape: [4] });
    const inputs = randomFloats(20, 3).map((x) => 30 * x);
    const dataset = { length: 5, inputs, inputShape: [4], targets: Uint8Array.of(0, 1, 1, 0, 1), targetShape: [] };
    const start = model.state();
    const gradientsBy = (clipping?: optim.Clipping): Map<string, number[]> => {
      model.loadState(start);
      const trainer = new Trainer(model, { loss: losses.crossEntropy(), optimizer: plain, clipping });
      trainer.trainStep(dataset, 0, 5);
      return new Map(
        [...model.state()].map(([name, { data }]) => [name, [...data].map((w, i) => start.get(name)!.data[i]! - w)]),
      );
    };
    const [whole, clipped] = [gradientsBy(), gradientsBy(optim.clipByLayer(0.1))];
    for (const layer of ["0", "2"]) {
      const ofLayer = [...whole].filter(([name]) => name.startsWith(`${layer}.`));
      const factor = Math.min(1, 0.1 / (Math.hypot(...ofLayer.flatMap(([, g]) => g)) + 1e-6));
      for (const [name, g] of ofLayer) expectClose(clipped.get(name)!, g.map((x) => factor * x), { absolute: 1e-6 }); // prettier-ignore
    }
  });

  it("refuses what is no bound", () => {
    for (const make of [optim.clipByValue, optim.clipByGlobalNorm, optim.clipByLayer]) {
      for (const wrong of [-1, NaN, "1", undefined]) expect(() => make(wrong as number)).toThrow(ArgumentError);
    }
  });
});
