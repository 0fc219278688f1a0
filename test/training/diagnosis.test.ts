import { describe, expect, it, vi } from "vitest";
import * as safetensors from "../../src/formats/safetensors.js";
import {
  MemoryError,
  createEngine,
  data,
  type Engine,
  type Layer,
  losses,
  nn,
  NonFiniteError,
  ops,
  optim,
  type Value,
  Trainer,
} from "../../src/index.js";
import type { CustomDefinition } from "../../src/ops/index.js";
import { randomFloats } from "../random.js";

const samples = 6;
const linear = (): Layer => nn.linear({ outFeatures: 2 });
/** An operation of one's own that passes values and gradients on but for what `changes` says. */
const custom = (name: string, changes: Partial<CustomDefinition>, ...others: Value[]): Layer =>
  nn.lambda(
    (x) =>
      ops.custom([x, ...others], {
        name,
        shape: x.shape,
        forward: ([values], y) => y.set(values!),
        backward: (_inputs, _y, dy, [dx]) => dx!.set(dy),
        ...changes,
      }),
    "mine",
  );

interface Case {
  readonly layers: () => Layer[];
  /** Default: six samples of two numbers from −1 to 1. */
  readonly inputs?: readonly number[];
  readonly inputShape?: readonly number[];
  readonly targets?: readonly number[];
  /** Values of parameters, by name. */
  readonly state?: Readonly<Record<string, number>>;
}

function trainerOf(engine: Engine, { layers, inputShape = [2], state = {}, ...given }: Case) {
  const model = nn.sequential(...layers()).build(engine, { inputShape });
  const tensors = model.state();
  for (const [name, value] of Object.entries(state)) tensors.get(name)!.data.fill(value);
  model.loadState(tensors);
  const inputs = Float32Array.from(given.inputs ?? randomFloats(2 * samples, 8));
  const size = inputShape.reduce((product, length) => product * length, 1);
  const outputs = (inputs.length / size) * model.outputShape.reduce((product, length) => product * length, 1);
  const targets = Float32Array.from(given.targets ?? new Float32Array(outputs));
  const dataset = data.dataset({ inputs, inputShape, targets, targetShape: model.outputShape });
  const trainer = new Trainer(model, { loss: losses.meanSquaredError(), optimizer: optim.sgd({ learningRate: 0.01 }) });
  return { trainer, dataset };
}

/** The message of the error that the first step on a batch of three ends in; nothing of the model may have changed. */
function messageOf(engine: Engine, test: Case, first = 3, count = 3): string {
  const { trainer, dataset } = trainerOf(engine, test);
  const before = safetensors.toBytes(trainer.model);
  let error: unknown;
  try {
    trainer.trainStep(dataset, first, count);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(NonFiniteError);
  expect(Buffer.from(safetensors.toBytes(trainer.model)).equals(before)).toBe(true);
  expect(trainer.step).toBe(0);
  return (error as Error).message;
}

/** Six samples of two numbers, one of which is `value`, in the second number of sample 4. */
const withOne = (value: number): number[] => Array.from({ length: 12 }, (_, i) => (i === 9 ? value : 0.5));

describe.each([1, 2, 3])("the error of a step that is not finite (%i threads)", async (threads) => {
  const engine = await createEngine({ seed: 4, threads });

  const forward: [string, Case, RegExp][] = [
    [
      "an operation that overflows, for one sample",
      { layers: () => [nn.lambda(ops.exp, "grow"), linear()], inputs: withOne(100) },
      /the loss is Infinity\. The first value that is not finite is Infinity, computed by exp in layer 0 \(grow\) for sample 4 /,
    ],
    [
      "the logarithm of a negative number",
      { layers: () => [nn.tanh(), nn.sequential(nn.lambda(ops.log, "log"), linear())], inputs: withOne(-1) },
      /the loss is NaN\. The first .* is NaN, computed by layer 1\.0 \(log\) for sample 4 of the data set\./,
    ],
    [
      "a layer with weights, although a ReLU follows that would be fused with it",
      { layers: () => [nn.lambda((x) => ops.scale(x, 1e38)), linear(), nn.relu(), linear()], state: { "1.weight": 9 } },
      /The first .* is -?Infinity, computed by layer 1 \(linear\) for sample 3 of the data set\./,
    ],
    [
      "an operation of one's own",
      { layers: () => [linear(), custom("odd", { forward: (_, y) => y.fill(NaN) }), linear()] },
      /The first .* is NaN, computed by odd in layer 1 \(mine\) for sample 3/,
    ],
    [
      "the loss",
      { layers: () => [linear()], inputs: withOne(1e25) },
      /Infinity, computed by meanSquaredError in the loss for sample 4 of the data set\./,
    ],
  ];
  const backward: [string, Case, RegExp][] = [
    [
      "a backward pass",
      { layers: () => [linear(), custom("root", { backward: (_x, _y, _dy, [dx]) => dx!.fill(Infinity) }), nn.tanh()] },
      /the loss is [\d.]+, but .* All values are finite; the first gradient that is not is Infinity, which the backward pass of root in layer 1 \(mine\) gives to the output of layer 0 \(linear\) for sample 3/,
    ],
    [
      "a gradient of a parameter",
      { layers: () => [linear()], inputs: withOne(1e25), state: { "0.weight": 1e-10 } },
      /All values are finite; .* is -?Infinity, which the backward pass of layer 0 \(linear\) gives to 0\.weight\. /,
    ],
    [
      "a sum over the uses of shared weights",
      {
        layers: () => {
          const shared = nn.linear({ outFeatures: 2, bias: false });
          return [
            shared,
            shared,
            custom("steep", { forward: (_, y) => y.fill(0), backward: (_x, _y, _dy, [dx]) => dx!.fill(1e38) }),
          ];
        },
        inputs: withOne(1.2),
        state: { "0.weight": 0.5 },
      },
      /the loss is 0, but .* All values are finite; the gradient of 0\.weight, summed over its uses, holds Infinity\./,
    ],
  ];
  const state: [string, Case, RegExp][] = [
    [
      "a parameter that was loaded",
      { layers: () => [linear(), nn.relu(), linear()], state: { "2.bias": NaN } },
      /The parameter 2\.bias holds NaN already before this step: it was loaded so, or an earlier update made it so\. Load /,
    ],
    [
      "a running statistic that overflows although loss and gradients are finite",
      { layers: () => [nn.batchNorm(), nn.flatten()], inputShape: [1, 1, 2], inputs: withOne(3e22) },
      /the loss is [\d.]+, but .* All values and gradients are finite, but 0\.runningVariance became Infinity\./,
    ],
  ];
  it.each([...forward, ...backward.filter(([name]) => !name.includes("gives a parameter")), ...state])(
    "names %s",
    (_, test, message) => {
      expect(messageOf(engine, test)).toMatch(message);
    },
  );

  it.each(["input", "target"] as const)("names an %s that is not finite since the data set was made", async (which) => {
    for (const [value, name] of [
      [NaN, "NaN"],
      [-Infinity, "-Infinity"],
    ] as const) {
      const { trainer, dataset } = trainerOf(engine, { layers: () => [linear()] });
      (dataset[`${which}s`] as Float32Array)[9] = value;
      const message = new RegExp(
        `first value that is not finite is in the ${which}: ${name} for sample 4 of the data set\\. Remove it .* or mend it\\.`,
      );
      expect(() => trainer.trainStep(dataset, 3, 3)).toThrow(message);
      await expect(trainer.fit(dataset, { batchSize: 2 })).rejects.toThrow(message);
    }
  });

  it("names the sample by its place in the data set where batches are shuffled", async () => {
    const { trainer, dataset } = trainerOf(engine, {
      layers: () => [nn.lambda(ops.exp), linear()],
      inputs: withOne(100),
    });
    for (let run = 0; run < 4; run++) {
      await expect(trainer.fit(dataset, { batchSize: 1 })).rejects.toThrow(
        /computed by exp .* for sample 4 of the data set/,
      );
      await expect(trainer.fit(dataset, { batchSize: 4 })).rejects.toThrow(
        /computed by exp .* for sample 4 of the data set/,
      );
    }
  });

  it("finds what dropout keeps and drops in the step that failed, not in another", () => {
    // Doubled, what is kept of sample 1 overflows: so it is finite in the steps in which dropout drops it.
    const { trainer, dataset } = trainerOf(engine, {
      layers: () => [nn.dropout({ p: 0.5 }), nn.lambda((x) => ops.scale(x, 1e-38))],
      inputs: [0, 3e38],
      inputShape: [1],
    });
    const failures = Array.from({ length: 20 }, () => {
      trainer.trainStep(dataset, 0, 1);
      try {
        trainer.trainStep(dataset, 1, 1);
        return false;
      } catch (error) {
        expect((error as Error).message).toMatch(/is Infinity, computed by layer 0 \(dropout\) for sample 1 of the/);
        return true;
      }
    });
    expect(new Set(failures).size).toBe(2);
  });

  it("tells what to do: not to lower a learning rate that nothing was learned by yet", async () => {
    const { trainer, dataset } = trainerOf(engine, { layers: () => [linear(), linear()] });
    const diverging = new Trainer(trainer.model, {
      loss: losses.meanSquaredError(),
      optimizer: optim.sgd({ learningRate: 50 }),
    });
    await expect(diverging.fit(dataset, { epochs: 100 })).rejects.toThrow(
      /^step 1 of epoch \d+: the loss is (?:NaN|Infinity)\. .* Lower the learning rate, or normalise the inputs, which reach 0\.\d+ in this batch\./,
    );
    const message = messageOf(engine, { layers: () => [nn.lambda(ops.exp), linear()], inputs: withOne(100) });
    expect(message).toMatch(/No update was made yet, .* and at the inputs, which reach 100 in this batch\./);
    expect(message).toMatch(/onNonFinite: "skip" leaves such batches out, "continue" trains on regardless$/);
  });

  it("says so where the step cannot be found to fail again, or cannot be executed again", () => {
    let calls = 0;
    const once = (again: () => void): Layer =>
      custom("once", {
        forward: ([x], y) => {
          y.set(x!);
          if (calls++ === 0) y.fill(NaN);
          else again();
        },
      });
    expect(messageOf(engine, { layers: () => [linear(), once(() => undefined)] })).toMatch(
      /the loss is NaN\. Executed once more, operation by operation, all values and gradients of the step were finite\./,
    );
    calls = 0;
    const refuse = (): never => {
      throw new RangeError("not twice");
    };
    expect(messageOf(engine, { layers: () => [nn.batchNorm(), linear(), once(refuse)] })).toMatch(
      /the loss is NaN\. Where it came from could not be found: .*once in layer 2 \(mine\) failed: not twice\./,
    );
  });

  it("leaves no memory behind, and training goes on as before", () => {
    const { trainer, dataset } = trainerOf(engine, {
      layers: () => [nn.batchNorm(), nn.lambda(ops.exp), linear()],
      inputs: withOne(1),
    });
    const { memory, arena } = engine;
    const reach: number[] = [];
    for (let attempt = 0; attempt < 5; attempt++) {
      trainer.trainStep(dataset, 0, 3);
      const tensors = trainer.model.state();
      tensors.get("0.weight")!.data.fill(1000);
      const good = trainer.model.state();
      trainer.model.loadState(tensors);
      expect(() => trainer.trainStep(dataset, 3, 3)).toThrow(/computed by layer 1 \(lambda\)|computed by exp/);
      trainer.model.loadState(good);
      reach.push(memory.allocatedBytes, arena.bytes);
    }
    expect(new Set(reach.slice(2)).size).toBe(2);
    expect(trainer.trainStep(dataset, 3, 3).loss).toBeGreaterThan(0);
  });
});

it("the error of a step that is not finite says so where memory for the search lacks, and training can go on", async () => {
  const engine = await createEngine({ seed: 1, threads: 1 });
  const { trainer, dataset } = trainerOf(engine, {
    layers: () => [nn.lambda(ops.exp), linear()],
    inputs: withOne(100),
  });
  const { loss } = trainer.trainStep(dataset, 0, 3);
  const allocate = vi.spyOn(engine.memory, "allocate").mockImplementation((bytes) => {
    throw new MemoryError(`cannot allocate ${bytes} bytes`);
  });
  expect(() => trainer.trainStep(dataset, 3, 3)).toThrow(NonFiniteError);
  expect(() => trainer.trainStep(dataset, 3, 3)).toThrow(
    /the loss is Infinity\. Where it came from could not be found: cannot allocate/,
  );
  allocate.mockRestore();
  expect(trainer.trainStep(dataset, 0, 3).loss).not.toBe(loss);
});
