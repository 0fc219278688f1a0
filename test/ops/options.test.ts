import { describe, expect, it } from "vitest";
import {
  createEngine,
  data,
  type Engine,
  Graph,
  losses,
  nn,
  ops,
  optim,
  Program,
  type Shape,
  Trainer,
  type Value,
  WasmgradError,
} from "../../src/index.js";
import { buildModel, collectGarbage, inputSize, samples, trainerOf } from "../memory/parts.js";

/** What a caller may give where a number is wanted. */
const oddities: readonly unknown[] = [
  ...[2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 53, 2 ** 31 - 1, 2 ** 30, 50_000, 20_000, 1e300, Infinity, -Infinity],
  ...[-1, -(2 ** 31), 0.5, NaN, "3", "", null, undefined, {}, [], [1, 2, 3], true, 3n, Symbol("3"), () => 3],
  Object.create(null),
];
const pairs = (value: unknown): unknown[] => [value, [value, 1], [1, value], [value, value]];

const kinds = {
  /** One number. */
  number: (value: unknown): unknown[] => [value],
  /** A number, or height and width. */
  perAxis: pairs,
  /** A shape. */
  shape: (value: unknown): unknown[] => [value, [value], [1, value], [value, value], [value, 1, 1, 1]],
};

interface Case {
  readonly kind: keyof typeof kinds;
  readonly use: (engine: Engine, value: never) => unknown;
}
const number = (use: (engine: Engine, value: number) => unknown): Case => ({ kind: "number", use });
const perAxis = (use: (engine: Engine, value: nn.PerAxis) => unknown): Case => ({ kind: "perAxis", use });
const shape = (use: (engine: Engine, value: Shape) => unknown): Case => ({ kind: "shape", use });

/** Builds a model of one layer and trains it by one step. */
function train(engine: Engine, layer: nn.Layer): void {
  const model = nn
    .sequential(layer, nn.flatten(), nn.linear({ outFeatures: 2 }))
    .build(engine, { inputShape: [5, 4, 2] });
  const trainer = new Trainer(model, { loss: losses.crossEntropy(), optimizer: optim.sgd({ learningRate: 0.1 }) });
  const inputs = new Float32Array(3 * 40).fill(0.5);
  trainer.trainStep(data.dataset({ inputs, inputShape: [5, 4, 2], targets: Uint8Array.of(0, 1, 0) }), 0, 3);
  model.predict(inputs);
}

/** Runs an operation on values of these shapes, forward and backward. */
function compute(engine: Engine, shapes: readonly Shape[], operation: (...values: Value[]) => Value): void {
  const graph = new Graph();
  const inputs = shapes.map((shape, i) => graph.input(shape, `input ${i}`, "f32", true));
  const y = operation(...inputs);
  const program = new Program(engine, graph, { outputs: [y], backward: { from: y } });
  program.run();
  program.dispose();
}

const image: Shape = [2, 5, 4, 2];
const weight: Shape = [3, 3, 2, 4];
const channelWeight: Shape = [3, 3, 2];
const conv2d = { outChannels: 2, kernelSize: 3 };

const cases: Readonly<Record<string, Case>> = {
  "nn.linear outFeatures": number((engine, outFeatures) => {
    const layers = nn.sequential(nn.linear({ outFeatures }));
    layers.build(engine, { inputShape: [2] }).predict(new Float32Array(2));
  }),
  "nn.conv2d outChannels": number((engine, outChannels) => train(engine, nn.conv2d({ ...conv2d, outChannels }))),
  "nn.conv2d kernelSize": perAxis((engine, kernelSize) => train(engine, nn.conv2d({ ...conv2d, kernelSize }))),
  "nn.conv2d kernelSize under padding": perAxis((engine, kernelSize) =>
    train(engine, nn.conv2d({ ...conv2d, kernelSize, padding: 2 ** 30, stride: 2 ** 30 })),
  ),
  "nn.conv2d stride": perAxis((engine, stride) => train(engine, nn.conv2d({ ...conv2d, stride }))),
  "nn.conv2d padding": perAxis((engine, padding) => train(engine, nn.conv2d({ ...conv2d, padding }))),
  "nn.conv2d padding and stride": perAxis((engine, padding) =>
    train(engine, nn.conv2d({ ...conv2d, padding, stride: padding })),
  ),
  "nn.conv2d dilation": perAxis((engine, dilation) => train(engine, nn.conv2d({ ...conv2d, dilation }))),
  "nn.conv2d dilation of a 1×1 kernel": perAxis((engine, dilation) =>
    train(engine, nn.conv2d({ outChannels: 2, kernelSize: 1, dilation })),
  ),
  "nn.depthwiseConv2d kernelSize": perAxis((engine, kernelSize) => train(engine, nn.depthwiseConv2d({ kernelSize }))),
  "nn.depthwiseConv2d stride": perAxis((engine, stride) =>
    train(engine, nn.depthwiseConv2d({ kernelSize: 2, stride })),
  ),
  "nn.depthwiseConv2d padding": perAxis((engine, padding) =>
    train(engine, nn.depthwiseConv2d({ kernelSize: 2, padding })),
  ),
  "nn.depthwiseConv2d padding and stride": perAxis((engine, padding) =>
    train(engine, nn.depthwiseConv2d({ kernelSize: 2, padding, stride: padding })),
  ),
  "nn.depthwiseConv2d dilation": perAxis((engine, dilation) =>
    train(engine, nn.depthwiseConv2d({ kernelSize: 2, dilation })),
  ),
  "nn.maxPool2d kernelSize": perAxis((engine, kernelSize) => train(engine, nn.maxPool2d({ kernelSize }))),
  "nn.maxPool2d stride": perAxis((engine, stride) => train(engine, nn.maxPool2d({ kernelSize: 2, stride }))),
  "nn.maxPool2d padding": perAxis((engine, padding) => train(engine, nn.maxPool2d({ kernelSize: 2, padding }))),
  "nn.batchNorm epsilon": number((engine, epsilon) => train(engine, nn.batchNorm({ epsilon }))),
  "nn.batchNorm momentum": number((engine, momentum) => train(engine, nn.batchNorm({ momentum }))),
  "nn.dropout p": number((engine, p) => train(engine, nn.dropout({ p }))),
  "nn.initializers.uniform": number((engine, bound) =>
    train(engine, nn.conv2d({ ...conv2d, initializer: nn.initializers.uniform(bound) })),
  ),
  "nn.initializers.normal": number((engine, deviation) =>
    train(engine, nn.conv2d({ ...conv2d, initializer: nn.initializers.normal(deviation) })),
  ),
  "nn.initializers.kaimingUniform gain": number((engine, gain) =>
    train(engine, nn.conv2d({ ...conv2d, initializer: nn.initializers.kaimingUniform({ gain }) })),
  ),
  "nn.initializers.xavierNormal gain": number((engine, gain) =>
    train(engine, nn.conv2d({ ...conv2d, initializer: nn.initializers.xavierNormal({ gain }) })),
  ),
  inputShape: shape((engine, inputShape) =>
    nn.sequential(nn.flatten(), nn.linear({ outFeatures: 2 })).build(engine, { inputShape }),
  ),
  "predict batchSize": number((engine, batchSize) =>
    buildModel(engine).predict(new Float32Array(3 * inputSize), { batchSize }),
  ),
  "Trainer seed": number((engine, seed) => {
    const optimizer = optim.sgd({ learningRate: 1 });
    return new Trainer(buildModel(engine), { loss: losses.crossEntropy(), optimizer, seed });
  }),
  "trainStep first": number((engine, first) => trainerOf(buildModel(engine)).trainStep(samples(), first, 1)),
  "trainStep count": number((engine, count) => trainerOf(buildModel(engine)).trainStep(samples(), 0, count)),
  "trainingProgram samples": number((engine, count) => trainerOf(buildModel(engine)).trainingProgram(samples(), count)),
  "evaluate batchSize": number((engine, batchSize) => trainerOf(buildModel(engine)).evaluate(samples(), { batchSize })),
  "fit batchSize": number(async (engine, batchSize) => {
    for await (const { loss } of trainerOf(buildModel(engine)).fit(samples(), { batchSize })) {
      expect(loss).toBeGreaterThan(0);
    }
  }),
  "graph.input shape": shape((engine, shape) => compute(engine, [shape], ops.exp)),
  "ops.custom shape": shape((engine, shape) =>
    compute(engine, [[2]], (x) => ops.custom([x], { name: "mine", shape, forward: (_, y) => y.fill(1) })),
  ),
  "ops.reshape shape": shape((engine, shape) => compute(engine, [[2, 3]], (x) => ops.reshape(x, shape))),
  "ops.matmul shapes": number((engine, n) => {
    compute(engine, [[n, 2], [2, 3]], (a, b) => ops.matmul(a, b)); // prettier-ignore
    compute(engine, [[2, n], [n, 2]], (a, b) => ops.matmul(a, b)); // prettier-ignore
    compute(engine, [[n, 1], [1, n]], (a, b) => ops.matmul(a, b)); // prettier-ignore
  }),
  "ops.linear shapes": number((engine, n) => {
    compute(engine, [[n, 1], [1, n], [n]], (x, w, b) => ops.linear(x, w, b)); // prettier-ignore
  }),
  "ops.softmax shape": shape((engine, shape) => compute(engine, [shape], (x) => ops.softmax(x))),
  "ops.flatten shape": shape((engine, shape) => compute(engine, [shape], ops.flatten)),
  "ops.conv2d images": number((engine, n) => compute(engine, [[n, 3, 3, 2], weight], (x, w) => ops.conv2d(x, w))),
  "ops.conv2d height": number((engine, n) => compute(engine, [[1, n, 3, 2], weight], (x, w) => ops.conv2d(x, w))),
  "ops.conv2d channels": number(
    (engine, n) =>
    compute(engine, [[1, 3, 3, n], [3, 3, n, n]], (x, w) => ops.conv2d(x, w)), // prettier-ignore
  ),
  "ops.conv2d kernel": number(
    (engine, n) =>
    compute(engine, [[1, 1, 3, 1], [n, 1, 1, 1]], (x, w) => ops.conv2d(x, w, undefined, { padding: [n, 0], stride: n })), // prettier-ignore
  ),
  "ops.conv2d stride": perAxis((engine, stride) =>
    compute(engine, [image, weight], (x, w) => ops.conv2d(x, w, undefined, { stride })),
  ),
  "ops.conv2d padding": perAxis((engine, padding) =>
    compute(engine, [image, weight], (x, w) => ops.conv2d(x, w, undefined, { padding })),
  ),
  "ops.conv2d dilation": perAxis((engine, dilation) =>
    compute(engine, [image, weight], (x, w) => ops.conv2d(x, w, undefined, { dilation })),
  ),
  "ops.depthwiseConv2d stride": perAxis((engine, stride) =>
    compute(engine, [image, channelWeight], (x, w) => ops.depthwiseConv2d(x, w, undefined, { stride })),
  ),
  "ops.depthwiseConv2d padding": perAxis((engine, padding) =>
    compute(engine, [image, channelWeight], (x, w) => ops.depthwiseConv2d(x, w, undefined, { padding })),
  ),
  "ops.depthwiseConv2d dilation": perAxis((engine, dilation) =>
    compute(engine, [image, channelWeight], (x, w) => ops.depthwiseConv2d(x, w, undefined, { dilation })),
  ),
  "ops.conv2d groups": number((engine, groups) =>
    compute(engine, [image, weight], (x, w) => ops.conv2d(x, w, undefined, { groups })),
  ),
  "ops.conv1d length, in groups": number((engine, n) => {
    for (const padding of ["causal", "same"] as const) {
      compute(engine, [[1, 4, 2], [3, 1, 2]], (x, w) => ops.conv1d(x, w, undefined, { padding, stride: n, dilation: n, groups: 2 })); // prettier-ignore
    }
    compute(engine, [[1, n, 2], [3, 1, 2]], (x, w) => ops.conv1d(x, w, undefined, { padding: 1, groups: 2 })); // prettier-ignore
  }),
  "ops.conv3d stride, padding and dilation": number((engine, n) => {
    for (const options of [
      { stride: n },
      { padding: [n, 0, 0] },
      { padding: n, stride: n },
      { dilation: n, padding: 1 },
    ] as const) {
      compute(engine, [[1, 2, 3, 2, 2], [2, 1, 2, 2, 3]], (x, w) => ops.conv3d(x, w, undefined, options)); // prettier-ignore
    }
  }),
  "ops.convTranspose1d length and channels": number((engine, n) => {
    compute(engine, [[1, n, 2], [2, 1, 2]], (x, w) => ops.convTranspose1d(x, w)); // prettier-ignore
    compute(engine, [[1, 2, 1], [1, n, 1]], (x, w) => ops.convTranspose1d(x, w)); // prettier-ignore
  }),
  "ops.convTranspose2d stride": perAxis((engine, stride) => {
    for (const padding of [0, 1, "same"] as const) {
      compute(engine, [[1, 1, 2, 2], [3, 2, 4, 2]], (x, w) => ops.convTranspose2d(x, w, undefined, { stride, padding })); // prettier-ignore
    }
  }),
  "ops.convTranspose2d padding": perAxis((engine, padding) =>
    compute(engine, [[1, 5, 4, 2], weight], (x, w) => ops.convTranspose2d(x, w, undefined, { padding })),
  ),
  "ops.convTranspose2d outputPadding": perAxis((engine, outputPadding) =>
    compute(engine, [[1, 1, 1, 4], weight], (x, w) =>
      ops.convTranspose2d(x, w, undefined, { outputPadding, stride: 2 ** 31 - 1 }),
    ),
  ),
  "ops.convTranspose2d dilation and groups": number((engine, n) => {
    compute(engine, [[1, 2, 1, 4], weight], (x, w) => ops.convTranspose2d(x, w, undefined, { dilation: n })); // prettier-ignore
    compute(engine, [[1, 2, 1, 4], [1, 1, 3, 4]], (x, w) => ops.convTranspose2d(x, w, undefined, { dilation: n, groups: n })); // prettier-ignore
  }),
  "ops.maxPool2d kernelSize": perAxis((engine, kernelSize) =>
    compute(engine, [image], (x) => ops.maxPool2d(x, { kernelSize })),
  ),
  "ops.maxPool2d stride": perAxis((engine, stride) =>
    compute(engine, [image], (x) => ops.maxPool2d(x, { kernelSize: 2, stride })),
  ),
  "ops.maxPool2d padding": perAxis((engine, padding) =>
    compute(engine, [image], (x) => ops.maxPool2d(x, { kernelSize: 2, padding })),
  ),
  "ops.dropout p": number((engine, p) => compute(engine, [image], (x) => ops.dropout(x, p))),
  "ops.scale factor": number((engine, factor) => compute(engine, [image], (x) => ops.scale(x, factor))),
  "optim.sgd learningRate": number((_, learningRate) => optim.sgd({ learningRate })),
  "optim.sgd momentum": number((_, momentum) => optim.sgd({ learningRate: 1, momentum })),
  "optim.adagrad epsilon": number((_, epsilon) => optim.adagrad({ learningRate: 1, epsilon })),
  "optim.adam beta1": number((_, beta1) => optim.adam({ learningRate: 1, beta1 })),
  "optim.adam weightDecay": number((_, weightDecay) => optim.adam({ learningRate: 1, weightDecay })),
  "optim.schedules.step everyEpochs": number((_, everyEpochs) => optim.schedules.step({ everyEpochs })),
  "optim.schedules.cosine final": number((_, final) => optim.schedules.cosine({ final })),
};

const label = (value: unknown): string =>
  Array.isArray(value)
    ? `[${value.map(label).join(", ")}]`
    : typeof value === "object" && value !== null
      ? "{}"
      : String(value);

/** Uses an odd value; whatever is thrown must be thrown on purpose. Returns it. */
async function attempt({ use }: Case, engine: Engine, value: unknown, what: string): Promise<unknown> {
  const start = performance.now();
  let thrown: unknown;
  try {
    await use(engine, value as never);
  } catch (error) {
    thrown = error;
    if (!(error instanceof WasmgradError)) {
      throw new Error(`${what} ${label(value)}: ${error instanceof Error ? error.stack! : label(error)}`);
    }
  }
  const time = performance.now() - start;
  expect(time, `milliseconds of ${what} ${label(value)}`).toBeLessThan(1000);
  return thrown;
}

describe("any value for a numeric option is taken, or refused with an error that says why, within a second", () => {
  it.each(Object.entries(cases))("%s", async (name, given) => {
    // Small enough that what fits in it is computed quickly.
    const engine = await createEngine({ threads: 1, maximumMemory: 2 ** 24 });
    const held = engine.memory.allocatedBytes;
    for (const oddity of oddities) {
      for (const value of kinds[given.kind](oddity)) await attempt(given, engine, value, name);
    }
    await collectGarbage();
    engine.arena.trim();
    expect(engine.memory.allocatedBytes).toBeLessThan(held + 2 ** 23);
  });
});
