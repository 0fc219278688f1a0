import { EventEmitter } from "node:events";
import { Worker as NodeWorker } from "node:worker_threads";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ArgumentError, type Endpoint, RemoteTrainer, serveTrainer, StateError } from "../../src/index.js";
import { hostileProxy, rejection, settled, strangeThings } from "./strange.js";
import { type Calls, createSetup, type Options } from "./worker.js";

/** One end of a channel that hands messages over as Node's workers do. */
class EmitterEnd extends EventEmitter {
  other: EmitterEnd | undefined;
  isTerminated = false;

  postMessage(message: unknown, transfer: ArrayBuffer[]): void {
    const clone: unknown = structuredClone(message, { transfer });
    setImmediate(() => this.other?.emit("message", clone));
  }

  terminate(): Promise<number> {
    this.isTerminated = true;
    return Promise.resolve(1);
  }
}

class WebEnd extends EventTarget {
  readonly sent: unknown[] = [];
  postMessage(message: unknown): void {
    this.sent.push(message);
  }
}

const open: { close(): void }[] = [];
afterEach(() => open.splice(0).forEach((remote) => remote.close()));

describe("an endpoint", () => {
  it("of any kind but a worker or a port is an ArgumentError that says what is wanted", () => {
    const nothing = (): void => undefined;
    const others: unknown[] = [
      ...Object.values(strangeThings).map((make) => make()),
      ...[{}, { postMessage: nothing }, { on: nothing, off: nothing }, new EventTarget(), new EventEmitter()],
      ...[
        { postMessage: nothing, on: nothing },
        { postMessage: nothing, addEventListener: nothing },
      ],
      ...[
        { postMessage: 1, on: nothing, off: nothing },
        { port: new WebEnd() },
        NodeWorker,
        hostileProxy(new WebEnd()),
      ],
    ];
    for (const other of others) {
      expect(() => new RemoteTrainer(other as Endpoint)).toThrow(ArgumentError);
      // Without one, there may be a page.
      if (other !== undefined) expect(() => serveTrainer(createSetup(), other as Endpoint)).toThrow(ArgumentError);
    }
    expect(() => new RemoteTrainer(null as unknown as Endpoint)).toThrow(
      /must be a Worker .* or a MessagePort.* postMessage.* on and off; got null/,
    );
  });

  it("that emits carries a training as Node's workers do", async () => {
    const [page, worker] = [new EmitterEnd(), new EmitterEnd()];
    [page.other, worker.other] = [worker, page];
    serveTrainer(createSetup(), worker satisfies Endpoint);
    const remote = new RemoteTrainer<Options, Calls>(page satisfies Endpoint);
    await remote.start({ epochs: 2 });
    expect(await remote.finished()).toBe("finished");
    expect(await remote.predict(new Float32Array(4), { transfer: true })).toHaveLength(8);
    const calling = rejection(remote.call("fail"));
    expect((await calling).message).toBe("asked for");
    remote.close();
    expect(page.isTerminated).toBe(true);
    expect(page.listenerCount("message")).toBe(0);
  });

  it("that emits an error, an exit or a close rejects what waits", async () => {
    for (const [event, value, reason] of [
      ["error", new RangeError("too far"), "the worker failed: too far"],
      ["error", "a text", "the worker failed: a text"],
      ["error", undefined, "the worker failed: undefined"],
      ["error", hostileProxy(), "the worker failed: an object that cannot be printed"],
      ["exit", 3, "the worker has ended with exit code 3"],
      ["close", undefined, "the worker has closed the connection"],
    ] as const) {
      const end = new EmitterEnd();
      const remote = new RemoteTrainer(end);
      const errors = [rejection(remote.start(undefined)), rejection(remote.pause())];
      end.emit(event, value);
      for (const error of await Promise.all(errors)) {
        expect(error).toBeInstanceOf(StateError);
        expect(error.message).toBe(reason);
      }
      end.emit("exit", 1);
      expect((await rejection(remote.stop())).message).toBe(reason);
    }
  });

  it("of the web that reports an error before it is heard of could not be started; later it goes on", async () => {
    const broken = new WebEnd();
    const starting = rejection(new RemoteTrainer(broken).start(undefined));
    broken.dispatchEvent(new Event("error"));
    expect((await starting).message).toBe("the worker could not be started");

    const running = new WebEnd();
    const remote = new RemoteTrainer(running);
    open.push(remote);
    const deliver = (data: unknown): boolean => running.dispatchEvent(Object.assign(new Event("message"), { data }));
    const first = remote.pause();
    deliver({ wasmgrad: "result", id: 1, result: 0 });
    expect(await first).toBe(0);
    const second = remote.pause();
    running.dispatchEvent(Object.assign(new Event("error"), { message: "a stray error" }));
    deliver({ wasmgrad: "result", id: 2, result: 7 });
    expect(await second).toBe(7);
  });

  it("that answers while it is posted to is heard", async () => {
    const end = new WebEnd();
    end.postMessage = (message) => {
      const { id } = message as { id: number };
      const data = { wasmgrad: "result", id, result: id };
      end.dispatchEvent(Object.assign(new Event("message"), { data }));
    };
    const remote = new RemoteTrainer(end);
    expect(await settled(remote.pause())).toEqual({ status: "fulfilled", value: 1 });
    remote.close();
  });

  it("whose postMessage throws rejects what is asked, and can be closed", async () => {
    const end = Object.assign(new WebEnd(), {
      postMessage: () => {
        throw new TypeError("no way out");
      },
    });
    const remote = new RemoteTrainer(end);
    for (const request of [() => remote.start(undefined), () => remote.pause(), () => remote.finished()]) {
      expect((await rejection(request())).message).toContain("no way out");
    }
    remote.close();
  });
});

describe("serveTrainer", () => {
  it("wants a setup that is a function", () => {
    const { port1 } = new MessageChannel();
    expect(() => serveTrainer(undefined as never, port1)).toThrow(ArgumentError);
    expect(() => serveTrainer({} as never, port1)).toThrow("setup must be a function");
  });

  it("takes the page that started a Web Worker, if it is given no endpoint", async () => {
    const scope = new WebEnd();
    for (const name of ["postMessage", "addEventListener", "removeEventListener"] as const) {
      vi.stubGlobal(name, scope[name].bind(scope));
    }
    open.push({ close: () => vi.unstubAllGlobals() });
    serveTrainer(createSetup());
    scope.dispatchEvent(Object.assign(new Event("message"), { data: { wasmgrad: "pause", id: 1 } }));
    await vi.waitFor(() => expect(scope.sent).toEqual([{ wasmgrad: "result", id: 1, result: 0 }]));
  });

  it("ends the training when the connection is closed", async () => {
    const { port1, port2 } = new MessageChannel();
    let steps = 0;
    serveTrainer(async () => ({ ...(await createSetup()({})), fit: { epochs: 1e6, onStep: () => steps++ } }), port1);
    const remote = new RemoteTrainer(port2);
    await remote.start(undefined);
    while (steps === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const closed = new Promise((resolve) => port1.addEventListener("close", resolve));
    remote.close();
    await closed;
    await new Promise((resolve) => setTimeout(resolve, 50));
    const last = steps;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(steps).toBe(last);
  });
});
