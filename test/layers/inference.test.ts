import { describe, expect, it } from "vitest";
import { Graph, Program, type Value } from "../../src/graph/index.js";
import { createEngine, data, losses, type Model, nn, NonFiniteError, ops, optim, Trainer } from "../../src/index.js";
import { expectClose, expectIdentical } from "../expect.js";
import { randomFloats, randomIntegers } from "../random.js";

/** Half the distance from 1 to the next float32. */
const unit = 2 ** -24;

function compile(model: Model, batch: number, fuse: boolean): { program: Program; x: Value; y: Value } {
  const graph = new Graph();
  const x = graph.input([batch, ...model.inputShape], "x");
  const y = model.trace(graph, x, false);
  return { program: new Program(model.engine, graph, { outputs: [y], fuse }), x, y };
}

/** What the model computes as it is traced: nothing folded, packed or kept from an earlier run. */
function plainly(model: Model, inputs: Float32Array): Float32Array {
  const batch = inputs.length / model.inputShape.reduce((product, length) => product * length, 1);
  const { program, x, y } = compile(model, batch, false);
  program.write(x, inputs);
  program.run();
  return program.read(y);
}

/** Kernels that every run executes, and those that run only after a change of the state. */
function kernels({ sections, linked }: Program): { every: string[]; prepare: string[] } {
  const names = linked.calls.map(({ kernel }) => kernel);
  const { count } = sections.prepare;
  return { every: names.slice(count), prepare: names.slice(0, count) };
}

/** Replaces tensors of a model, by the end of their names. */
function load(model: Model, numbers: (name: string, size: number) => Float32Array): void {
  const state = model.state();
  for (const [name, tensor] of state) state.set(name, { ...tensor, data: numbers(name, tensor.data.length) });
  model.loadState(state);
}

const random = (name: string, size: number): Float32Array =>
  name.endsWith("runningVariance")
    ? randomFloats(size, 3).map((x) => 0.1 + Math.abs(x))
    : randomFloats(size, name.length + Number(name[0]));

interface Case {
  readonly layer: () => nn.Layer;
  readonly inputShape: readonly number[];
  /** Products in a sum. */
  readonly K: number;
  readonly every: readonly string[];
}

const cases: Readonly<Record<string, Case>> = {
  linear: { layer: () => nn.linear({ outFeatures: 6 }), inputShape: [9], K: 9, every: ["gemm"] },
  "linear without bias": {
    ...{ layer: () => nn.linear({ outFeatures: 6, bias: false }), inputShape: [9], K: 9, every: ["gemm"] },
  },
  conv2d: {
    layer: () => nn.conv2d({ outChannels: 6, kernelSize: 3, padding: 1 }),
    ...{ inputShape: [7, 5, 3], K: 27, every: ["convPad", "conv2d"] },
  },
  "conv2d without bias": {
    layer: () => nn.conv2d({ outChannels: 20, kernelSize: [2, 3], stride: 2, bias: false }),
    ...{ inputShape: [7, 5, 3], K: 18, every: ["conv2d"] },
  },
  depthwiseConv2d: {
    layer: () => nn.depthwiseConv2d({ kernelSize: 3, dilation: 2 }),
    ...{ inputShape: [7, 5, 6], K: 9, every: ["depthwiseConv2d"] },
  },
};

describe.each(Object.entries(cases))(
  "batch norm after %s, in evaluation",
  async (_, { layer, inputShape, K, every }) => {
    const engine = await createEngine({ seed: 1 });
    const inputs = (seed: number): Float32Array => randomFloats(4 * inputShape.reduce((a, b) => a * b), seed);

    it("is part of the layer's weight and bias, and so is the ReLU after it: exact where every number is", () => {
      const model = nn.sequential(layer(), nn.batchNorm({ epsilon: 1 }), nn.relu()).build(engine, { inputShape });
      load(model, (name, size) => {
        if (name.endsWith("runningVariance")) return new Float32Array(size).fill(3);
        return name === "1.weight" ? new Float32Array(size).fill(-4) : randomIntegers(size, name.length);
      });
      const whole = randomIntegers(inputs(1).length, 5);
      expectIdentical(
        model.predict(whole),
        plainly(model, whole).map((y) => y + 0),
      );
      const { program } = compile(model, 4, true);
      expect(kernels(program).every).toEqual(every);
    });

    it("agrees with the layers one after the other, up to rounding", () => {
      const model = nn.sequential(layer(), nn.batchNorm()).build(engine, { inputShape });
      load(model, random);
      const magnitudes = nn.sequential(layer()).build(engine, { inputShape });
      load(magnitudes, (name, size) => random(name, size).map(Math.abs));
      const x = inputs(2);
      const [actual, expected] = [model.predict(x), plainly(model, x)];
      const sums = magnitudes.predict(x.map(Math.abs));
      const [gamma, beta, mean, variance] = ["weight", "bias", "runningMean", "runningVariance"].map(
        (name) => model.state().get(`1.${name}`)!.data,
      ) as [Float32Array, Float32Array, Float32Array, Float32Array];
      // Each way rounds every product, every sum, and a few times more, relative to the terms that are added.
      expected.forEach((y, i) => {
        const c = i % gamma.length;
        const scale = Math.abs(gamma[c]!) / Math.sqrt(variance[c]! + 1e-5);
        const terms = scale * (sums[i]! + Math.abs(mean[c]!)) + Math.abs(beta[c]!);
        expectClose([actual[i]!], [y], { absolute: 2 * (K + 8) * unit * terms });
      });
    });

    it("stays where its input is read elsewhere, and where gradients are asked for", () => {
      const model = nn.sequential(layer(), nn.batchNorm()).build(engine, { inputShape });
      const graph = new Graph();
      const y = model.trace(graph, graph.input([4, ...inputShape], "x"), false);
      const trained = new Program(engine, graph, { outputs: [y], backward: { from: y }, after: () => undefined });
      expect(trained.sections.prepare.count).toBe(0);
      expect(kernels(trained).every).toContain("batchNormApply");
      const shared = nn
        .sequential(
          layer(),
          nn.lambda((x) => x),
          { name: "both", apply: (x, scope) => ops.add(x, nn.batchNorm().apply(x, scope)) },
        )
        .build(engine, { inputShape });
      expect(kernels(compile(shared, 2, true).program).every).toContain("batchNormApply");
    });
  },
);

describe("what follows from state alone", async () => {
  const engine = await createEngine({ seed: 2 });
  const layers = (): nn.Sequential =>
    nn.sequential(
      nn.conv2d({ outChannels: 4, kernelSize: 3, padding: 1 }),
      nn.batchNorm(),
      nn.relu(),
      nn.maxPool2d({ kernelSize: 2 }),
      nn.flatten(),
      nn.linear({ outFeatures: 3 }),
    );
  const build = (): Model => layers().build(engine, { inputShape: [8, 8, 2] });
  const inputs = randomFloats(16 * 128, 8);
  const labels = Uint8Array.from({ length: 16 }, (_, i) => i % 3);
  const set = data.dataset({ inputs, inputShape: [8, 8, 2], targets: labels });
  const agrees = (model: Model): void =>
    expectClose(model.predict(inputs), plainly(model, inputs), { relative: 1e-5, absolute: 1e-5 });
  const train = (model: Model): Trainer =>
    new Trainer(model, { loss: losses.crossEntropy(), optimizer: optim.adam({ learningRate: 0.1 }) });

  it("is not computed again while the state is the same", () => {
    const model = build();
    const { program, x, y } = compile(model, 16, true);
    program.write(x, inputs);
    program.run();
    const before = program.read(y);
    const { data: weight } = model.entries[0]!;
    // Nobody says so to the holding: what follows is computed from the weights as they were.
    engine.memory.f32(weight.address, weight.bytes / 4).fill(0);
    program.run();
    expectIdentical(program.read(y), before);
    model.holding.changed();
    program.run();
    expectIdentical(program.read(y), plainly(model, inputs));
    expect([...program.read(y)]).not.toEqual([...before]);
  });

  it("follows a load at once", () => {
    const [model, other] = [build(), build()];
    agrees(model);
    const before = model.predict(inputs);
    model.loadState(other.state());
    agrees(model);
    expectIdentical(model.predict(inputs), other.predict(inputs));
    expect([...model.predict(inputs)]).not.toEqual([...before]);
  });

  it("follows every training step, and the running statistics that it moves", async () => {
    const model = build();
    const trainer = train(model);
    agrees(model);
    for (let step = 0; step < 3; step++) {
      const before = model.predict(inputs);
      trainer.trainStep(set, 0, 16);
      agrees(model);
      expect([...model.predict(inputs)]).not.toEqual([...before]);
    }
    const statistics = new Graph();
    const y = model.trace(statistics, statistics.input([16, 8, 8, 2], "x"), true);
    const program = new Program(engine, statistics, { outputs: [y] });
    const before = model.predict(inputs);
    program.run();
    agrees(model);
    expect([...model.predict(inputs)]).not.toEqual([...before]);
    await trainer.fit(set, { epochs: 1, batchSize: 8 });
    agrees(model);
  });

  it("follows steps that are held back, which change nothing", () => {
    const model = build();
    const trainer = train(model);
    const before = model.predict(inputs);
    const broken = data.dataset({
      ...{ inputs: inputs.map((x, i) => (i === 5 ? 3e38 : x)), inputShape: [8, 8, 2], targets: labels },
    });
    expect(() => trainer.trainStep(broken, 0, 16)).toThrow(NonFiniteError);
    expectIdentical(model.predict(inputs), before);
  });

  it("follows training in evaluations", async () => {
    const [model, fresh] = [build(), build()];
    const trainer = train(model);
    await trainer.evaluate(set);
    trainer.trainStep(set, 0, 16);
    const evaluation = await trainer.evaluate(set);
    fresh.loadState(model.state());
    expect(await train(fresh).evaluate(set)).toEqual(evaluation);
  });

  it("belongs to one model, whatever others do, and whatever else runs", () => {
    const [model, other] = [build(), build()];
    const expected = model.predict(inputs);
    other.predict(inputs);
    train(other).trainStep(set, 0, 16);
    const big = new Graph();
    const x = big.input([1_000_000], "x");
    const filled = new Program(engine, big, { outputs: [ops.relu(ops.add(x, x))] });
    filled.write(x, new Float32Array(1_000_000).fill(NaN));
    filled.run();
    expectIdentical(model.predict(inputs), expected);
  });

  it("includes weights in panels where a product packs them, with the same bits", () => {
    const model = nn.sequential(nn.linear({ outFeatures: 12 })).build(engine, { inputShape: [40] });
    const { program, x, y } = compile(model, 256, true);
    expect(kernels(program)).toEqual({ prepare: ["gemmPack"], every: ["gemm"] });
    program.write(x, randomFloats(256 * 40, 3));
    program.run();
    expectIdentical(program.read(y), plainly(model, randomFloats(256 * 40, 3)));
    const graph = new Graph();
    const weight = graph.constant([30, 40], randomFloats(1200, 4), "weight");
    const a = graph.input([40, 300], "a");
    const product = ops.matmul(a, weight, { transposeA: true, transposeB: true });
    const [packed, plain] = [true, false].map((fuse) => new Program(engine, graph, { outputs: [product], fuse }));
    expect(kernels(packed!).prepare).toEqual(["gemmPack"]);
    for (const each of [packed!, plain!]) {
      each.write(a, randomFloats(12000, 5));
      each.run();
    }
    expectIdentical(packed!.read(product), plain!.read(product));
  });

  it("includes the copy of a view where something wants it dense, and none where it is read as it lies", () => {
    const graph = new Graph();
    const [x, weight] = [graph.input([40, 30], "x"), graph.constant([50, 30], randomFloats(1500, 2))];
    const view = ops.transpose(ops.exp(weight), 0, 1);
    const repeated = ops.expand(ops.exp(graph.constant([30, 1], 0.5)), [30, 50]);
    const outputs = [ops.matmul(x, view), ops.softmax(view), ops.multiply(view, repeated)];
    const [program, plain] = [true, false].map((fuse) => new Program(engine, graph, { outputs, fuse })) as [
      Program,
      Program,
    ];
    expect(kernels(program).prepare.filter((kernel) => kernel === "stridedCopy")).toHaveLength(1);
    expect(kernels(program).every).not.toContain("stridedCopy");
    // What else runs in between leaves nothing of the activations.
    const other = new Graph();
    const y = ops.exp(other.input([100_000], "y"));
    const clobber = new Program(engine, other, { outputs: [ops.multiply(y, y)], fuse: false, isTransient: true });
    for (const each of [program, plain]) each.write(x, randomFloats(1200, 1));
    plain.run();
    for (let run = 0; run < 3; run++) {
      program.run();
      outputs.forEach((output) => expectClose(program.read(output), plain.read(output), { relative: 1e-6 }));
      clobber.run();
    }
  });

  it("does not include random numbers and operations of the caller's own", () => {
    const graph = new Graph();
    const ones = graph.constant([4], 1, "ones");
    let calls = 0;
    const forward = (): unknown => calls++;
    const counted = ops.custom([ones], { name: "counted", shape: [4], forward });
    const outputs = [counted, ops.dropout(ones, 0.5), ops.exp(ones)];
    const program = new Program(engine, graph, { outputs });
    expect(kernels(program).prepare).toEqual(["pointwise"]);
    for (let run = 1; run <= 3; run++) {
      program.run();
      expect(calls).toBe(run);
      expectClose(program.read(outputs[2]!), new Array(4).fill(Math.E), { relative: 1e-6 });
    }
  });
});
