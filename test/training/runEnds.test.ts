import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  createEngine,
  data,
  type EpochReport,
  KernelError,
  losses,
  nn,
  ops,
  optim,
  Trainer,
  type TrainingRun,
} from "../../src/index.js";
import { perceptron, quadrants, trainerOf } from "./quadrants.js";

const points = quadrants(64);
/** Four epochs of two steps. */
const options = { epochs: 4, batchSize: 32 };

async function newTrainer(): Promise<Trainer> {
  return trainerOf(await perceptron());
}

const epochsOf = (reports: readonly EpochReport[]): number[] => reports.map(({ epoch }) => epoch);

/** The messages of all rejections that nobody handles while `work` is done and shortly after. */
async function unhandledDuring(work: () => Promise<unknown>): Promise<string[]> {
  const messages: string[] = [];
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (reason) => messages.push((reason as Error).message));
  try {
    await work();
    await delay(20);
  } finally {
    process.removeAllListeners("unhandledRejection");
    for (const listener of others) process.on("unhandledRejection", listener);
  }
  return messages;
}

describe("stop", () => {
  const never = new Promise<void>(() => undefined);

  it.each<[string, number, number, (trainer: Trainer) => Promise<TrainingRun[]>]>([
    [
      "before the first step",
      0,
      0,
      async (trainer) => {
        const run = trainer.fit(points, options);
        await run.stop();
        return [run];
      },
    ],
    [
      "in onStep, within an epoch",
      5,
      2,
      async (trainer) => {
        const run: TrainingRun = trainer.fit(points, {
          ...options,
          onStep: ({ epoch, step }) => void (epoch === 3 && step === 1 && run.stop()),
        });
        await run;
        return [run];
      },
    ],
    [
      "in onStep of an epoch's last step, whose report still comes",
      4,
      2,
      async (trainer) => {
        const run: TrainingRun = trainer.fit(points, {
          ...options,
          validation: points,
          onStep: ({ epoch, step }) => void (epoch === 2 && step === 2 && run.stop()),
        });
        await run;
        return [run];
      },
    ],
    [
      "in the body of a loop, awaited there",
      2,
      1,
      async (trainer) => {
        const run = trainer.fit(points, options);
        for await (const { epoch } of run) expect(epochsOf(await run.stop())).toEqual([epoch]);
        return [run];
      },
    ],
    [
      "at a gate that would never open",
      3,
      1,
      async (trainer) => {
        const run = trainer.fit(points, { ...options, gate: () => (trainer.step === 3 ? never : Promise.resolve()) });
        while (trainer.step < 3) await delay(1);
        await run.stop();
        return [run];
      },
    ],
    [
      "by the gate itself, awaited there",
      3,
      1,
      async (trainer) => {
        const gate = async (): Promise<void> => {
          if (trainer.step === 3) await run.stop();
        };
        const run: TrainingRun = trainer.fit(points, { ...options, gate });
        await run;
        return [run];
      },
    ],
    [
      "from a timer",
      NaN,
      NaN,
      async (trainer) => {
        const run = trainer.fit(points, { epochs: 1e9, batchSize: 32 });
        setTimeout(() => void run.stop(), 20);
        await run;
        return [run];
      },
    ],
    [
      "while a loop was dropped in the middle",
      2,
      1,
      async (trainer) => {
        const run = trainer.fit(points, options);
        await run[Symbol.asyncIterator]().next();
        await run.stop();
        return [run];
      },
    ],
  ])("ends the training: %s", async (_, steps, epochs, stop) => {
    const trainer = await newTrainer();
    const [run] = await stop(trainer);
    const stoppedAt = trainer.step;
    if (steps >= 0) {
      expect(stoppedAt).toBe(steps);
      expect(run!.history).toHaveLength(epochs);
    }
    expect(await run!.stop()).toEqual(await run!);
    await trainer.fit(points, options);
    expect(trainer.step).toBe(stoppedAt + 8);
  });
});

describe("a run that fails", () => {
  const boom = (): never => {
    throw new RangeError("boom");
  };
  /** A trainer whose custom layer throws in its run number `failing`. */
  const brittle = async (failing: number): Promise<Trainer> => {
    let runs = 0;
    const layer = nn.lambda(
      (x) =>
        ops.custom([x], {
          name: "brittle",
          shape: x.shape,
          forward: ([values], y) => {
            if (++runs === failing) throw new Error("broken");
            y.set(values!);
          },
          backward: (_inputs, _output, dy, [dx]) => dx!.set(dy),
        }),
      "brittle",
    );
    const engine = await createEngine({ threads: 1 });
    return trainerOf(nn.sequential(layer, nn.linear({ outFeatures: 4 })).build(engine, { inputShape: [2] }));
  };

  it.each<[string, number, () => Promise<Trainer>, Parameters<Trainer["fit"]>[1], new () => Error]>([
    ["onStep throws", 3, newTrainer, { onStep: ({ epoch }) => (epoch === 2 ? boom() : undefined) }, RangeError],
    ["the gate rejects", 0, newTrainer, { gate: () => Promise.reject(new RangeError("no")) }, RangeError],
    ["the gate throws", 0, newTrainer, { gate: boom }, RangeError],
    ["a layer throws within an epoch", 3, () => brittle(4), {}, KernelError],
    ["a layer throws in the validation", 4, () => brittle(6), { validation: points }, KernelError],
    ["an argument is wrong", 0, newTrainer, { epochs: -1 }, ArgumentError],
  ])("rejects, throws in its loops, and leaves the trainer free: %s", async (_, steps, make, more, type) => {
    const trainer = await make();
    const run = trainer.fit(points, { ...options, ...more });
    const seen: EpochReport[] = [];
    const loop = async (): Promise<void> => {
      for await (const report of run) seen.push(report);
    };
    await expect(loop()).rejects.toThrow(type);
    await expect(run).rejects.toThrow(type);
    expect(trainer.step).toBe(steps);
    expect(run.history).toEqual(seen);
    seen.length = 0;
    // A loop that comes after the end as well.
    await expect(loop()).rejects.toThrow(type);
    expect(seen).toEqual(run.history);
    await expect(run.stop()).rejects.toThrow(type);
    await trainer.fit(points, options);
    expect(trainer.step).toBe(steps + 8);
  });

  it("is an unhandled rejection if nobody listens, and only then", async () => {
    const trainer = await newTrainer();
    const fail = (): TrainingRun => trainer.fit(points, { ...options, onStep: boom });
    expect(await unhandledDuring(() => Promise.resolve([fail()]))).toEqual(["boom"]);
    expect(await unhandledDuring(() => Promise.resolve([trainer.fit(points, { epochs: NaN })]))).toHaveLength(1);
    // To stop it is not to listen.
    expect(
      await unhandledDuring(() => {
        void trainer.fit(points, { epochs: NaN }).stop();
        return Promise.resolve();
      }),
    ).toHaveLength(1);
    const loop = async (): Promise<void> => {
      for await (const { loss } of fail()) expect(loss).toBeGreaterThan(0);
    };
    expect(await unhandledDuring(() => expect(loop()).rejects.toThrow("boom"))).toEqual([]);
    expect(await unhandledDuring(() => fail().catch(() => undefined))).toEqual([]);
  });

  it("is told by a loop that is left while its run fails", async () => {
    const engine = await createEngine({ threads: 1 });
    const model = nn.sequential(nn.linear({ outFeatures: 1 })).build(engine, { inputShape: [1] });
    const trainer = new Trainer(model, {
      loss: losses.meanSquaredError(),
      optimizer: optim.sgd({ learningRate: 0.1 }),
    });
    const set = data.dataset({ inputs: Float32Array.of(1, 2), inputShape: [1], targets: Float32Array.of(1, 2) });
    const run = trainer.fit(set, { epochs: 3, onStep: ({ epoch }) => (epoch === 2 ? boom() : undefined) });
    const [iterator, other] = [run[Symbol.asyncIterator](), run[Symbol.asyncIterator]()];
    await Promise.all([iterator.next(), other.next()]);
    await expect(Promise.all([iterator.next(), other.next()])).rejects.toThrow("boom");
    await expect(iterator.return!()).rejects.toThrow("boom");
    expect(await iterator.next()).toEqual({ value: undefined, done: true });
  });
});
