import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  createEngine,
  data,
  type Dataset,
  type Engine,
  losses,
  type Model,
  nn,
  ops,
  optim,
  Trainer,
} from "../../src/index.js";
import { expectIdentical } from "../expect.js";
import { randomFloats } from "../random.js";
import { numbersOf, quadrants, trainerOf } from "./quadrants.js";

/** Networks that normalise features, of which a sample has one element each. */
const normalised: Readonly<Record<string, readonly nn.Layer[]>> = {
  "after a linear layer": [nn.linear({ outFeatures: 4 }), nn.batchNorm()],
  "on raw features": [nn.batchNorm(), nn.linear({ outFeatures: 4 })],
  "before ReLU in a branch": [
    nn.residual(nn.linear({ outFeatures: 2 }), nn.batchNorm(), nn.relu()),
    nn.linear({ outFeatures: 4 }),
  ],
};

async function build(layers: readonly nn.Layer[], engine?: Engine): Promise<Model> {
  return nn.sequential(...layers).build(engine ?? (await createEngine({ seed: 4, threads: 1 })), { inputShape: [2] });
}

describe("dropLast", () => {
  it.each([
    [23, 10, 2],
    [20, 10, 2],
    [10, 10, 1],
    [7, 2, 3],
  ])("leaves the smaller last batch of %i samples by %i out: %i steps an epoch", async (samples, batchSize, steps) => {
    const seen: number[] = [];
    const look = nn.lambda((x) =>
      ops.custom([x], {
        name: "look",
        shape: x.shape,
        forward: ([values], y) => {
          y.set(values!);
          seen.push(...values!);
        },
      }),
    );
    const model = nn.sequential(look).build(await createEngine(), { inputShape: [1] });
    const inputs = Float32Array.from({ length: samples }, (_, i) => i);
    const dataset = data.dataset({ inputs, inputShape: [1], targets: inputs });
    const factors: number[] = [];
    const schedule: optim.Schedule = ({ run }) => factors.push(run!.steps);
    const trainer = new Trainer(model, {
      loss: losses.meanSquaredError(),
      optimizer: optim.sgd({ learningRate: 0, schedule }),
    });
    const reports: string[] = [];
    const history = await trainer.fit(dataset, {
      ...{ epochs: 3, batchSize, dropLast: true },
      onStep: ({ epoch, step, steps: all }) => reports.push(`${epoch} ${step}/${all}`),
    });
    expect(trainer.step).toBe(3 * steps);
    expect(reports).toHaveLength(3 * steps);
    expect(reports.at(-1)).toBe(`3 ${steps}/${steps}`);
    expect(new Set(factors)).toEqual(new Set([3 * steps]));
    expect(history.map(({ loss }) => loss)).toEqual([0, 0, 0]);
    for (let epoch = 0; epoch < 3; epoch++) {
      const visited = seen.slice(epoch * steps * batchSize, (epoch + 1) * steps * batchSize);
      expect(new Set(visited).size).toBe(steps * batchSize);
    }
    expect(seen).toHaveLength(3 * steps * batchSize);
  });

  it("refuses to leave nothing", async () => {
    const trainer = trainerOf(await build([nn.linear({ outFeatures: 4 })]));
    const run = trainer.fit(quadrants(20), { batchSize: 32, dropLast: true });
    await expect(run).rejects.toThrow(ArgumentError);
    await expect(run).rejects.toThrow(
      "dropLast leaves no batch: the data set has 20 samples, fewer than the 32 of a batch",
    );
  });
});

describe.each(Object.entries(normalised))("batch norm %s", (_, layers) => {
  it.each([
    [33, 32],
    [65, 32],
    [3, 2],
    [5, 4],
    [101, 50],
  ])(
    "cannot train on the last sample of %i by %i: told before the first step, with what to do",
    async (samples, batchSize) => {
      const engine = await createEngine({ seed: 4, threads: 1 });
      const model = await build(layers, engine);
      const [trainer, twin] = [trainerOf(model, undefined, 1), trainerOf(await build(layers), undefined, 1)];
      const state = numbersOf(model);
      const message = await trainer.fit(quadrants(samples), { batchSize, epochs: 2 }).then(
        () => expect.fail("it trains"),
        (error: unknown) => {
          expect(error).toBeInstanceOf(ArgumentError);
          return (error as Error).message;
        },
      );
      expect(message).toMatch(
        new RegExp(
          `^the last batch of an epoch holds 1 of ${samples} samples, .*\\(layer .*\\(batchNorm\\): .*dropLast: true`,
        ),
      );
      expect(trainer.step).toBe(0);
      expectIdentical(numbersOf(model), state);

      // Both ways out work, and a trainer that was refused trains as one that was not.
      const suggested = Number(/a batchSize of (\d+)$/.exec(message)![1]);
      await trainer.fit(quadrants(samples), { batchSize, dropLast: true });
      await twin.fit(quadrants(samples), { batchSize, dropLast: true });
      expectIdentical(numbersOf(model), numbersOf(twin.model));
      await trainer.fit(quadrants(samples), { batchSize: suggested });
      expect(numbersOf(model).every(Number.isFinite)).toBe(true);
    },
  );

  it("cannot train on single samples, nor on a set of one, and evaluates both", async () => {
    const trainer = trainerOf(await build(layers));
    await expect(trainer.fit(quadrants(8), { batchSize: 1 })).rejects.toThrow(
      /^a batch holds one sample.*larger batchSize/,
    );
    await expect(trainer.fit(quadrants(1))).rejects.toThrow(/^a batch holds one sample.*give it more samples$/);
    expect((await trainer.evaluate(quadrants(1))).loss).toBeGreaterThan(0);
    await trainer.fit(quadrants(8), { batchSize: 4, validation: quadrants(1) });
    expect(trainer.step).toBe(2);
  });
});

describe("the batches of a run", () => {
  /** A layer that counts how often programs are compiled, and refuses batches of some length. */
  function counting(refused: number): { layer: nn.Layer; batches: number[] } {
    const batches: number[] = [];
    const apply = (x: Parameters<typeof ops.relu>[0]): ReturnType<typeof ops.relu> => {
      batches.push(x.shape[0]!);
      return x.shape[0] === refused ? ops.reshape(x, [1]) : ops.relu(x);
    };
    return { layer: nn.lambda(apply, "picky"), batches };
  }

  it("are all compiled before its first step, once, and stay however many others are evaluated", async () => {
    const { layer, batches } = counting(0);
    const trainer = trainerOf(await build([layer, nn.linear({ outFeatures: 4 })]));
    batches.length = 0;
    const [dataset, validation] = [quadrants(23), quadrants(260)];
    const compiled: number[][] = [];
    for await (const { epoch } of trainer.fit(dataset, {
      ...{ epochs: 3, batchSize: 10, validation },
      onStep: () => compiled.push(batches.splice(0)),
    })) {
      for (let samples = 1; samples <= 20; samples++) await trainer.evaluate(quadrants(samples));
      expect(batches.splice(0)).toHaveLength(20);
      expect(epoch).toBeLessThan(4);
    }
    expect(compiled[0]!.sort()).toEqual([10, 10, 250, 3].sort());
    expect(compiled.slice(1).flat()).toEqual([]);
  });

  it("are told before its first step if a layer of one's own does not take the last", async () => {
    const { layer } = counting(3);
    const trainer = trainerOf(await build([layer, nn.linear({ outFeatures: 4 })]));
    await expect(trainer.fit(quadrants(23), { batchSize: 10 })).rejects.toThrow(
      /^the last batch of an epoch holds 3 of 23 samples, .*layer 0 \(picky\).*or take another batchSize$/,
    );
    expect(trainer.step).toBe(0);
    await trainer.fit(quadrants(23), { batchSize: 10, dropLast: true });
    expect(trainer.step).toBe(2);
  });

  it("and so are those of the validation set", async () => {
    const trainer = trainerOf(await build([nn.linear({ outFeatures: 4 })]));
    const other = (changes: Partial<Parameters<typeof data.dataset>[0]>): Dataset =>
      data.dataset({ inputs: randomFloats(6), inputShape: [2], targets: Uint8Array.of(0, 1, 2), ...changes });
    const withValidation = (validation: Dataset): Promise<unknown> =>
      trainer.fit(quadrants(8), { validation }).finally();
    await expect(withValidation(other({ inputShape: [1], targets: new Uint8Array(6) }))).rejects.toThrow(
      /^the validation set has samples of shape \[1\]/,
    );
    await expect(withValidation(other({ targets: Uint8Array.of(0, 1, 4) }))).rejects.toThrow(
      /^sample 2 of the validation set has label 4/,
    );
    await expect(withValidation({} as Dataset)).rejects.toThrow(/^the validation set must be a data set/);
    await expect(withValidation(null as unknown as Dataset)).rejects.toThrow(ArgumentError);
    expect(trainer.step).toBe(0);
  });
});
