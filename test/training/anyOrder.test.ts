import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEngine, type EpochReport, StateError, type TrainingRun } from "../../src/index.js";
import { expectIdentical } from "../expect.js";
import { numbersOf, perceptron, quadrants, trainerOf } from "./quadrants.js";

const points = quadrants(50);
const held = quadrants(30);
/** Five epochs of four steps. */
const options = { epochs: 5, batchSize: 14 };

const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};

const actions = ["loop", "break", "stop", "await", "evaluate", "predict", "reload", "fit", "trainStep"] as const;
const plans = fc.array(
  fc.record({
    action: fc.constantFrom(...actions),
    /** The step before which it is taken. */
    at: fc.nat({ max: 22 }),
    /** Turns of the event loop that the body of a loop takes, or the epoch after which it is left. */
    size: fc.nat({ max: 5 }),
  }),
  { maxLength: 8 },
);

describe("whatever is done during a fit, in any order", () => {
  it("it ends, and its weights are those of so many undisturbed steps", async () => {
    const engine = await createEngine({ seed: 1, threads: 1 });
    const model = await perceptron(1, engine);
    const initial = model.state();
    const evaluator = trainerOf(model);
    /** The model after some steps of a fit that nobody disturbs. */
    const undisturbed = new Map<number, number[]>([[0, numbersOf(model)]]);
    await trainerOf(model, undefined, 5).fit(points, {
      ...options,
      onStep: ({ epoch, step }) => undisturbed.set(4 * (epoch - 1) + step, numbersOf(model)),
    });

    await fc.assert(
      fc.asyncProperty(plans, fc.nat({ max: 3 }), async (plan, pace) => {
        model.loadState(initial);
        const trainer = trainerOf(model, undefined, 5);
        const work: Promise<unknown>[] = [];
        let isOver = false;
        const act = (
          run: TrainingRun,
          action: (typeof actions)[number],
          size: number,
        ): Promise<unknown> | undefined => {
          switch (action) {
            case "loop":
            case "break":
              return (async () => {
                const seen: EpochReport[] = [];
                for await (const report of run) {
                  seen.push(report);
                  if (action === "break" && report.epoch > size) return;
                  const before = trainer.step;
                  await turns(size);
                  expect(trainer.step).toBe(before);
                }
                expect(seen).toEqual(await run);
              })();
            case "stop":
              return run.stop();
            case "await":
              return Promise.all([run, run.finally()]);
            case "evaluate":
              return trainer.evaluate(size % 2 === 0 ? held : points, { batchSize: size + 1 });
            case "predict":
              return void model.predict(held.inputs, { batchSize: size + 1 });
            case "reload":
              model.loadState(model.state());
              return undefined;
            case "fit":
              return isOver ? undefined : expect(trainer.fit(points)).rejects.toThrow(StateError);
            case "trainStep":
              if (!isOver) expect(() => trainer.trainStep(points, 0, 5)).toThrow(StateError);
              return undefined;
          }
        };
        const due = (step: number): void => {
          for (const { action, at, size } of plan) if (at === step) work.push(Promise.resolve(act(run, action, size)));
        };
        const run: TrainingRun = trainer.fit(points, {
          ...options,
          validation: held,
          onStep: () => due(trainer.step),
          ...(pace > 0 && { gate: () => turns(pace - 1) }),
        });
        due(0);
        const history = await run;
        isOver = true;
        due(21);
        await Promise.all(work);

        const steps = trainer.step;
        const mayBeCut = plan.some(({ action }) => action === "stop" || action === "break");
        if (!mayBeCut) expect(steps).toBe(20);
        expect(history).toHaveLength(Math.floor(steps / 4));
        expectIdentical(numbersOf(model), undisturbed.get(steps)!);
        const { length } = history;
        if (length > 0 && steps === 4 * length) {
          expect(history[length - 1]!.validation).toEqual(await evaluator.evaluate(held));
        }
        await trainer.fit(points);
        expect(trainer.step).toBe(steps + 2);
      }),
      { numRuns: 100 },
    );
  });
});
