import { describe, expect, it } from "vitest";
import * as safetensors from "../../src/formats/safetensors.js";
import {
  ArgumentError,
  createEngine,
  data,
  type Dataset,
  type Engine,
  KernelError,
  type Layer,
  losses,
  type Model,
  nn,
  NonFiniteError,
  type OnNonFinite,
  ops,
  optim,
  type StepReport,
  Trainer,
} from "../../src/index.js";
import { simulateThreads } from "../kernel.js";
import { randomFloats } from "../random.js";

const features = 6;
const samples = 40;
/** Samples whose exponential overflows. */
const bad = new Set([11, 12, 30]);

/** Inputs of one batch of four after another, of which those with a bad sample are not finite. */
const inputs = randomFloats(samples * features, 3);
for (const sample of bad) inputs[sample * features + 2] = 200;
const targets = Uint8Array.from({ length: samples }, (_, i) => i % 3);
const dataset = data.dataset({ inputs, inputShape: [features], targets });

const optimizers: Record<string, () => optim.Optimizer> = {
  SGD: () => optim.sgd({ learningRate: 0.1 }),
  momentum: () => optim.sgd({ learningRate: 0.05, momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
  AdaGrad: () => optim.adagrad({ learningRate: 0.05 }),
  Adam: () => optim.adam({ learningRate: 0.01 }),
  AdamW: () => optim.adam({ learningRate: 0.01, decoupled: true, weightDecay: 0.1 }),
};

/** What a trainer is tried on: state of every kind, and a layer that some samples drive to Infinity. */
function build(engine: Engine): Model {
  return nn
    .sequential(
      nn.lambda(ops.exp, "grow"),
      nn.batchNorm(),
      nn.tanh(),
      nn.linear({ outFeatures: 8 }),
      nn.batchNorm(),
      nn.relu(),
      nn.dropout({ p: 0.3 }),
      nn.linear({ outFeatures: 3 }),
    )
    .build(engine, { inputShape: [features] });
}

interface Options {
  readonly threads?: number;
  readonly isSimulated?: boolean;
  readonly optimizer?: optim.Optimizer;
  readonly onNonFinite?: OnNonFinite;
}

async function makeTrainer(options: Options = {}): Promise<Trainer> {
  const { threads = 1, isSimulated = false, optimizer = optim.adam({ learningRate: 0.01 }), onNonFinite } = options;
  const engine = await createEngine({ seed: 5, reproducible: true, threads: isSimulated ? 1 : threads });
  if (isSimulated) simulateThreads(engine, threads);
  return new Trainer(build(engine), { loss: losses.crossEntropy(), optimizer, ...(onNonFinite && { onNonFinite }) });
}

/** All state of a model, its running statistics included, as bytes. */
const bytesOf = ({ model }: Trainer): Buffer => Buffer.from(safetensors.toBytes(model));

const batch = 4;
const batches = Array.from({ length: samples / batch }, (_, i) => i * batch);
const isBad = (first: number): boolean => [...bad].some((sample) => sample >= first && sample < first + batch);

/** The same model after the batches without bad samples alone. */
async function twin(options: Options): Promise<Trainer> {
  const trainer = await makeTrainer(options);
  for (const first of batches) if (!isBad(first)) trainer.trainStep(dataset, first, batch);
  return trainer;
}

const threadings = [1, 2, 3, 7].flatMap((threads) => [
  { threads, isSimulated: false },
  ...(threads > 1 ? [{ threads, isSimulated: true }] : []),
]);

describe("a step that is not finite", () => {
  it.each(Object.keys(optimizers))("throws and changes not a bit of a model under %s, on any threads", async (name) => {
    const optimizer = optimizers[name]!();
    const expected = bytesOf(await twin({ optimizer }));
    for (const threading of threadings) {
      const trainer = await makeTrainer({ ...threading, optimizer });
      for (const first of batches) {
        const before = bytesOf(trainer);
        const { step } = trainer;
        if (!isBad(first)) {
          expect(trainer.trainStep(dataset, first, batch)).toMatchObject({ skipped: false });
          expect(bytesOf(trainer).equals(before)).toBe(false);
          continue;
        }
        for (let attempt = 0; attempt < 2; attempt++) {
          expect(() => trainer.trainStep(dataset, first, batch)).toThrow(NonFiniteError);
          expect(bytesOf(trainer).equals(before)).toBe(true);
          expect(trainer.step).toBe(step);
        }
      }
      // What follows is as if the bad batches had never been: so nothing of the optimizer has changed either.
      expect(bytesOf(trainer).equals(expected)).toBe(true);
      await trainer.model.engine.close();
    }
  });

  it("is left out by skip: reports count it, and model and optimizer are those of the other batches", async () => {
    for (const threading of threadings.slice(0, 3)) {
      const trainer = await makeTrainer({ ...threading });
      const steps: StepReport[] = [];
      const fit = {
        epochs: 1,
        batchSize: batch,
        shuffle: false,
        onStep: (report: StepReport) => void steps.push(report),
      };
      const [epoch] = await trainer.fit(dataset, { ...fit, onNonFinite: "skip" });
      const finite = steps.filter(({ loss }) => Number.isFinite(loss));
      expect(steps.map(({ loss }) => Number.isNaN(loss))).toEqual(batches.map(isBad));
      expect(steps.map(({ skipped }) => skipped)).toEqual(
        batches.map((_, i) => batches.slice(0, i + 1).filter(isBad).length),
      );
      expect(epoch).toMatchObject({
        skipped: 3,
        loss: finite.reduce((sum, { loss }) => sum + loss, 0) / finite.length,
      });
      expect(epoch!.accuracy).toBeGreaterThanOrEqual(0);
      expect(trainer.step).toBe(7);
      expect(bytesOf(trainer).equals(bytesOf(await twin({})))).toBe(true);
      await trainer.model.engine.close();
    }
  });

  it("trains on with continue, as where nobody looks, and is told by its loss", async () => {
    const trainer = await makeTrainer({ onNonFinite: "continue" });
    const [epoch] = await trainer.fit(dataset, { batchSize: batch });
    expect(epoch).toMatchObject({ loss: NaN, skipped: 0 });
    expect(trainer.step).toBe(10);
    expect([...trainer.model.state().get("7.weight")!.data].every(Number.isNaN)).toBe(true);
  });

  it("ends a fit by default, naming step and epoch, and the trainer can go on", async () => {
    const trainer = await makeTrainer();
    const fit = { epochs: 2, batchSize: batch, shuffle: false };
    await expect(trainer.fit(dataset, fit)).rejects.toThrow(NonFiniteError);
    await expect(trainer.fit(dataset, fit)).rejects.toThrow(/^step 3 of epoch 1: the loss is NaN\. .*nothing/s);
    expect(trainer.step).toBe(4);
    const good = data.slice(dataset, 16, 28);
    let epochs = 0;
    const spoil = (): void => {
      // A parameter that is not finite from the second epoch on.
      if (++epochs === 5) loadInto(trainer.model, "3.bias", NaN);
    };
    const run = trainer.fit(good, { epochs: 3, batchSize: batch, onStep: spoil });
    await expect(run).rejects.toThrow(/^step 3 of epoch 2: the loss is NaN/);
    expect(trainer.step).toBe(9);
  });

  it("is named by the number of the update in trainStep", async () => {
    const trainer = await makeTrainer();
    trainer.trainStep(dataset, 0, batch);
    expect(() => trainer.trainStep(dataset, 8, batch)).toThrow(/^update 2: the loss is NaN/);
  });

  it("is decided by the trainer's option where fit has none, and by fit's where it has one", async () => {
    const choices = [undefined, "throw", "skip", "continue"] as const;
    for (const ofTrainer of choices) {
      for (const ofFit of choices) {
        const trainer = await makeTrainer(ofTrainer ? { onNonFinite: ofTrainer } : {});
        const run = trainer.fit(dataset, { batchSize: batch, ...(ofFit && { onNonFinite: ofFit }) });
        const outcome = await run.then(
          ([report]) => (report!.skipped > 0 ? "skip" : "continue"),
          (error: unknown) => (error instanceof NonFiniteError ? "throw" : error),
        );
        expect(outcome).toBe(ofFit ?? ofTrainer ?? "throw");
      }
      const trainer = await makeTrainer(ofTrainer ? { onNonFinite: ofTrainer } : {});
      const step = (): unknown => trainer.trainStep(dataset, 8, batch);
      if (ofTrainer === "skip" || ofTrainer === "continue") {
        expect(step()).toMatchObject({ loss: NaN, skipped: ofTrainer === "skip" });
      } else expect(step).toThrow(NonFiniteError);
    }
  });

  it.each(["Throw", "ignore", true, null, 3])("cannot be met with %s", async (choice) => {
    const onNonFinite = choice as unknown as OnNonFinite;
    const wanted = /onNonFinite must be "throw", "skip" or "continue", got/;
    await expect(makeTrainer({ onNonFinite: "skip" }).then((t) => t.fit(dataset, { onNonFinite }))).rejects.toThrow(
      wanted,
    );
    const { model } = await makeTrainer();
    const optimizer = optim.sgd({ learningRate: 1 });
    const make = (): Trainer => new Trainer(model, { loss: losses.crossEntropy(), optimizer, onNonFinite });
    expect(make).toThrow(ArgumentError);
    expect(make).toThrow(wanted);
  });

  it("cannot be skipped where parameters are not finite: no batch would be", async () => {
    const trainer = await makeTrainer({ onNonFinite: "skip" });
    loadInto(trainer.model, "7.bias", -Infinity);
    await expect(trainer.fit(dataset)).rejects.toThrow(/7\.bias holds -Infinity already before this step/);
  });

  it("does not end an evaluation: its loss is reported as it is", async () => {
    const trainer = await makeTrainer();
    loadInto(trainer.model, "7.bias", NaN);
    expect(await trainer.evaluate(dataset)).toEqual({ loss: NaN, accuracy: 0 });
  });

  it("leaves running statistics as they were also where a custom operation throws", async () => {
    const engine = await createEngine({ seed: 1 });
    const fragile: Layer = nn.lambda((x) =>
      ops.custom([x], {
        name: "fragile",
        shape: x.shape,
        forward: ([values], y) => {
          if (values!.some((value) => value > 1.5)) throw new RangeError("too much");
          y.set(values!);
        },
        backward: (_inputs, _y, dy, [dx]) => dx!.set(dy),
      }),
    );
    const model = nn
      .sequential(nn.batchNorm(), fragile, nn.linear({ outFeatures: 3 }))
      .build(engine, { inputShape: [1] });
    const set = data.dataset({
      inputs: Float32Array.of(0, 1, 2, 3, 0, 0, 0, 90),
      inputShape: [1],
      targets: new Uint8Array(8),
    });
    const trainer = new Trainer(model, { loss: losses.crossEntropy(), optimizer: optim.sgd({ learningRate: 0 }) });
    trainer.trainStep(set, 0, 4);
    const before = bytesOf(trainer);
    expect(() => trainer.trainStep(set, 4, 4)).toThrow(KernelError);
    expect(bytesOf(trainer).equals(before)).toBe(true);
    expect(trainer.step).toBe(1);
  });

  it("costs one record of a step, and none with continue", async () => {
    const trainers = await Promise.all(
      (["throw", "skip", "continue"] as const).map((onNonFinite) => makeTrainer({ onNonFinite })),
    );
    const [guarded, skipping, unguarded] = trainers.map(
      (trainer) => trainer.trainingProgram(dataset, batch).linked.calls,
    );
    expect(guarded!.length).toBe(unguarded!.length + 1);
    expect(guarded!.map(({ kernel }) => kernel)).toEqual(skipping!.map(({ kernel }) => kernel));
    expect(guarded!.map(({ kernel }) => kernel).filter((kernel) => kernel !== "checkFinite")).toEqual(
      unguarded!.map(({ kernel }) => kernel),
    );
  });

  it("does not stop a buffer from holding infinities that mean something", async () => {
    const engine = await createEngine({ seed: 1 });
    const mask: Layer = {
      name: "mask",
      apply: (x, scope) => {
        const masked = scope.buffer("mask", [2, 3], () => Float32Array.of(0, 0, -Infinity, 0, 0, -Infinity));
        return ops.add(x, masked);
      },
    };
    const model = nn.sequential(nn.linear({ outFeatures: 3 }), mask).build(engine, { inputShape: [2] });
    const set: Dataset = data.dataset({ inputs: randomFloats(40), inputShape: [2], targets: new Uint8Array(20) });
    const trainer = new Trainer(model, { loss: losses.crossEntropy(), optimizer: optim.sgd({ learningRate: 0.1 }) });
    const history = await trainer.fit(set, { epochs: 3, batchSize: 2 });
    expect(history.at(-1)!.loss).toBeLessThan(history[0]!.loss);
  });
});

function loadInto(model: Model, name: string, value: number): void {
  const state = model.state();
  state.get(name)!.data[0] = value;
  model.loadState(state);
}
