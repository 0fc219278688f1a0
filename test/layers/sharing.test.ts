import { describe, expect, it } from "vitest";
import * as safetensors from "../../src/formats/safetensors.js";
import { ArgumentError, createEngine, data, losses, nn, ops, optim, ShapeError, Trainer } from "../../src/index.js";
import { Graph, Program, type Value } from "../../src/graph/index.js";
import { expectClose, expectIdentical } from "../expect.js";
import { randomFloats } from "../random.js";

type Tensors = Record<string, Float64Array>;

/** tanh(x·W + b) for rows of x, in float64. */
function dense(x: Float64Array, weight: Float64Array, bias: Float64Array, f = Math.tanh): Float64Array {
  const [columns, features] = [bias.length, weight.length / bias.length];
  return Float64Array.from({ length: (x.length / features) * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    let sum = bias[column]!;
    for (let k = 0; k < features; k++) sum += x[row * features + k]! * weight[k * columns + column]!;
    return f(sum);
  });
}

const tanhLinear = (outFeatures = 4): nn.Layer => nn.sequential(nn.linear({ outFeatures }), nn.tanh());
const batch = 5;

describe("a layer object that is used several times", async () => {
  const engine = await createEngine({ seed: 5 });

  /** Gradients of Σ r·model(x) by every parameter, and the outputs, compared with float64 and its central differences. */
  function checkGradients(
    layers: nn.Sequential,
    names: string[],
    oracle: (x: Float64Array, p: Tensors) => Float64Array,
  ) {
    const model = layers.build(engine, { inputShape: [4] });
    expect(model.entries.map(({ name }) => name)).toEqual(names);
    const graph = new Graph();
    const x = graph.input([batch, 4], "x");
    const output = model.trace(graph, x, true);
    const upstream = graph.input(output.shape, "upstream");
    const backward = { from: output, gradient: upstream };
    const parameters = model.entries.map(({ shape, data, name, gradient }) => graph.state(shape, data, name, gradient));
    const options = { outputs: [output], backward, gradients: parameters };
    const program = new Program(engine, graph, options);
    const inputs = randomFloats(batch * 4, 3);
    const r = randomFloats(output.size, 4);
    program.write(x, inputs);
    program.write(upstream, r);
    program.run();

    const point = Object.fromEntries([...model.state()].map(([name, { data }]) => [name, Float64Array.from(data)]));
    const evaluate = (): Float64Array => oracle(Float64Array.from(inputs), point);
    expectClose(program.read(output), evaluate(), { relative: 1e-5, absolute: 1e-5 });
    const objective = (): number => evaluate().reduce((sum, y, i) => sum + y * r[i]!, 0);
    for (const parameter of parameters) {
      const values = point[parameter.label]!;
      const numerical = values.map((center, i) => {
        values[i] = center + 1e-5;
        const above = objective();
        values[i] = center - 1e-5;
        const below = objective();
        values[i] = center;
        return (above - below) / 2e-5;
      });
      expectClose(program.readGradient(parameter), numerical, { relative: 1e-4, absolute: 1e-4 });
    }
  }

  it("has one set of weights, whose gradients are the sums over its uses, directly and through activations", () => {
    const shared = nn.linear({ outFeatures: 4 });
    checkGradients(nn.sequential(shared, nn.tanh(), shared, shared), ["0.weight", "0.bias"], (x, p) => {
      const identity = (value: number): number => value;
      const [w, b] = [p["0.weight"]!, p["0.bias"]!];
      return dense(dense(dense(x, w, b), w, b, identity), w, b, identity);
    });
  });

  it("is shared in a composite that is used twice, in a residual, and at another depth", () => {
    const inner = nn.linear({ outFeatures: 4 });
    const block = nn.sequential(inner, nn.tanh());
    const layers = nn.sequential(block, nn.residual(block, nn.linear({ outFeatures: 4 })), inner);
    const names = ["0.0.weight", "0.0.bias", "1.1.weight", "1.1.bias"];
    checkGradients(layers, names, (x, p) => {
      const identity = (value: number): number => value;
      const [w, b] = [p["0.0.weight"]!, p["0.0.bias"]!];
      const first = dense(x, w, b);
      const branch = dense(dense(first, w, b), p["1.1.weight"]!, p["1.1.bias"]!, identity);
      return dense(
        first.map((value, i) => value + branch[i]!),
        w,
        b,
        identity,
      );
    });
  });

  it("is shared in an array that is filled with it, and inside layers of one's own", () => {
    const twice: nn.Layer = {
      name: "twice",
      apply: (x, scope) => {
        const body = tanhLinear();
        return scope.apply("again", body, scope.apply("body", body, x));
      },
    };
    const layers = nn.sequential(...Array<nn.Layer>(3).fill(twice));
    checkGradients(layers, ["0.body.0.weight", "0.body.0.bias"], (x, p) => {
      const [w, b] = [p["0.body.0.weight"]!, p["0.body.0.bias"]!];
      return Array.from({ length: 6 }).reduce<Float64Array>((value) => dense(value, w, b), x);
    });
  });

  it("shares a parameter that a layer asks for twice, also as both operands of one operation", () => {
    const square: nn.Layer = {
      name: "square",
      apply(x, scope) {
        const weight = (): Value => scope.parameter("weight", [4, 4], nn.initializers.uniform(0.5));
        return ops.add(ops.matmul(ops.matmul(x, weight()), weight()), ops.matmul(x, ops.matmul(weight(), weight())));
      },
    };
    checkGradients(nn.sequential(square), ["0.weight"], (x, p) => {
      const zero = new Float64Array(4);
      const identity = (value: number): number => value;
      const w = p["0.weight"]!;
      return dense(dense(x, w, zero, identity), w, zero, identity).map((value) => 2 * value);
    });
  });

  it("is one Value of a graph in which a model is traced twice: the gradients of both traces add up", () => {
    const model = nn.sequential(nn.linear({ outFeatures: 1, bias: false })).build(engine, { inputShape: [2] });
    const graph = new Graph();
    const [a, b] = [graph.input([1, 2], "a"), graph.input([1, 2], "b")];
    const output = ops.add(model.trace(graph, a, true), model.trace(graph, b, true));
    const [{ shape, data, name, gradient }] = model.entries as [nn.StateEntry];
    const weight = graph.state(shape, data, name, gradient);
    const options = { outputs: [output], backward: { from: output }, gradients: [weight] };
    const program = new Program(engine, graph, options);
    program.write(a, [1, 2]);
    program.write(b, [30, 40]);
    program.run();
    expect([...program.readGradient(weight)]).toEqual([31, 42]);
  });

  it("is counted, saved and loaded once", async () => {
    const shared = nn.linear({ outFeatures: 4 });
    const build = (): ReturnType<nn.Sequential["build"]> =>
      nn.sequential(shared, nn.relu(), shared).build(engine, { inputShape: [4] });
    const [model, other] = [build(), build()];
    expect(model.parameterCount).toBe(20);
    expect([...model.state().keys()]).toEqual(["0.weight", "0.bias"]);
    const inputs = randomFloats(12);
    expect([...other.predict(inputs)]).not.toEqual([...model.predict(inputs)]);
    await safetensors.load(other, safetensors.toBytes(model));
    expectIdentical(other.predict(inputs), model.predict(inputs));
  });

  it("has state of its own in each model that it is part of", () => {
    const body = nn.sequential(nn.linear({ outFeatures: 4 }));
    const model = nn.sequential(body, nn.linear({ outFeatures: 2 })).build(engine, { inputShape: [4] });
    expect(model.entries.map(({ name }) => name)).toEqual(["0.0.weight", "0.0.bias", "1.weight", "1.bias"]);
    const alone = body.build(engine, { inputShape: [4] });
    expect(alone.entries.map(({ name }) => name)).toEqual(["0.weight", "0.bias"]);
    expect([...alone.state().get("0.weight")!.data]).not.toEqual([...model.state().get("0.0.weight")!.data]);
  });

  it("moves the running statistics of batch norm at each use, in order", () => {
    const norm = nn.batchNorm({ momentum: 0.5 });
    const model = nn
      .sequential(
        norm,
        nn.lambda((x) => ops.scale(x, 3)),
        norm,
        nn.flatten(),
      )
      .build(engine, { inputShape: [2, 1, 1] });
    const inputs = Float32Array.of(0, 4);
    const dataset = data.dataset({ inputs, inputShape: [2, 1, 1], targets: new Float32Array(2), targetShape: [2] });
    const optimizer = optim.sgd({ learningRate: 0 });
    new Trainer(model, { loss: losses.meanSquaredError(), optimizer }).trainStep(dataset, 0, 1);
    // Mean 2, unbiased variance 8; then mean 0 and, of ±3, unbiased variance 18: from 0 and 1, half of the way each time.
    const state = model.state();
    expectClose(state.get("0.runningMean")!.data, [(0 + 2) / 4], { absolute: 1e-6 });
    expectClose(state.get("0.runningVariance")!.data, [((1 + 8) / 2 + 18) / 2], { relative: 1e-5 });
  });

  it("draws and does as a separate one would if it has no state: relu, dropout, pooling", () => {
    const [relu, drop, pool] = [nn.relu(), nn.dropout({ p: 0.4 }), nn.maxPool2d({ kernelSize: 2 })];
    const once = nn.sequential(relu, drop, pool, drop, pool, relu, drop);
    const fresh = (): nn.Layer => nn.dropout({ p: 0.4 });
    const separate = nn.sequential(
      ...[nn.relu(), fresh(), nn.maxPool2d({ kernelSize: 2 }), fresh(), nn.maxPool2d({ kernelSize: 2 }), nn.relu()],
      fresh(),
    );
    const results = [once, separate].map((layers) => {
      const model = layers.build(engine, { inputShape: [8, 8, 3] });
      const graph = new Graph();
      const x = graph.input([2, 8, 8, 3], "x");
      const output = model.trace(graph, x, true);
      const program = new Program(engine, graph, { outputs: [output] });
      program.scalars.setInteger("dropoutSeed", 7);
      program.scalars.setInteger("dropoutStep", 1);
      program.write(x, randomFloats(384));
      program.run();
      return program.read(output);
    });
    expectIdentical(results[0]!, results[1]!);
    expect(results[0]!.some((value) => value > 0)).toBe(true);
  });

  it("trains: the second place feels the updates that the first asked for", async () => {
    const shared = nn.linear({ outFeatures: 2 });
    const model = nn.sequential(shared, nn.tanh(), shared).build(engine, { inputShape: [2] });
    const inputs = randomFloats(100, 8);
    const dataset = data.dataset({ inputs, inputShape: [2], targets: inputs.map((v) => -v / 2), targetShape: [2] });
    const trainer = new Trainer(model, {
      loss: losses.meanSquaredError(),
      optimizer: optim.adam({ learningRate: 0.05 }),
    });
    const history: number[] = [];
    for await (const { loss } of trainer.fit(dataset, { epochs: 60 })) history.push(loss);
    expect(history.at(-1)).toBeLessThan(history[0]! / 20);
  });

  it.each([
    [
      "linear layers of other inputs",
      () => nn.sequential(...Array<nn.Layer>(2).fill(nn.linear({ outFeatures: 8 }))),
      [4],
      /layer 1 \(linear\): .*object is layer 0 too, .*share 0\.weight, which is \[4, 8\] there and would be \[8, 8\] here.*second layer/,
    ],
    [
      "batch norm of other channels, deep inside",
      () => {
        const norm = nn.batchNorm();
        return nn.sequential(nn.residual(norm), nn.conv2d({ outChannels: 3, kernelSize: 1 }), nn.sequential(norm));
      },
      [2, 2, 4],
      /layer 2\.0 \(batchNorm\): .*object is layer 0\.0 too, .*share 0\.0\.weight, which is \[4\] there and would be \[3\] here/,
    ],
    [
      "parts of a composite",
      () => {
        const block = nn.sequential(nn.linear({ outFeatures: 6 }), nn.relu());
        return nn.sequential(block, block);
      },
      [4],
      /layer 1\.0 \(linear\): .*object is layer 0\.0 too, .*\[4, 6\] there and would be \[6, 6\] here/,
    ],
  ])("is refused where its shapes differ, saying that it is shared: %s", (_, layers, inputShape, message) => {
    expect(() => layers().build(engine, { inputShape })).toThrow(ShapeError);
    expect(() => layers().build(engine, { inputShape })).toThrow(message);
  });

  it("names the place of use in messages, not the first place", () => {
    const pool = nn.maxPool2d({ kernelSize: 2 });
    const layers = nn.sequential(pool, nn.flatten(), nn.relu(), pool);
    expect(() => layers.build(engine, { inputShape: [2, 2, 1] })).toThrow(/^layer 3 \(maxPool2d\)/);
  });
});

describe("state of layers of one's own", async () => {
  const engine = await createEngine();
  const build = (apply: nn.Layer["apply"]) => (): unknown =>
    nn.sequential({ name: "mine", apply }).build(engine, { inputShape: [4] });

  it("refuses two layers of one name that would share weights unasked, and two kinds or shapes of one tensor", () => {
    const linear = (): nn.Layer => nn.linear({ outFeatures: 4 });
    const collision = build((x, scope) => scope.apply("fc", linear(), scope.apply("fc", linear(), x)));
    expect(collision).toThrow(ArgumentError);
    expect(collision).toThrow(/two objects called layer 0\.fc ask for 0\.fc\.weight/);
    expect(build((x, scope) => scope.apply("f", nn.relu(), scope.apply("f", nn.relu(), x)))).not.toThrow();

    const { zeros } = nn.initializers;
    const kinds = build((x, scope) => ops.add(scope.parameter("a", [1, 4], zeros), scope.buffer("a", x.shape, zeros)));
    expect(kinds).toThrow(ArgumentError);
    expect(kinds).toThrow(/0\.a is a parameter and cannot also be a buffer/);
    const shapes = build((_, scope) => ops.add(scope.parameter("a", [4], zeros), scope.parameter("a", [2], zeros)));
    expect(shapes).toThrow(/layer 0 \(mine\): 0\.a is \[4\] and cannot also be \[2\]/);
  });

  it.each([
    ["a number", 3],
    ["a promise", Promise.resolve(nn.relu())],
    ["nothing", undefined],
    ["a name", "relu"],
    ["an empty object", {}],
  ])("refuses %s in the place of a layer, saying what a layer is", (_, thing) => {
    const layers = (): unknown => nn.sequential(nn.tanh(), thing as never).build(engine, { inputShape: [4] });
    expect(layers).toThrow(ArgumentError);
    expect(layers).toThrow(/^layer 1 is no layer but .*nn\.relu\(\).*nn\.lambda\(f\)/);
  });
});
