import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { EpochReport, Trainer, TrainingRun } from "../../src/index.js";
import { perceptron, quadrants, trainerOf } from "./quadrants.js";

const points = quadrants(64);
/** Four epochs of two steps. */
const options = { epochs: 4, batchSize: 32 };

async function newTrainer(): Promise<Trainer> {
  return trainerOf(await perceptron());
}

const epochsOf = (reports: readonly EpochReport[]): number[] => reports.map(({ epoch }) => epoch);

describe("a run that is awaited", () => {
  it("trains through and gives the reports of all epochs", async () => {
    const trainer = await newTrainer();
    const history = await trainer.fit(points, { ...options, validation: points });
    expect(epochsOf(history)).toEqual([1, 2, 3, 4]);
    expect(trainer.step).toBe(8);
    expect(history[3]!.loss).toBeLessThan(history[0]!.loss);
    expect(history[3]!.validation?.accuracy).toBeGreaterThan(0);
    expect(await trainer.fit(points, { epochs: 0 })).toEqual([]);
  });

  it("is a promise: then, catch, finally and Promise.all take it, as often as asked", async () => {
    const trainer = await newTrainer();
    const run = trainer.fit(points, options);
    let finals = 0;
    const results = await Promise.all([
      run,
      run.then((history) => history.length),
      run.catch(() => "never"),
      run.finally(() => finals++),
    ]);
    expect(finals).toBe(1);
    expect(results[1]).toBe(4);
    for (const i of [0, 2, 3]) expect(results[i]).toEqual(run.history);
    expect(await run).toEqual(run.history);
    expect(Object.prototype.toString.call(run)).toBe("[object TrainingRun]");
  });

  it("starts by itself, after the caller's synchronous code", async () => {
    const trainer = await newTrainer();
    void trainer.fit(points, options);
    expect(trainer.step).toBe(0);
    await delay(50);
    expect(trainer.step).toBe(8);
  });
});

describe("a run that is looped over", () => {
  it("stands still while the body of the loop works on a report", async () => {
    const trainer = await newTrainer();
    const steps: number[] = [];
    for await (const { epoch } of trainer.fit(points, options)) {
      steps.push(trainer.step);
      await delay(5);
      expect(trainer.step).toBe(2 * epoch);
    }
    expect(steps).toEqual([2, 4, 6, 8]);
  });

  it("can be awaited too, before, in between and after", async () => {
    const trainer = await newTrainer();
    const run = trainer.fit(points, options);
    const before = run.then(epochsOf);
    const seen: EpochReport[] = [];
    for await (const report of run) seen.push(report);
    expect(await run).toEqual(seen);
    expect(await before).toEqual([1, 2, 3, 4]);
  });

  it("gives a loop that comes late all reports from the first, and holds training from then on", async () => {
    const trainer = await newTrainer();
    const seen: [epoch: number, step: number][] = [];
    const loop = async (): Promise<void> => {
      for await (const { epoch } of run) {
        seen.push([epoch, trainer.step]);
        await delay(3);
      }
    };
    let looping: Promise<void> | undefined;
    const run: TrainingRun = trainer.fit(points, {
      ...options,
      onStep: () => {
        if (trainer.step === 5) looping = loop();
      },
    });
    await run;
    await looping;
    expect(seen).toEqual([
      [1, 5],
      [2, 5],
      [3, 6],
      [4, 8],
    ]);
    seen.length = 0;
    await loop();
    expect(seen.map(([epoch]) => epoch)).toEqual([1, 2, 3, 4]);
  });

  it("serves several loops, each with all reports; the slowest sets the pace", async () => {
    const trainer = await newTrainer();
    const run = trainer.fit(points, options);
    const loop = async (milliseconds: number): Promise<number[]> => {
      const seen: number[] = [];
      for await (const { epoch } of run) {
        seen.push(epoch);
        await delay(milliseconds);
        expect(trainer.step).toBe(2 * epoch);
      }
      return seen;
    };
    expect(await Promise.all([loop(0), loop(6)])).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ]);
  });

  it("ends before its next step when the loop is left, and the trainer can go on at once", async () => {
    const trainer = await newTrainer();
    const run = trainer.fit(points, { epochs: 10, batchSize: 32 });
    for await (const { epoch } of run) if (epoch === 2) break;
    expect(trainer.step).toBe(4);
    expect(epochsOf(await trainer.fit(points, options))).toEqual([1, 2, 3, 4]);
    expect(trainer.step).toBe(12);
    expect(epochsOf(await run)).toEqual([1, 2]);
  });

  it("ends where the body throws, with its error and no other", async () => {
    const trainer = await newTrainer();
    const run = trainer.fit(points, options);
    const loop = async (): Promise<void> => {
      for await (const { epoch } of run) if (epoch === 1) throw new RangeError("enough");
    };
    await expect(loop()).rejects.toThrow(RangeError);
    expect(trainer.step).toBe(2);
    expect(epochsOf(await run)).toEqual([1]);
    await trainer.fit(points, options);
  });
});
