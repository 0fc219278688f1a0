import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import * as safetensors from "../../src/formats/safetensors.js";
import {
  createEngine,
  type Evaluation,
  type Model,
  nn,
  optim,
  StateError,
  type Trainer,
  type TrainingRun,
} from "../../src/index.js";
import { expectIdentical } from "../expect.js";
import { numbersOf, perceptron, quadrants, trainerOf } from "./quadrants.js";

const points = quadrants(150);
const held = quadrants(520);
/** Four epochs of five steps, the last of them smaller. */
const options = { epochs: 4, batchSize: 32 };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What `options` make of the perceptron if nothing disturbs them. */
async function undisturbed(): Promise<number[]> {
  const model = await perceptron();
  await trainerOf(model).fit(points, options);
  return numbersOf(model);
}

describe("one trainer at a time", () => {
  /** Calls all that a training refuses, and says how many refused it. */
  async function intrude(trainer: Trainer): Promise<number> {
    expect(() => trainer.trainStep(points, 0, 10)).toThrow(StateError);
    const second = trainer.fit(points, options);
    const loop = async (): Promise<void> => {
      for await (const { epoch } of trainer.fit(points)) expect.fail(`epoch ${epoch}`);
    };
    const outcomes = await Promise.allSettled([second, loop(), second.stop()]);
    for (const outcome of outcomes) {
      if (outcome.status === "fulfilled") return 0;
      expect(outcome.reason).toBeInstanceOf(StateError);
      expect((outcome.reason as Error).message).toMatch(
        /is training already: await the run .* or end it by its stop\(\)/,
      );
    }
    return outcomes.length + 1;
  }

  it("refuses another fit and trainStep at once, and trains on as if nothing had been", async () => {
    const model = await perceptron();
    const trainer = trainerOf(model);
    let refused = 0;
    const count = async (): Promise<void> => {
      const more = await intrude(trainer);
      refused += more;
    };
    const waiting: Promise<void>[] = [];
    const run = trainer.fit(points, { ...options, onStep: () => void waiting.push(count()) });
    waiting.push(count());
    for await (const { epoch } of run) {
      // With the last report the run is over.
      if (epoch < 4) await count();
    }
    await Promise.all(waiting);
    expect(refused).toBe(4 * (20 + 1 + 3));
    expect(trainer.step).toBe(20);
    expectIdentical(numbersOf(model), await undisturbed());
    await trainer.fit(points);
  });

  it("visits each sample once an epoch, though two fits were asked for", async () => {
    const model = await perceptron();
    const trainer = trainerOf(model);
    const [first, second] = await Promise.allSettled([trainer.fit(points, options), trainer.fit(points, options)]);
    expect([first.status, second.status]).toEqual(["fulfilled", "rejected"]);
    expectIdentical(numbersOf(model), await undisturbed());
  });
});

describe("between the steps of a fit", () => {
  it("evaluate, predict, state and bytes change no bit of the training", async () => {
    const model = await perceptron();
    const trainer = trainerOf(model);
    const waiting: Promise<Evaluation>[] = [];
    const onStep = (): void => {
      waiting.push(trainer.evaluate(held, { batchSize: 100 }), trainer.evaluate(points));
      model.predict(held.inputs, { batchSize: 7 });
      safetensors.toBytes(model);
    };
    let bodies = 0;
    for await (const { epoch } of trainer.fit(points, { ...options, validation: held, onStep })) {
      bodies = epoch;
      await trainer.evaluate(held, { batchSize: 33 });
      // More programs than are kept: those of the run are among them all the same.
      for (let samples = 1; samples <= 20; samples++) await trainer.evaluate(quadrants(samples));
    }
    await Promise.all(waiting);
    expect(bodies).toBe(4);
    expectIdentical(numbersOf(model), await undisturbed());
  });

  it("an evaluation is of the weights of one moment, however long it takes", async () => {
    const large = quadrants(150_000);
    const [model, twin] = [await perceptron(), await perceptron()];
    const [trainer, reference] = [trainerOf(model), trainerOf(twin)];
    const run = trainer.fit(points, { epochs: 1e9, batchSize: 32 });
    await delay(5);
    const at = trainer.step;
    const state = model.state();
    const evaluation = await trainer.evaluate(large, { batchSize: 500 });
    expect(trainer.step - at).toBeLessThan(2);
    await run.stop();
    expect(trainer.step).toBeGreaterThan(0);
    twin.loadState(state);
    expect(evaluation).toEqual(await reference.evaluate(large, { batchSize: 500 }));
  });

  it("two evaluations at once give what they give alone, and one during which weights are loaded that of the new ones", async () => {
    const model = await perceptron();
    const trainer = trainerOf(model);
    const large = quadrants(60_000);
    const old = await trainer.evaluate(large);
    const small = await trainer.evaluate(held, { batchSize: 9 });
    expect(await Promise.all([trainer.evaluate(large), trainer.evaluate(held, { batchSize: 9 })])).toEqual([
      old,
      small,
    ]);

    const state = (await perceptron(2)).state();
    const evaluation = trainer.evaluate(large, { batchSize: 2 });
    await turn();
    model.loadState(state);
    const changed = await trainer.evaluate(large, { batchSize: 2 });
    expect(changed.loss).not.toBe(old.loss);
    expect(await evaluation).toEqual(changed);
  });

  it("loadState is seen by the next step", async () => {
    const model = await perceptron();
    const trainer = trainerOf(model, optim.sgd({ learningRate: 0 }));
    const other = await perceptron(2);
    await trainer.fit(points, {
      ...options,
      shuffle: false,
      onStep: ({ epoch, step }) => {
        if (epoch === 2 && step === 3) model.loadState(other.state());
      },
    });
    expectIdentical(numbersOf(model), numbersOf(other));
  });

  it("trainStep is refused while its model is evaluated, by any of its trainers", async () => {
    const model = await perceptron();
    const [trainer, other] = [trainerOf(model), trainerOf(model)];
    const evaluation = trainer.evaluate(held);
    expect(() => trainer.trainStep(points, 0, 10)).toThrow(StateError);
    expect(() => other.trainStep(points, 0, 10)).toThrow(/being evaluated: await/);
    await evaluation;
    expect(trainer.trainStep(points, 0, 10).loss).toBeGreaterThan(0);
  });
});

describe("several trainers at once", () => {
  it("of two models of one engine train as each alone", async () => {
    const train = async (isTogether: boolean): Promise<number[][]> => {
      const engine = await createEngine({ seed: 7, threads: 1 });
      const models = [await perceptron(0, engine), await perceptron(0, engine)];
      const fit = (model: Model, i: number): TrainingRun => {
        // Now one is ahead and now the other.
        const gate = async (): Promise<void> => {
          if (trainer.step % (2 + i) === 0) await turn();
        };
        const trainer = trainerOf(model, optim.adam({ learningRate: 0.02 }), i);
        return trainer.fit(points, { ...options, validation: held, ...(isTogether && { gate }) });
      };
      if (isTogether) await Promise.all(models.map(fit));
      else for (const [i, model] of models.entries()) await fit(model, i);
      return models.map(numbersOf);
    };
    const [together, alone] = [await train(true), await train(false)];
    expectIdentical(together[0]!, alone[0]!);
    expectIdentical(together[1]!, alone[1]!);
  });

  it("of one model make their steps in turn, each with an optimizer state of its own", async () => {
    const build = async (): Promise<{ model: Model; trainers: readonly [Trainer, Trainer] }> => {
      const engine = await createEngine({ seed: 3, threads: 1 });
      const model = nn.sequential(nn.linear({ outFeatures: 4 })).build(engine, { inputShape: [2] });
      return { model, trainers: [trainerOf(model), trainerOf(model, optim.sgd({ learningRate: 0.5, momentum: 0.9 }))] };
    };
    const together = await build();
    // The first begins; then each waits for the other.
    const gate = (own: Trainer, other: Trainer, lead: number) => async (): Promise<void> => {
      while (other.step < own.step + lead) await turn();
    };
    const [first, second] = together.trainers;
    const settings = { ...options, shuffle: false };
    await Promise.all([
      first.fit(points, { ...settings, gate: gate(first, second, 0) }),
      second.fit(points, { ...settings, gate: gate(second, first, 1) }),
    ]);
    const apart = await build();
    for (let i = 0; i < 20; i++) {
      const at = 32 * (i % 5);
      for (const trainer of apart.trainers) trainer.trainStep(points, at, Math.min(32, 150 - at));
    }
    expectIdentical(numbersOf(together.model), numbersOf(apart.model));
  });

  it("of one model stand still while one of them evaluates", async () => {
    const model = await perceptron();
    const [trainer, judge] = [trainerOf(model), trainerOf(model)];
    const run = trainer.fit(points, { epochs: 1e9, batchSize: 32 });
    await delay(5);
    const evaluation = judge.evaluate(quadrants(150_000), { batchSize: 500 });
    const at = trainer.step;
    await evaluation;
    expect(trainer.step).toBe(at);
    await run.stop();
  });
});
