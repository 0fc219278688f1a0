import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  ArgumentError,
  RemoteTrainer,
  type RemoteTrainerOptions,
  serveTrainer,
  type ServedTrainer,
  StateError,
  type Trainer,
} from "../../src/index.js";
import { expectIdentical } from "../expect.js";
import { anything, rejection, settled, strangeThings } from "./strange.js";
import { createSetup } from "./worker.js";

type Make = () => unknown;
type Setup = (options: never) => ServedTrainer | Promise<ServedTrainer>;
interface AnyCalls {
  give(name: string): unknown;
  fail(name: string): unknown;
  failLater(name: string): unknown;
  echo(value: unknown): unknown;
}

const strange = Object.entries(strangeThings);
const setUp = createSetup();
const cleanUps: (() => void)[] = [];
afterEach(() => cleanUps.splice(0).forEach((cleanUp) => cleanUp()));

/** A remote trainer whose worker is this setup, and the two ports between them. */
function connectTo(setup: Setup, options?: RemoteTrainerOptions) {
  const { port1, port2 } = new MessageChannel();
  cleanUps.push(() => port1.close());
  serveTrainer(setup, port1);
  const remote = new RemoteTrainer<unknown, AnyCalls>(port2, options);
  return { remote, worker: port1, page: port2 };
}

/** A setup that works if it is given no options, and otherwise does what they make. */
function setupOf(act: (options: unknown) => unknown): Setup {
  return async (options: unknown) =>
    (options === undefined ? await setUp({ epochs: 1 }) : act(options)) as ServedTrainer;
}

function throwing(make: Make): never {
  throw make();
}

async function expectStartAfterwards(remote: RemoteTrainer<unknown, AnyCalls>): Promise<void> {
  expect(await settled(remote.start(undefined))).toMatchObject({ status: "fulfilled" });
  expect(await settled(remote.finished())).toEqual({ status: "fulfilled", value: "finished" });
}

describe("what the worker's code throws", () => {
  it("is the error that start rejects with, and start works afterwards", async () => {
    const { remote } = connectTo(setupOf((name) => throwing(strangeThings[name as string]!)));
    for (const [name] of strange) {
      await rejection(remote.start(name), name);
      await rejection(remote.finished(), name);
    }
    await expectStartAfterwards(remote);
  });

  it("is the error that a call rejects with, thrown or rejected", async () => {
    const fail = (name: string): never => throwing(strangeThings[name]!);
    const failLater = (name: string): Promise<never> => Promise.resolve().then(() => fail(name));
    const { remote } = connectTo(async () => ({ ...(await setUp({})), calls: { fail, failLater } }));
    await remote.start(undefined, { paused: true });
    for (const [name] of strange) {
      await rejection(remote.call("fail", name), name);
      await rejection(remote.call("failLater", name), name);
    }
    expect(await remote.pause()).toBe(0);
  });

  it("is the error that finished rejects with, if a listener of steps throws it", async () => {
    const { remote } = connectTo(async (name: string | undefined) => {
      const served = await setUp({ epochs: 1 });
      return name === undefined ? served : { ...served, fit: { onStep: () => throwing(strangeThings[name]!) } };
    });
    for (const [name] of strange) {
      await remote.start(name);
      await rejection(remote.finished(), name);
    }
    await expectStartAfterwards(remote);
  });

  it("is the error that start rejects with, if closing the training before throws it", async () => {
    const { remote } = connectTo(async (name: string | undefined) => ({
      ...(await setUp({ epochs: 1 })),
      ...(name !== undefined && { close: () => throwing(strangeThings[name]!) }),
    }));
    for (const [name] of strange) {
      await remote.start(name);
      await remote.finished();
      await rejection(remote.start(undefined), name);
    }
    await expectStartAfterwards(remote);
  });

  it("is answered, whatever it is", async () => {
    const state: { make: Make } = { make: () => undefined };
    const act = (): never => throwing(state.make);
    const { remote } = connectTo(setupOf(act));
    const { remote: other } = connectTo(async () => ({
      ...(await setUp({})),
      calls: { fail: act, give: () => state.make() },
    }));
    await other.start(undefined, { paused: true });
    await fc.assert(
      fc.asyncProperty(anything, async (make) => {
        state.make = make;
        await rejection(remote.start("fail"));
        await rejection(other.call("fail", ""));
        await settled(other.call("give", ""));
      }),
      { numRuns: 200 },
    );
  });
});

describe("what cannot be cloned", () => {
  it("as a result is an ArgumentError of the call, and later calls are answered", async () => {
    const give = (name: string): unknown => strangeThings[name]!();
    const echo = (value: unknown): unknown => value;
    const { remote } = connectTo(async () => ({ ...(await setUp({})), calls: { give, echo } }));
    await remote.start(undefined, { paused: true });
    for (const [name, make] of strange) {
      const result = await settled(remote.call("give", name), name);
      if (isCloneable(make())) expect(result, name).toHaveProperty("status", "fulfilled");
      else expect(result, name).toMatchObject({ reason: { name: expect.stringMatching(/Error$/) as string } });
      expect(await remote.call("echo", 1)).toBe(1);
    }
    const error = await rejection(remote.call("give", "a function"));
    expect(error).toBeInstanceOf(ArgumentError);
    expect(error.message).toMatch(/^the result of call cannot be sent: .* could not be cloned/);
  });

  it("as an argument is an ArgumentError on the page, and leaves nothing pending", async () => {
    const { remote } = connectTo(async (value: unknown) => ({
      ...(await setUp({ epochs: 1 })),
      calls: { echo: (given: unknown) => [value, given].length },
    }));
    for (const [name, make] of strange) {
      if (isCloneable(make())) continue;
      for (const request of [remote.start(make()), remote.call("echo", make())]) {
        expect(await rejection(request, name), name).toBeInstanceOf(ArgumentError);
      }
      expect(await rejection(remote.finished(), name), name).toBeInstanceOf(ArgumentError);
    }
    await expect(remote.start(() => 1)).rejects.toThrow("the options of start cannot be sent to the worker: () => 1");
    await expectStartAfterwards(remote);
    await expect(remote.call("echo", () => 1)).rejects.toThrow("the arguments of call echo cannot be sent");
  });

  it("in what start tells is an error of start, and start works afterwards", async () => {
    const { remote } = connectTo(async (isBroken: boolean | undefined) => {
      const served = await setUp({ epochs: 1 });
      if (!isBroken) return served;
      const { model } = served.trainer;
      const broken = { engine: { info: { build: () => 1 } }, parameterCount: 1, inputShape: [], outputShape: [] };
      return { ...served, trainer: { model: broken, fit: () => model } as unknown as Trainer };
    });
    await expect(remote.start(true)).rejects.toThrow("the result of start cannot be sent");
    await expectStartAfterwards(remote);
  });

  it("in a report is the error that ends the training", async () => {
    const { remote } = connectTo(async () => {
      const served = await setUp({ epochs: 1 });
      async function* fit() {
        await Promise.resolve();
        yield { epoch: 1, loss: 0, note: () => 1 };
      }
      return { ...served, trainer: { model: served.trainer.model, step: 0, fit } as unknown as Trainer };
    });
    await remote.start(undefined);
    expect((await rejection(remote.finished())).message).toContain("could not be cloned");
    await remote.stop();
  });
});

function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

describe("messages that cannot be read, although they could be sent", () => {
  /** V8 writes such errors but does not read them. */
  const unreadable = (): unknown => strangeThings["an error whose causes go round"]!();

  it("are ArgumentErrors of their requests alone", async () => {
    const never = new Promise(() => undefined);
    const give = (name: string): unknown => (name === "never" ? never : unreadable());
    const { remote, worker, page } = connectTo(async (name: unknown) => ({
      ...(await setUp({ epochs: name === "forever" ? 1e6 : 1 })),
      calls: { give, echo: (value: unknown) => value },
    }));
    await expect(remote.start(unreadable())).rejects.toThrow("cannot be cloned: the message could not be read");
    await remote.start("forever");
    const open = settled(remote.call("give", "never"));
    const [lost, unread, good] = [
      rejection(remote.call("give", "unreadable")),
      rejection(remote.call("echo", unreadable())),
      remote.call("echo", 1),
    ];
    for (const error of await Promise.all([lost, unread])) {
      expect(error).toBeInstanceOf(ArgumentError);
      expect(error.message).toContain("the message could not be read");
    }
    expect(await good).toBe(1);
    // Those of others concern nobody.
    worker.postMessage(unreadable());
    page.postMessage(unreadable());
    expect(await remote.call("echo", 2)).toBe(2);
    expect(await remote.pause()).toBeGreaterThan(0);
    remote.close();
    expect(await open).toHaveProperty("status", "rejected");
  });
});

describe("a setup", () => {
  it("that returns no trainer and data set is an ArgumentError of start", async () => {
    const { remote } = connectTo(setupOf((name) => wrong[name as string]));
    const served = await setUp({});
    const wrong: Readonly<Record<string, unknown>> = {
      ...Object.fromEntries(strange.map(([name, make]) => [name, make()])),
      "no trainer": { ...served, trainer: undefined },
      "no data set": { ...served, dataset: null },
      "no model": { ...served, trainer: { fit: () => undefined } },
      "calls that are no object": { ...served, calls: 1 },
      "a close that is no function": { ...served, close: "close" },
      "options of fit that are no object": { ...served, fit: null },
    };
    for (const name of Object.keys(wrong)) await rejection(remote.start(name), name);
    await expect(remote.start("undefined")).rejects.toThrow(
      "setup must return a Trainer and its data set, { trainer, dataset }; got undefined",
    );
    await expect(remote.start("no data set")).rejects.toThrow(ArgumentError);
    await expect(remote.start("a close that is no function")).rejects.toThrow("close that setup returns");
    await expectStartAfterwards(remote);
  });

  it("that never ends keeps neither stop, pause nor resume waiting, nor the next start", async () => {
    const { remote } = connectTo(setupOf(() => new Promise(() => undefined)));
    const waiting = [remote.start("never"), remote.predict(new Float32Array(2)), remote.call("echo", 1)].map(
      (request) => rejection(request),
    );
    for (const request of [remote.pause(), remote.resume(), remote.stop()]) {
      expect(await settled(request)).toHaveProperty("status", "fulfilled");
    }
    expect(await settled(remote.finished())).toEqual({ status: "fulfilled", value: "stopped" });
    await expectStartAfterwards(remote);
    for (const { message } of await Promise.all(waiting)) {
      expect(message).toContain("stopped and replaced before its setup was done");
    }
  });

  it("that never ends keeps nobody waiting after close", async () => {
    const { remote } = connectTo(setupOf(() => new Promise(() => undefined)));
    const waiting = [remote.start("never"), remote.predict(new Float32Array(2)), remote.finished(), remote.stop()];
    const errors = Promise.all(waiting.map((request) => rejection(request)));
    remote.close();
    for (const error of await errors) expect(error).toBeInstanceOf(StateError);
    const later = [remote.start(undefined), remote.pause(), remote.stop(), remote.call("echo", 1), remote.finished()];
    for (const { message } of await Promise.all(later.map((request) => rejection(request)))) {
      expect(message).toBe("this remote trainer was closed");
    }
  });

  it("that ends when another start has taken its place is closed then, and trains nothing", async () => {
    const steps: string[] = [];
    const gates = new Map<string, () => void>();
    const { remote } = connectTo(async (name: string) => {
      if (name === "slow") await new Promise<void>((resolve) => gates.set(name, resolve));
      const fit = { epochs: 1, onStep: () => void steps.push(name) };
      return { ...(await setUp({})), fit, close: () => void steps.push(`${name} closed`) };
    });
    const slow = rejection(remote.start("slow"));
    await remote.stop();
    const info = await remote.start("quick", { paused: true });
    expect(info.parameterCount).toBeGreaterThan(0);
    await slow;
    gates.get("slow")!();
    await vi.waitFor(() => expect(steps).toEqual(["slow closed"]));
    await remote.resume();
    expect(await remote.finished()).toBe("finished");
    expect(new Set(steps)).toEqual(new Set(["slow closed", "quick"]));
  });
});

describe("inputs of predict", () => {
  const setup = setupOf(() => undefined);
  const values = Float32Array.of(0.25, -0.5);

  it("in shared memory or over a part of a buffer are copied, to be transferred or not", async () => {
    const { remote } = connectTo(setup);
    await remote.start(undefined, { paused: true });
    const expected = await remote.predict(values);
    const whole = Float32Array.of(9, 9, ...values, 9);
    const shared = new Float32Array(new SharedArrayBuffer(8));
    shared.set(values);
    for (const transfer of [false, true]) {
      for (const inputs of [whole.subarray(2, 4), shared]) {
        expectIdentical(await remote.predict(inputs, { transfer }), expected);
        expectIdentical(inputs, values);
      }
      const bytes = Buffer.from([64, 128]);
      for (const inputs of [Float64Array.from(values), [[...values]]]) {
        expectIdentical(await remote.predict(inputs, { transfer }), expected);
      }
      const plain = Uint8Array.of(64, 128);
      expectIdentical(await remote.predict(bytes, { transfer }), await remote.predict(plain, { transfer }));
      expectIdentical(bytes, [64, 128]);
    }
    expectIdentical(whole, [9, 9, ...values, 9]);
  });

  it("that were transferred before are an ArgumentError", async () => {
    const { remote } = connectTo(setup);
    await remote.start(undefined, { paused: true });
    const inputs = values.slice();
    const first = remote.predict(inputs, { transfer: true });
    const later = [true, false].map((transfer) => rejection(remote.predict(inputs, { transfer })));
    expect(await settled(first)).toHaveProperty("status", "fulfilled");
    for (const error of await Promise.all(later)) {
      expect(error).toBeInstanceOf(ArgumentError);
      expect(error.message).toContain("a buffer that was transferred to another thread");
    }
    const twice = values.slice();
    const other = new Float32Array(twice.buffer);
    await remote.predict(twice, { transfer: true });
    expect(await rejection(remote.predict(other, { transfer: true }))).toBeInstanceOf(ArgumentError);
    expect(await remote.predict(new Float32Array(0), { transfer: true })).toHaveLength(0);
  });

  it("of any other kind are answered", async () => {
    const { remote } = connectTo(setup);
    await remote.start(undefined, { paused: true });
    for (const [name, make] of strange) await settled(remote.predict(make() as Float32Array), name);
    expect(await remote.predict(values)).toHaveLength(4);
  });
});

describe("a listener that throws", () => {
  it("breaks nothing, and its exception is the host's", async () => {
    const reported: unknown[] = [];
    vi.stubGlobal("reportError", (error: unknown) => reported.push(error));
    cleanUps.push(() => vi.unstubAllGlobals());
    const { remote } = connectTo(
      setupOf(() => undefined),
      { onProgress: () => throwing(() => "progress"), onEpoch: () => throwing(() => "epoch") },
    );
    await remote.start(undefined);
    expect(await remote.finished()).toBe("finished");
    expect(await remote.predict(new Float32Array(2))).toHaveLength(4);
    expect(new Set(reported)).toEqual(new Set(["progress", "epoch"]));
  });

  it("is refused if it is no function", () => {
    const { port1 } = new MessageChannel();
    expect(() => new RemoteTrainer(port1, { onEpoch: 5 as never })).toThrow(ArgumentError);
    expect(() => new RemoteTrainer(port1, { onProgress: "log" as never })).toThrow("onProgress must be a function");
  });
});

describe("options of a remote trainer", () => {
  it("are refused if they are unknown or of another type", async () => {
    const { port1 } = new MessageChannel();
    expect(() => new RemoteTrainer(port1, { onprogress: () => 1 } as object)).toThrow("did you mean onProgress?");
    expect(() => new RemoteTrainer(port1, null as never)).toThrow(ArgumentError);
    const { remote } = connectTo(setupOf(() => undefined));
    const inputs = new Float32Array(2);
    const requests = [
      remote.start(undefined, { pause: true } as object),
      remote.start(undefined, { paused: "no" as never }),
      remote.start(undefined, null as never),
      remote.predict(inputs, { batchsize: 3 } as object),
      remote.predict(inputs, { transfer: 1 as never }),
    ];
    for (const error of await Promise.all(requests.map((request) => rejection(request)))) {
      expect(error).toBeInstanceOf(ArgumentError);
    }
    await expectStartAfterwards(remote);
  });
});
