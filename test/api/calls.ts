import { Scalars } from "../../src/graph/index.js";
import {
  compile,
  createEngine,
  data,
  type Engine,
  Graph,
  gradients,
  losses,
  nn,
  ops,
  optim,
  Program,
  RemoteTrainer,
  safetensors,
  serveTrainer,
  type Shape,
  Trainer,
  type Value,
  valueAndGradient,
} from "../../src/index.js";
import { join } from "node:path";
import { idxOfBytes, temporaryFolder } from "../data/idx.js";
import { modulesIn } from "../modules.js";
import type { Call, Calls } from "./call.js";

type Places = Pick<Call, "free" | "objects">;

const call = (run: Call["run"], values: Call["values"], places: Places = {}): Call => ({ run, values, ...places });

const folder = temporaryFolder();
/** Calls of operations and layers, a file for each family in calls/. */
const families = await modulesIn<{ readonly calls: Calls }>(import.meta.url, "calls");

/** Right calls by the names of functions. */
export async function rightCalls(engine: Engine): Promise<Readonly<Record<string, Call>>> {
  const set = data.dataset({
    inputs: new Float32Array(12).fill(0.5),
    inputShape: [2],
    targets: Uint8Array.of(0, 1, 0, 1, 0, 1),
  });
  const layers = (): nn.Layer[] => [nn.linear({ outFeatures: 3 }), nn.relu(), nn.linear({ outFeatures: 2 })];
  const model = nn.sequential(layers()).build(engine, { inputShape: [2] });
  const made = { loss: losses.crossEntropy(), optimizer: optim.sgd({ learningRate: 0.1 }) };
  const trainer = new Trainer(model, made);
  const averaging = new Trainer(model, { ...made, optimizer: optim.movingAverage(made.optimizer) });
  const graph = new Graph();
  const x = graph.input([2], "x", "f32", true);
  const y = ops.relu(x);
  const labels = graph.input([2], "labels", "i32");
  const program = new Program(engine, graph, { outputs: [y, labels], backward: { from: y }, gradients: [x] });
  program.run();
  const value = (...shape: number[]): Value => new Graph().input(shape, "a value", "f32", true);
  /** Values of one graph. */
  const values = (...shapes: Shape[]): Value[] => {
    const { graph } = value(1);
    return shapes.map((shape, i) => graph.input(shape, `value ${i}`, "f32", true));
  };
  const elementwise = (operation: (x: Value) => Value): Call => call(operation, () => [value(3)]);
  const binary = (operation: (a: Value, b: Value) => Value): Call => call(operation, () => values([3], [3]));
  const labelled = (operation: (scores: Value, labels: Value) => Value): Call =>
    call(operation, () => {
      const scores = value(2, 3);
      return [scores, scores.graph.input([2], "labels", "i32")];
    });
  const noOptions = (make: (options?: never) => unknown): Call => call(make, () => [{}]);
  const gain = (make: (options?: never) => unknown): Call => call(make, () => [{ gain: 1 }]);
  const initializers = { initializer: nn.initializers.zeros, biasInitializer: nn.initializers.ones };
  const scope = (run: (scope: nn.Scope, x: Value) => unknown): void => {
    nn.sequential({ name: "mine", apply: (x, scope) => (run(scope, x), x) }).build(engine, { inputShape: [2] });
  };
  const files = {
    "train-images-idx3-ubyte": idxOfBytes([1, 2, 2], [1, 2, 3, 4]),
    "train-labels-idx1-ubyte": idxOfBytes([1], [3]),
    "t10k-images-idx3-ubyte": idxOfBytes([1, 2, 2], [1, 2, 3, 4]),
    "t10k-labels-idx1-ubyte": idxOfBytes([1], [3]),
  };
  const endpoint = (): MessagePort => {
    const { port1, port2 } = new MessageChannel();
    serveTrainer(
      () => ({
        trainer: new Trainer(model, made),
        dataset: set,
        fit: { epochs: 0 },
        calls: { echo: (x: unknown) => x },
      }),
      port1,
    );
    return port2;
  };
  const remote = new RemoteTrainer<unknown, { echo(value: unknown): unknown }>(endpoint());
  await remote.start(undefined);
  const remoteCall = (run: Call["run"], values: Call["values"], places?: Places): Call =>
    call(
      async (...given) => {
        try {
          return await run(...given);
        } finally {
          await remote.stop();
        }
      },
      values,
      places,
    );
  const scalars = Scalars.of(engine, engine.memory.hold("a test"));
  const run = trainer.fit(set, { epochs: 0 });
  await run;

  return {
    createEngine: call(
      async (options) => (await createEngine(options)).close(),
      () => [{ seed: 1, threads: 1, build: "simd", reproducible: true, module: undefined, maximumMemory: 2 ** 24 }],
    ),
    "Engine.close": call(
      async () => (await createEngine({ threads: 1 })).close(),
      () => [],
    ),
    "new Graph": call(
      () => new Graph(),
      () => [],
    ),
    "Graph.input": call(
      (...given: Parameters<Graph["input"]>) => new Graph().input(...given),
      () => [[2], "x", "f32", true],
    ),
    "Graph.constant": call(
      (...given: Parameters<Graph["constant"]>) => new Graph().constant(...given),
      () => [[2], new Float32Array(2), "x"],
    ),
    "Graph.iota": call(
      (...given: Parameters<Graph["iota"]>) => new Graph().iota(...given),
      () => [3, "x"],
    ),
    "Graph.within": call(
      (...given: [string, () => unknown]) => new Graph().within(...given),
      () => ["here", () => 1],
    ),
    gradients: call(gradients, () => {
      const x = value(2);
      const y = ops.relu(x);
      return [y, [x], x.graph.input([2], "upstream")];
    }),
    "new Program": call(
      (...given: ConstructorParameters<typeof Program>) => new Program(...given).dispose(),
      () => [engine, graph, { outputs: [y], backward: { from: y }, gradients: [x], fuse: true }],
    ),
    "Program.run": call(
      () => program.run(),
      () => [],
    ),
    "Program.write": call(
      (...given: Parameters<Program["write"]>) => program.write(...given),
      () => [x, [1, 2]],
    ),
    "Program.read": call(
      (value: Value) => program.read(value),
      () => [y],
    ),
    "Program.readIntegers": call(
      (value: Value) => program.readIntegers(value),
      () => [labels],
    ),
    "Program.readScalar": call(
      (value: Value) => program.readScalar(value),
      () => [y],
    ),
    "Program.readGradient": call(
      (value: Value) => program.readGradient(value),
      () => [x],
    ),
    "Program.dispose": call(
      () => new Program(engine, graph, { outputs: [y] }).dispose(),
      () => [],
    ),
    "Program.explain": call(
      () => String(program.explain()),
      () => [],
    ),
    "Explanation.toString": call(
      () => program.explain().toString(),
      () => [],
    ),
    compile: call(
      (...given: Parameters<typeof compile>) => compile(...given)([1, 2]),
      () => [engine, (x: Value) => ops.relu(x), { fuse: true }],
    ),
    valueAndGradient: call(
      (...given: Parameters<typeof valueAndGradient>) => valueAndGradient(...given)([1]),
      () => [engine, (x: Value) => ops.relu(x), { fuse: true, withRespectTo: [0] }],
    ),
    "Random.uint32": call(
      () => engine.random.uint32(),
      () => [],
    ),
    "Random.uniform": call(
      () => engine.random.uniform(),
      () => [],
    ),
    "Random.normal": call(
      () => engine.random.normal(),
      () => [],
    ),
    "Random.below": call(
      (limit: number) => engine.random.below(limit),
      () => [3],
    ),
    "Scalars.set": call(
      (...given: Parameters<Scalars["set"]>) => scalars.set(...given),
      () => ["learningRate", 0.1],
    ),
    "Scalars.setInteger": call(
      (...given: Parameters<Scalars["setInteger"]>) => scalars.setInteger(...given),
      () => ["count", 1],
    ),
    "data.dataset": call(data.dataset, () => [
      { inputs: [1, 2, 3, 4], inputShape: [2], targets: [0, 1], targetShape: [], classes: 2, length: 2 },
    ]),
    "data.slice": call(data.slice, () => [set, 1, 2], { objects: ["0"] }),
    "data.parseIdx": call(data.parseIdx, () => [idxOfBytes([1], [3]), "f"]),
    "data.readIdx": call(data.readIdx, () => [idxOfBytes([1], [3]), "f"]),
    "data.mnist": call(data.mnist, () => [new Map(Object.entries(files))]),
    "nn.flatten": noOptions(nn.flatten),
    "nn.lambda": call(
      (...given: Parameters<typeof nn.lambda>) => nn.lambda(...given),
      () => [(x: Value) => x, "mine"],
    ),
    "nn.linear": call(nn.linear, () => [{ outFeatures: 2, bias: true, ...initializers }]),
    "nn.sequential": call(
      (...given: nn.Layer[]) =>
        nn
          .sequential(...given)
          .build(engine, { inputShape: [2] })
          .dispose(),
      layers,
      { objects: ["0", "1", "2"] },
    ),
    "new nn.Sequential": call(
      (...given: nn.Layer[]) => new nn.Sequential(...given).build(engine, { inputShape: [2] }).dispose(),
      layers,
      { objects: ["0", "1", "2"] },
    ),
    "nn.residual": call(
      (...given: nn.Layer[]) =>
        nn
          .sequential(nn.residual(...given))
          .build(engine, { inputShape: [2] })
          .dispose(),
      layers,
      { objects: ["0", "1", "2"] },
    ),
    // A method of layers, called by the model that they are part of.
    "Sequential.apply": call(
      () => scope((scope, x) => nn.sequential(nn.relu()).apply(x, scope)),
      () => [],
    ),
    "Sequential.build": call(
      (...given: Parameters<nn.Sequential["build"]>) =>
        nn
          .sequential(layers())
          .build(...given)
          .dispose(),
      () => [engine, { inputShape: [2] }],
    ),
    "Scope.parameter": call(
      (...given: Parameters<nn.Scope["parameter"]>) => scope((scope) => scope.parameter(...given)),
      () => ["weight", [2], nn.initializers.zeros],
    ),
    "Scope.buffer": call(
      (...given: Parameters<nn.Scope["buffer"]>) => scope((scope) => scope.buffer(...given)),
      () => ["mean", [2], nn.initializers.zeros],
    ),
    "Scope.apply": call(
      (name: string, layer: nn.Layer, inputs: nn.LayerInputs) =>
        scope((scope, x) => scope.apply(name, layer, x, inputs)),
      () => ["fc", nn.relu(), {}],
      { objects: ["1"] },
    ),
    "nn.initializers.fans": call(nn.initializers.fans, () => [[2, 3]]),
    "nn.initializers.uniform": call(nn.initializers.uniform, () => [0.5]),
    "nn.initializers.normal": call(nn.initializers.normal, () => [0.5]),
    "nn.initializers.kaimingUniform": gain(nn.initializers.kaimingUniform),
    "nn.initializers.kaimingNormal": gain(nn.initializers.kaimingNormal),
    "nn.initializers.xavierUniform": gain(nn.initializers.xavierUniform),
    "nn.initializers.xavierNormal": gain(nn.initializers.xavierNormal),
    "nn.initializers.defaultBias": call(nn.initializers.defaultBias, () => [[2, 3]]),
    "nn.initializers.zeros": call(
      (shape: Shape) => nn.initializers.zeros(shape, engine.random),
      () => [[2]],
    ),
    "nn.initializers.ones": call(
      (shape: Shape) => nn.initializers.ones(shape, engine.random),
      () => [[2]],
    ),
    "nn.initializers.defaultWeight": call(nn.initializers.defaultWeight, () => [[2, 3], engine.random]),
    "Model.predict": call(
      (...given: Parameters<nn.Model["predict"]>) => model.predict(...given),
      () => [[1, 2], { batchSize: 1 }],
    ),
    "Model.state": call(
      () => model.state(),
      () => [],
    ),
    "Model.loadState": call(
      (...given: Parameters<nn.Model["loadState"]>) => model.loadState(...given),
      () => [model.state(), "state"],
    ),
    "Model.dispose": call(
      () =>
        nn
          .sequential(layers())
          .build(engine, { inputShape: [2] })
          .dispose(),
      () => [],
    ),
    "safetensors.toBytes": call(safetensors.toBytes, () => [model]),
    "safetensors.save": call(safetensors.save, () => [model, join(folder, "model.safetensors")]),
    "safetensors.load": call(safetensors.load, () => [model, safetensors.toBytes(model), "file"]),
    ...(Object.assign({}, ...families.map(({ calls }) => calls)) as Calls),
    "ops.accuracy": labelled(ops.accuracy),
    "ops.add": binary(ops.add),
    "ops.custom": call(ops.custom, () => [
      [value(2)],
      { name: "mine", shape: [2], forward: () => 1, backward: () => 1 },
    ]),
    "ops.erf": elementwise(ops.erf),
    "ops.exp": elementwise(ops.exp),
    "ops.flatten": elementwise(ops.flatten),
    "ops.linear": call(ops.linear, () => [...values([1, 2], [2, 3], [3]), { relu: true }]),
    "ops.log": elementwise(ops.log),
    "ops.matmul": call(ops.matmul, () => [...values([2, 3], [3, 2]), { transposeA: false, transposeB: false }]),
    "ops.multiply": binary(ops.multiply),
    "ops.reshape": call(ops.reshape, () => [value(4), [2, 2]]),
    "ops.scale": call(ops.scale, () => [value(4), 2]),
    "ops.softmaxCrossEntropy": labelled(ops.softmaxCrossEntropy),
    "ops.subtract": binary(ops.subtract),
    "new Trainer": call(
      (...given: ConstructorParameters<typeof Trainer>) => new Trainer(...given).dispose(),
      () => [model, { ...made, clipping: optim.clipByValue(1), seed: 1, onNonFinite: "throw" }],
    ),
    "Trainer.fit": call(
      async (...given: Parameters<Trainer["fit"]>) => trainer.fit(...given),
      () => [
        set,
        {
          ...{
            epochs: 1,
            batchSize: 2,
            accumulate: 2,
            dropLast: true,
            shuffle: true,
            onNonFinite: "skip",
            validation: set,
          },
          ...{ onStep: () => undefined, gate: async () => Promise.resolve() },
        },
      ],
      { objects: ["0"] },
    ),
    "Trainer.evaluate": call(
      async (...given: Parameters<Trainer["evaluate"]>) => trainer.evaluate(...given),
      () => [set, { batchSize: 2, averaged: false }],
      { objects: ["0"] },
    ),
    "Trainer.withAverage": call(
      (...given: Parameters<Trainer["withAverage"]>) => averaging.withAverage(...given),
      () => [() => 1],
    ),
    "Trainer.trainStep": call(
      (...given: Parameters<Trainer["trainStep"]>) => trainer.trainStep(...given),
      () => [set, 0, 2],
      { objects: ["0"] },
    ),
    "Trainer.trainingProgram": call(
      (...given: Parameters<Trainer["trainingProgram"]>) => trainer.trainingProgram(...given),
      () => [set, 2],
      { objects: ["0"] },
    ),
    "Trainer.dispose": call(
      () => new Trainer(model, made).dispose(),
      () => [],
    ),
    "TrainingRun.stop": call(
      () => run.stop(),
      () => [],
    ),
    // What a promise takes.
    "TrainingRun.then": call(
      async (...given: never[]) => run.then(...given),
      () => [() => 1, () => 1],
      { free: ["0", "1"] },
    ),
    "TrainingRun.catch": call(
      async (given: never) => run.catch(given),
      () => [() => 1],
      { free: ["0"] },
    ),
    "TrainingRun.finally": call(
      async (given: never) => run.finally(given),
      () => [() => 1],
      { free: ["0"] },
    ),
    "new RemoteTrainer": call(
      (...given: ConstructorParameters<typeof RemoteTrainer>) => new RemoteTrainer(...given).close(),
      () => [endpoint(), { onProgress: () => 1, onEpoch: () => 1 }],
    ),
    // The worker judges what it is given.
    "RemoteTrainer.start": remoteCall(
      async (...given: Parameters<(typeof remote)["start"]>) => remote.start(...given),
      () => [undefined, { paused: false }],
      { free: ["0"] },
    ),
    "RemoteTrainer.pause": call(
      async () => remote.pause(),
      () => [],
    ),
    "RemoteTrainer.resume": call(
      async () => remote.resume(),
      () => [],
    ),
    "RemoteTrainer.stop": call(
      async () => remote.stop(),
      () => [],
    ),
    "RemoteTrainer.finished": call(
      async () => remote.finished(),
      () => [],
    ),
    "RemoteTrainer.predict": call(
      async (...given: Parameters<(typeof remote)["predict"]>) => remote.predict(...given),
      () => [new Float32Array(2), { batchSize: 1, transfer: false }],
    ),
    "RemoteTrainer.call": call(
      async (...given: Parameters<(typeof remote)["call"]>) => remote.call(...given),
      () => ["echo", 1],
      { free: ["1"] },
    ),
    "RemoteTrainer.close": call(
      () => new RemoteTrainer(endpoint()).close(),
      () => [],
    ),
    serveTrainer: call(
      (...given: Parameters<typeof serveTrainer>) => serveTrainer(...given),
      () => [() => ({ trainer, dataset: set }), new MessageChannel().port1],
    ),
  };
}
