import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { ArgumentError, type Endpoint, RemoteTrainer, serveTrainer, StateError } from "../../src/index.js";
import { anything, hostileProxy, rejection, settled, strangeThings } from "./strange.js";
import { type Calls, connect, createSetup, type Options } from "./worker.js";

/** An endpoint that hands messages over as they are, not as clones: nothing softens what is sent through it. */
class Wire extends EventTarget {
  readonly sent: Record<string, unknown>[] = [];
  /** Answers each message, if given. */
  respond: ((message: Record<string, unknown>) => unknown) | undefined;

  postMessage(message: unknown): void {
    const sent = message as Record<string, unknown>;
    this.sent.push(sent);
    if (this.respond) this.deliver(this.respond(sent));
  }

  deliver(data: unknown): void {
    this.dispatchEvent(Object.assign(new Event("message"), { data }));
  }
}

const info = { engine: { build: "simd" }, parameterCount: 1, inputShape: [2], outputShape: [4] };
const cleanUps: (() => void)[] = [];
afterEach(() => cleanUps.splice(0).forEach((cleanUp) => cleanUp()));

/** A page at one end of a wire; the test is the worker. */
function page(respond?: Wire["respond"]) {
  const wire = new Wire();
  wire.respond = respond;
  const progress: unknown[] = [];
  const epochs: unknown[] = [];
  const remote = new RemoteTrainer<unknown, Calls>(wire satisfies Endpoint, {
    onProgress: (report) => progress.push(report),
    onEpoch: (report) => epochs.push(report),
  });
  cleanUps.push(() => remote.close());
  return { wire, remote, progress, epochs };
}

describe("what a page receives", () => {
  it.each(Object.entries(strangeThings))("as the error of a request may be %s", async (_, make) => {
    const { remote } = page(({ id }) => ({ wasmgrad: "error", id, error: make() }));
    await rejection(remote.start(undefined));
    await rejection(remote.pause());
    await rejection(remote.finished());
  });

  it.each(Object.entries(strangeThings))("as the result of a request may be %s", async (_, make) => {
    const { remote } = page(({ id }) => ({ wasmgrad: "result", id, result: make() }));
    await rejection(remote.start(undefined));
    await rejection(remote.finished());
    const others = [remote.predict(new Float32Array(2)), remote.call("add", 1, 2), remote.pause(), remote.stop()];
    await Promise.all(others.map((request) => settled(request)));
  });

  it("as the result of a request must be of its kind, else it is a StateError", async () => {
    for (const result of [undefined, {}, { ...info, engine: undefined }, { ...info, inputShape: 2 }, [info]]) {
      const { remote } = page(({ id }) => ({ wasmgrad: "result", id, result }));
      for (const request of [remote.start(undefined), remote.pause(), remote.predict(new Float32Array(2))]) {
        expect(await rejection(request)).toBeInstanceOf(StateError);
      }
      await expect(remote.finished()).rejects.toThrow("the worker answered start with");
    }
  });

  it("is no answer if its kind is unknown, and the request that it names is rejected", async () => {
    const { remote } = page(({ id }) => ({ wasmgrad: "answer", id, result: info }));
    expect((await rejection(remote.start(undefined))).message).toBe(
      'the worker answered with "answer", which is no answer',
    );
  });

  it("is an answer to all that wait if it does not say to which", async () => {
    for (const kind of ["error", "result"]) {
      for (const id of [undefined, null, NaN, "1", {}, hostileProxy()]) {
        const { remote, wire } = page();
        const errors = [rejection(remote.start(undefined)), rejection(remote.stop())];
        wire.deliver({ wasmgrad: kind, id, result: info, error: null });
        for (const error of await Promise.all(errors)) expect(error).toBeInstanceOf(StateError);
      }
    }
  });

  it("is passed over if it answers a request that does not wait, tells nothing, or is of others", async () => {
    const { remote, wire, progress, epochs } = page();
    const losses = new Float32Array(1);
    const others = [
      ...[null, "text", 3, {}, [], { type: "error", error: null }, { wasmgrad: 1 }, { wasmgrad: null }],
      ...[{ wasmgrad: "result" }, { wasmgrad: "error", error: null }, { wasmgrad: "error", id: 99, error: null }],
      ...[{ wasmgrad: "result", id: -1 }, { wasmgrad: "news" }, { wasmgrad: "news", id: 99 }, { wasmgrad: "start" }],
      ...[{ wasmgrad: "progress" }, { wasmgrad: "progress", progress: { step: 1, report: { loss: 1 } } }],
      ...[
        { wasmgrad: "progress", progress: { step: 1, losses } },
        { wasmgrad: "progress", progress: null },
      ],
      ...[{ wasmgrad: "epoch" }, { wasmgrad: "epoch", report: null }, { wasmgrad: "epoch", report: { epoch: 1 } }],
      ...[{ wasmgrad: "ended", outcome: "finished" }, { wasmgrad: "failed", error: null }, hostileProxy()],
    ];
    for (const message of others) wire.deliver(message);
    const starting = remote.start(undefined);
    for (const message of others.slice(-8, -3)) wire.deliver(message);
    wire.deliver({ wasmgrad: "result", id: 1, result: info });
    expect(await starting).toBe(info);
    expect([progress, epochs]).toEqual([[], []]);
    wire.deliver({ wasmgrad: "ended", outcome: "finished" });
    expect(await remote.finished()).toBe("finished");
  });

  it("as the end of a training is an error unless it says how it ended", async () => {
    for (const [end, text] of [
      [{ wasmgrad: "ended" }, "the worker says that the training has ended in undefined"],
      [{ wasmgrad: "ended", outcome: "soon" }, 'ended in "soon"'],
      [{ wasmgrad: "failed", error: null }, "null"],
      [{ wasmgrad: "failed" }, "undefined"],
    ] as const) {
      const { remote, wire } = page(({ id }) => ({ wasmgrad: "result", id, result: info }));
      await remote.start(undefined);
      wire.deliver(end);
      expect((await rejection(remote.finished())).message).toContain(text);
    }
  });

  it("may be anything: nothing throws, and no request waits after close", async () => {
    const kind = fc.constantFrom("result", "error", "progress", "epoch", "ended", "failed", "unreadable", "start", "x");
    const part = (): fc.Arbitrary<() => unknown> =>
      fc.oneof(
        anything,
        fc.constant(() => info),
      );
    const message = fc.record(
      { wasmgrad: kind.map((name) => () => name), ...{ result: part(), error: part(), outcome: part() } },
      { requiredKeys: ["wasmgrad"] },
    );
    const messages = fc.array(fc.tuple(fc.integer({ min: 1, max: 8 }), fc.oneof(message, anything)), { maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(messages, async (deliveries) => {
        const { remote, wire } = page();
        const requests = [
          ...[remote.start(undefined), remote.finished(), remote.pause(), remote.resume()],
          ...[remote.predict(new Float32Array(2)), remote.call("add", 1, 2), remote.stop()],
        ].map((request) => settled(request));
        for (const [id, parts] of deliveries) {
          if (typeof parts === "function") wire.deliver(parts());
          else {
            const made = Object.entries(parts).map(([name, make]) => [name, make()] as const);
            wire.deliver({ id, ...Object.fromEntries(made), progress: {}, report: {} });
          }
        }
        await Promise.resolve();
        remote.close();
        await Promise.all(requests);
      }),
      { numRuns: 300 },
    );
  });
});

describe("what a worker receives", () => {
  /** A worker at one end of a wire; the test is the page. */
  function worker(): { wire: Wire; ask: (message: object) => Promise<Record<string, unknown>> } {
    const wire = new Wire();
    serveTrainer(createSetup(), wire satisfies Endpoint);
    cleanUps.push(() => wire.dispatchEvent(new Event("close")));
    let id = 1000;
    const ask = async (message: object): Promise<Record<string, unknown>> => {
      const mine = id++;
      const answer = new Promise<Record<string, unknown>>((resolve) => {
        const sent = wire.sent.length;
        const look = (): void => {
          const found = wire.sent.slice(sent).find((answer) => answer["id"] === mine);
          if (found) resolve(found);
          else setTimeout(look, 1);
        };
        setTimeout(look);
      });
      wire.deliver({ ...message, id: mine });
      const result = await settled(answer, "a message");
      return result.status === "fulfilled" ? (result.value as Record<string, unknown>) : expect.fail();
    };
    return { wire, ask };
  }

  it("is answered with an error if it is no request or lacks its parts", async () => {
    const { ask } = worker();
    await ask({ wasmgrad: "start", options: {}, paused: true });
    for (const [request, name] of [
      [{ wasmgrad: "dance" }, "ArgumentError"],
      [{ wasmgrad: "" }, "ArgumentError"],
      [{ wasmgrad: "call" }, "ArgumentError"],
      [{ wasmgrad: "call", name: {}, values: [] }, "ArgumentError"],
      [{ wasmgrad: "call", name: "add" }, "ArgumentError"],
      [{ wasmgrad: "call", name: "add", values: { length: 2 } }, "ArgumentError"],
      [{ wasmgrad: "call", name: hostileProxy(), values: hostileProxy() }, "ArgumentError"],
      [{ wasmgrad: "start" }, "StateError"],
      [{ wasmgrad: "predict", inputs: new Float32Array(2), batchSize: "many" }, "ArgumentError"],
    ] as const) {
      expect(await ask(request)).toMatchObject({ wasmgrad: "error", error: { name } });
    }
    expect(await ask({ wasmgrad: "call", name: "add", values: [1, 2] })).toMatchObject({ result: 3 });
  });

  it("is passed over if it is of others, comes from a worker, or has no number to be answered with", async () => {
    const { wire, ask } = worker();
    const others = [
      ...[null, "text", 3, {}, [], { type: "start", id: 1 }, { wasmgrad: 5, id: 1 }, { wasmgrad: "pause" }],
      ...[{ wasmgrad: "pause", id: "1" }, { wasmgrad: "start", id: null }, hostileProxy()],
      ...["result", "error", "progress", "epoch", "ended", "failed", "unreadable"].map((wasmgrad) => ({
        wasmgrad,
        id: 1,
      })),
    ];
    for (const message of others) wire.deliver(message);
    await ask({ wasmgrad: "stop" });
    expect(wire.sent).toHaveLength(1);
  });

  it("may be anything: every request with a number is answered", async () => {
    const { wire, ask } = worker();
    await ask({ wasmgrad: "start", options: {}, paused: true });
    const kind = fc.constantFrom("start", "pause", "resume", "predict", "call", "underWay", "dance");
    const parts = fc.record(
      { options: anything, paused: anything, inputs: anything, batchSize: anything, name: anything, values: anything },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(kind, parts, anything, async (wasmgrad, makes, foreign) => {
        wire.deliver(foreign());
        const made = Object.entries(makes).map(([name, make]) => [name, make()] as const);
        // A batch size of a million would be right, and slow.
        expect(await ask({ wasmgrad, ...Object.fromEntries(made) })).toHaveProperty("wasmgrad");
        await ask({ wasmgrad: "stop" });
      }),
      { numRuns: 100 },
    );
  });
});

describe("two sides of the same kind", () => {
  it("that both ask are told so", async () => {
    const { port1, port2 } = new MessageChannel();
    const remotes = [port1, port2].map((port) => new RemoteTrainer(port));
    const errors = await Promise.all(remotes.map((remote) => rejection(remote.start(undefined))));
    for (const { message } of errors) expect(message).toContain("which is no answer");
    remotes.forEach((remote) => remote.close());
  });

  it("that both serve do not answer each other", async () => {
    const { port1, port2 } = new MessageChannel();
    let messages = 0;
    for (const port of [port1, port2]) {
      serveTrainer(createSetup(), port);
      port.addEventListener("message", () => messages++);
    }
    port1.postMessage({ wasmgrad: "dance", id: 1 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(messages).toBe(2);
    port1.close();
  });
});

describe("a wire in one process", () => {
  it("carries a training as a channel does", async () => {
    const remote = connect();
    cleanUps.push(() => remote.close());
    await remote.start({ epochs: 1 } satisfies Options);
    expect(await remote.finished()).toBe("finished");
    expect(await rejection(remote.call("absent" as "add", 1, 2))).toBeInstanceOf(ArgumentError);
  });
});
