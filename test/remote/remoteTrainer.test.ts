import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import {
  ArgumentError,
  type Endpoint,
  KernelError,
  type RemoteProgress,
  RemoteTrainer,
  type RemoteTrainerOptions,
  serveTrainer,
  ShapeError,
  StateError,
} from "../../src/index.js";
import { expectIdentical } from "../expect.js";
import { type Calls, connect, createSetup, type Options, quadrants } from "./worker.js";

const stepsOfEpoch = 10;
const forever = { epochs: 1_000_000 };

describe("RemoteTrainer", () => {
  const open: RemoteTrainer<Options, Calls>[] = [];
  const remoteTrainer = (options?: RemoteTrainerOptions): RemoteTrainer<Options, Calls> => {
    const remote = connect(options);
    open.push(remote);
    return remote;
  };
  afterEach(() => open.splice(0).forEach((remote) => remote.close()));

  /** Resolves once a training has reported steps. */
  const startedTraining = async (options: Options = forever): Promise<RemoteTrainer<Options, Calls>> => {
    let remote: RemoteTrainer<Options, Calls> | undefined;
    await new Promise<void>((resolve, reject) => {
      remote = remoteTrainer({ onProgress: () => resolve() });
      remote.start(options).catch(reject);
    });
    return remote!;
  };

  it("trains to the end and reports every step and epoch", async () => {
    const progress: RemoteProgress[] = [];
    const epochs: number[] = [];
    const remote = remoteTrainer({
      onProgress: (report) => progress.push(report),
      onEpoch: ({ epoch }) => epochs.push(epoch),
    });
    const info = await remote.start({ epochs: 3 });
    expect(info).toMatchObject({ parameterCount: 2 * 16 + 16 + 16 * 4 + 4, inputShape: [2], outputShape: [4] });
    expect(["simd", "relaxed"]).toContain(info.engine.build);
    expect(await remote.finished()).toBe("finished");
    expect(epochs).toEqual([1, 2, 3]);
    expect(progress.flatMap(({ losses }) => [...losses])).toHaveLength(3 * stepsOfEpoch);
    expect(progress.at(-1)).toMatchObject({ step: 3 * stepsOfEpoch, report: { epoch: 3, step: stepsOfEpoch } });
    expect((await remote.predict(quadrants().inputs)).length).toBe(4 * 200);
  });

  it("reports at most about thirty times a second", async () => {
    const times: number[] = [];
    const remote = remoteTrainer({ onProgress: () => times.push(performance.now()) });
    await remote.start({ epochs: 60 });
    await remote.finished();
    const seconds = (times.at(-1)! - times[0]!) / 1000;
    // Each epoch and the end report besides, whatever time it is.
    expect(times.length).toBeLessThanOrEqual(30 * seconds + 60 + 2);
  });

  it("ends in the same bytes with pauses, predictions and calls between as without", async () => {
    const undisturbed = remoteTrainer();
    await undisturbed.start({ epochs: 400 });
    await undisturbed.finished();
    const disturbed = remoteTrainer();
    await disturbed.start({ epochs: 400 }, { paused: true });
    const state = { isOver: false };
    const over = disturbed.finished().then(() => (state.isOver = true));
    let pauses = 0;
    while (!state.isOver) {
      await disturbed.resume();
      await disturbed.predict(new Float32Array(2 * (1 + (pauses++ % 5))));
      await disturbed.call("add", 1, 2);
      await disturbed.pause();
    }
    await over;
    expect(pauses).toBeGreaterThan(1);
    const [actual, expected] = [await disturbed.call("weights"), await undisturbed.call("weights")];
    actual.forEach((weights, i) => expectIdentical(weights, expected[i]!));
  });

  it("takes no further step after pause, and predicts the same for as long as it lasts", async () => {
    const remote = await startedTraining();
    const inputs = Float32Array.of(0.5, -0.5);
    const step = await remote.pause();
    const first = await remote.predict(inputs);
    for (let i = 0; i < 20; i++) expectIdentical(await remote.predict(inputs), first);
    expect(await remote.pause()).toBe(step);
    await remote.resume();
    while ((await remote.pause()) === step) await remote.resume();
    expect(await remote.predict(inputs)).not.toEqual(first);
  });

  it("waits for resume when started paused", async () => {
    let reports = 0;
    const remote = remoteTrainer({ onProgress: () => reports++ });
    await remote.start({ epochs: 1 }, { paused: true });
    await remote.predict(new Float32Array(2));
    expect(await remote.pause()).toBe(0);
    expect(reports).toBe(0);
    await remote.resume();
    expect(await remote.finished()).toBe("finished");
    expect(reports).toBeGreaterThan(0);
  });

  it("answers two predictions at once, during training, each with its own", async () => {
    const remote = await startedTraining();
    const { inputs } = quadrants();
    const [all, one] = await Promise.all([remote.predict(inputs), remote.predict(inputs.subarray(0, 2))]);
    expect(all).toHaveLength(800);
    expect(one).toHaveLength(4);
  });

  it("copies inputs unless they are to be transferred", async () => {
    const remote = remoteTrainer();
    await remote.start({}, { paused: true });
    const inputs = Float32Array.of(1, 2);
    const expected = await remote.predict(inputs);
    expect(inputs).toHaveLength(2);
    expectIdentical(await remote.predict(inputs, { transfer: true }), expected);
    expect(inputs).toHaveLength(0);
  });

  it("stops, keeps the model, and starts anew after closing what it replaces", async () => {
    const remote = await startedTraining();
    await remote.stop();
    expect(await remote.finished()).toBe("stopped");
    expect(await remote.predict(new Float32Array(2))).toHaveLength(4);
    expect(await remote.call("closed")).toBe(0);
    await remote.start({ epochs: 1 });
    expect(await remote.finished()).toBe("finished");
    expect(await remote.call("closed")).toBe(1);
  });

  it("can be stopped while paused and while it is being set up", async () => {
    const paused = await startedTraining();
    await paused.pause();
    await paused.stop();
    expect(await paused.finished()).toBe("stopped");
    const remote = remoteTrainer();
    const starting = remote.start(forever);
    await remote.stop();
    await starting;
    expect(await remote.finished()).toBe("stopped");
    expect(await remote.pause()).toBe(0);
  });

  it("does nothing at pause, resume and stop before start; predict, call and finished are errors", async () => {
    const remote = remoteTrainer();
    expect(await remote.pause()).toBe(0);
    await remote.resume();
    await remote.stop();
    await expect(remote.predict(new Float32Array(2))).rejects.toThrow(StateError);
    await expect(remote.call("weights")).rejects.toThrow("cannot call weights before start");
    await expect(remote.finished()).rejects.toThrow(StateError);
    await remote.start({ epochs: 1 });
    expect(await remote.finished()).toBe("finished");
  });

  it("refuses a second start while one is under way, which goes on", async () => {
    const remote = await startedTraining({ epochs: 50 });
    await expect(remote.start({})).rejects.toThrow("stop it before another starts");
    expect(await remote.finished()).toBe("finished");
  });

  it("rejects start with what the setup threw, and can be started again", async () => {
    const remote = remoteTrainer();
    const failed = remote.start({ setupError: "ShapeError" });
    await expect(failed).rejects.toThrow(ShapeError);
    await expect(failed).rejects.toThrow("conv2d");
    await expect(remote.finished()).rejects.toThrow(ShapeError);
    await expect(remote.predict(new Float32Array(2))).rejects.toThrow(ShapeError);
    await expect(remote.start({ setupError: "a string" })).rejects.toThrow("only a string");
    const error = await remote.start({ setupError: "TypeError" }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ cause: { name: "CustomError", message: "deep down" } });
    await remote.start({ epochs: 1 });
    expect(await remote.finished()).toBe("finished");
  });

  it("rejects finished with the error that ended the training", async () => {
    const remote = remoteTrainer();
    await remote.start({ epochs: 5, failingRun: 23 });
    await expect(remote.finished()).rejects.toThrow(KernelError);
    await expect(remote.finished()).rejects.toThrow("this run fails");
    // Of the 22 runs before two were validations; the one that failed has updated nothing.
    expect(await remote.pause()).toBe(20);
    await remote.stop();
    await remote.start({ epochs: 1 });
    expect(await remote.finished()).toBe("finished");
  });

  it("brings back results and errors of calls", async () => {
    const remote = await startedTraining();
    expect(await remote.call("add", 2, 3)).toBe(5);
    await expect(remote.call("fail")).rejects.toMatchObject({ name: "CustomError", message: "asked for" });
    await expect(remote.call("uncloneable")).rejects.toThrow("could not be cloned");
    await expect(remote.call("absent" as "fail")).rejects.toThrow("offers weights, add, fail, uncloneable, closed");
    await expect(remote.call("toString" as "fail")).rejects.toThrow(ArgumentError);
    await expect(remote.call("add", (() => 1) as unknown as number, 1)).rejects.toThrow("could not be cloned");
    await expect(remote.predict(new Float32Array(3))).rejects.toThrow(ArgumentError);
    await expect(remote.predict(new Float32Array(2), { batchSize: NaN })).rejects.toThrow("batchSize");
  });

  it("rejects what is open when it is closed, and all that comes after", async () => {
    const remote = await startedTraining();
    const finished = remote.finished();
    const predicting = remote.predict(new Float32Array(2));
    remote.close();
    await expect(predicting).rejects.toThrow(StateError);
    await expect(finished).rejects.toThrow("closed");
    await expect(remote.pause()).rejects.toThrow("closed");
    await expect(remote.start({})).rejects.toThrow("closed");
  });

  it("never hangs when the other side goes away or cannot be started", async () => {
    const { port1, port2 } = new MessageChannel();
    const remote = new RemoteTrainer(port2);
    const starting = remote.start(undefined);
    port1.close();
    await expect(starting).rejects.toThrow("closed the connection");

    const worker = new EventTarget() as EventTarget & { postMessage: () => void };
    worker.postMessage = () => undefined;
    const broken = new RemoteTrainer(worker satisfies Endpoint);
    const pausing = broken.pause();
    worker.dispatchEvent(Object.assign(new Event("error"), { message: "SyntaxError in the worker's script" }));
    await expect(pausing).rejects.toThrow("the worker could not be started: SyntaxError in the worker's script");
  });

  it("passes over messages of others", async () => {
    const { port1, port2 } = new MessageChannel();
    serveTrainer(createSetup(), port1);
    const remote = new RemoteTrainer<Options, Calls>(port2);
    open.push(remote);
    for (const message of ["a text", null, { type: "ping" }, 3]) {
      port1.postMessage(message);
      port2.postMessage(message);
    }
    await remote.start({ epochs: 1 });
    expect(await remote.finished()).toBe("finished");
  });

  it("answers any order of calls: nothing hangs, nothing but a StateError is thrown", async () => {
    const action = fc.constantFrom("start", "pause", "resume", "stop", "predict", "call");
    const orders = fc.array(fc.record({ action, isAwaited: fc.boolean() }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(orders, async (order) => {
        const remote = remoteTrainer();
        const act = {
          start: () => remote.start({ epochs: 2 }),
          pause: () => remote.pause(),
          resume: () => remote.resume(),
          stop: () => remote.stop(),
          predict: () => remote.predict(new Float32Array(2)),
          call: () => remote.call("add", 1, 1),
        };
        const results: Promise<unknown>[] = [];
        for (const { action: name, isAwaited } of order) {
          const result = act[name]().catch((error: unknown) => expect(error).toBeInstanceOf(StateError));
          results.push(result);
          if (isAwaited) await result;
        }
        await Promise.all(results);
        await remote.stop();
        if (order.some(({ action: name }) => name === "start")) {
          expect(["finished", "stopped"]).toContain(await remote.finished());
        }
        remote.close();
      }),
      { numRuns: 60 },
    );
  });
});

describe("serveTrainer", () => {
  it("wants an endpoint outside a Web Worker", () => {
    expect(() => serveTrainer(createSetup())).toThrow(StateError);
  });
});
