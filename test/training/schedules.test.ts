import { describe, expect, it } from "vitest";
import { ArgumentError, optim, type Trainer } from "../../src/index.js";
import { expectIdentical } from "../expect.js";
import { numbersOf, perceptron, quadrants, trainerOf } from "./quadrants.js";

const points = quadrants(40);
/** Two epochs of two steps. */
const options = { epochs: 2, batchSize: 20 };
const { constant, cosine, inverseSquareRoot, step } = optim.schedules;

/** A trainer that notes what its schedule sees and gives. */
async function noting(
  schedule: optim.Schedule,
): Promise<{ trainer: Trainer; factors: number[]; seen: optim.Progress[] }> {
  const factors: number[] = [];
  const seen: optim.Progress[] = [];
  const noted: optim.Schedule = (progress) => {
    const { step, epoch, run } = progress;
    seen.push({ step, epoch, run });
    const factor = schedule(progress);
    factors.push(factor);
    return factor;
  };
  const optimizer = optim.sgd({ learningRate: 0.1, schedule: noted });
  return { trainer: trainerOf(await perceptron(), optimizer), factors, seen };
}

describe("over three fits of two epochs of two steps", () => {
  const quarter = (1 + Math.cos(Math.PI / 4)) / 2;
  it.each<[string, optim.Schedule, readonly (readonly number[])[]]>([
    [
      "constant stays",
      constant(),
      [
        [1, 1, 1, 1],
        [1, 1, 1, 1],
        [1, 1, 1, 1],
      ],
    ],
    [
      "cosine goes down from 1 in each",
      cosine(),
      [
        [1, quarter, 0.5, 1 - quarter],
        [1, quarter, 0.5, 1 - quarter],
        [1, quarter, 0.5, 1 - quarter],
      ],
    ],
    [
      "cosine over steps goes down once, and stays",
      cosine({ steps: 6, final: 0.5 }),
      Array.from({ length: 3 }, (_, fit) =>
        Array.from({ length: 4 }, (_, i) => 0.5 + (0.5 * (1 + Math.cos((Math.PI * Math.min(4 * fit + i, 6)) / 6))) / 2),
      ),
    ],
    [
      "step counts the epochs of all",
      step({ everyEpochs: 3, factor: 0.5 }),
      [
        [1, 1, 1, 1],
        [1, 1, 0.5, 0.5],
        [0.5, 0.5, 0.5, 0.5],
      ],
    ],
    [
      "step counts the steps of all",
      step({ everySteps: 5, factor: 0.5 }),
      [
        [1, 1, 1, 1],
        [1, 0.5, 0.5, 0.5],
        [0.5, 0.5, 0.25, 0.25],
      ],
    ],
    [
      "inverseSquareRoot goes on",
      inverseSquareRoot(),
      Array.from({ length: 3 }, (_, fit) => Array.from({ length: 4 }, (_, i) => 1 / Math.sqrt(4 * fit + i + 1))),
    ],
    [
      "a function of the step goes on",
      ({ step }) => step,
      [
        [1, 2, 3, 4],
        [5, 6, 7, 8],
        [9, 10, 11, 12],
      ],
    ],
  ])("%s", async (_, schedule, expected) => {
    const { trainer, factors } = await noting(schedule);
    for (const want of expected) {
      factors.length = 0;
      await trainer.fit(points, options);
      expect(factors).toHaveLength(4);
      for (const [i, factor] of factors.entries()) expect(Math.abs(factor - want[i]!)).toBeLessThan(1e-14);
    }
  });
});

describe("what a schedule sees", () => {
  it("is the progress of the trainer and of the run, also after runs that were cut short and between steps of one's own", async () => {
    const { trainer, seen } = await noting(() => 1);
    for await (const { epoch } of trainer.fit(points, { ...options, epochs: 5 })) if (epoch === 2) break;
    const run = trainer.fit(points, { ...options, onStep: () => void run.stop() });
    await run;
    trainer.trainStep(points, 0, 7);
    await trainer.fit(points, { epochs: 2, batchSize: 39, dropLast: true });
    const inFirst = (step: number, epoch: number): optim.Progress => ({
      step,
      epoch,
      run: { step, epoch, steps: 10, epochs: 5 },
    });
    expect(seen).toEqual([
      inFirst(1, 1),
      inFirst(2, 1),
      inFirst(3, 2),
      inFirst(4, 2),
      { step: 5, epoch: 3, run: { step: 1, epoch: 1, steps: 4, epochs: 2 } },
      { step: 6, epoch: 3, run: undefined },
      { step: 7, epoch: 4, run: { step: 1, epoch: 1, steps: 2, epochs: 2 } },
      { step: 8, epoch: 5, run: { step: 2, epoch: 2, steps: 2, epochs: 2 } },
    ]);
  });

  it("is no fit in trainStep: schedules that follow one refuse the step, which changes nothing", async () => {
    for (const [schedule, other] of [
      [cosine(), cosine({ steps: 3 })],
      [step(), step({ everySteps: 3 })],
    ] as const) {
      const trainer = trainerOf(await perceptron(), optim.adam({ learningRate: 0.1, schedule }));
      const before = numbersOf(trainer.model);
      expect(() => trainer.trainStep(points, 0, 10)).toThrow(ArgumentError);
      expect(trainer.step).toBe(0);
      expectIdentical(numbersOf(trainer.model), before);
      await trainer.fit(points);
      const able = trainerOf(await perceptron(), optim.adam({ learningRate: 0.1, schedule: other }));
      expect(able.trainStep(points, 0, 10).loss).toBeGreaterThan(0);
    }
  });
});

describe("a schedule that gives no factor", () => {
  it.each([NaN, -1, Infinity, undefined, "1", null, 1n, () => 1])(
    "ends the run before the step has changed anything: %s",
    async (wrong) => {
      let isWrong = true;
      const schedule: optim.Schedule = ({ step }) => (step === 3 && isWrong ? (wrong as number) : 0.5);
      const [trainer, twin] = await Promise.all(
        [schedule, (): number => 0.5].map(async (schedule) =>
          trainerOf(await perceptron(), optim.adam({ learningRate: 0.1, schedule }), 1),
        ),
      );
      const settings = { batchSize: 20, shuffle: false };
      await trainer!.fit(points, settings);
      const failing = trainer!.fit(points, settings);
      await expect(failing).rejects.toThrow(ArgumentError);
      await expect(failing).rejects.toThrow(
        /^the scheduled learning rate must be a finite number of at least 0: for step 3 \(epoch 2\) the schedule gave the factor .* on 0\.1$/,
      );
      expect(trainer!.step).toBe(2);
      isWrong = false;
      await trainer!.fit(points, settings);
      await twin!.fit(points, { ...settings, epochs: 2 });
      expectIdentical(numbersOf(trainer!.model), numbersOf(twin!.model));
    },
  );

  it("ends it with the error that the schedule throws", async () => {
    const schedule: optim.Schedule = () => {
      throw new RangeError("no idea");
    };
    const trainer = trainerOf(await perceptron(), optim.adam({ learningRate: 0.1, schedule }));
    await expect(trainer.fit(points)).rejects.toThrow(RangeError);
    expect(() => trainer.trainStep(points, 0, 5)).toThrow(RangeError);
    expect(trainer.step).toBe(0);
  });
});
