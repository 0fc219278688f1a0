// The two ways in which hosts hand over messages, as one: events of the web, and Node's emitters.
import { nodeModule } from "../engine/host.js";
import { ArgumentError, show, StateError } from "../engine/index.js";
import { textOf, read, reasonOf } from "./errors.js";

/** What sends and receives structured clones as the web does: a Web Worker, what it sees of its page, a MessagePort. */
export interface WebEndpoint {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  addEventListener(type: string, listener: (event: Event) => void): void;
  removeEventListener(type: string, listener: (event: Event) => void): void;
  /** Of a MessagePort, which delivers nothing before. */
  start?(): void;
  /** Of a MessagePort. */
  close?(): void;
  /** Of a Worker. */
  terminate?(): void;
}

/** What does so as Node does, whose listeners get the message itself: a Worker of node:worker_threads. */
export interface NodeEndpoint {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  on(event: string, listener: (value: unknown) => void): unknown;
  off(event: string, listener: (value: unknown) => void): unknown;
  close?(): void;
  terminate?(): unknown;
}

/** One end of a connection between two threads. */
export type Endpoint = WebEndpoint | NodeEndpoint;

/** Whom a connection tells what happens. */
export interface Receiver {
  message(value: unknown): void;
  /** A message came that could not be read. */
  unreadable(): void;
  /** The other side has failed. It cannot come back if `isFinal`; else it may go on if it has once run. */
  failure(reason: StateError, isFinal: boolean): void;
}

/** An endpoint of either kind. */
export class Connection {
  private readonly endpoint: Endpoint;
  private readonly listeners: Readonly<Record<string, (value: unknown) => void>>;

  /** @throws ArgumentError for anything else than an endpoint */
  constructor(
    endpoint: unknown,
    private readonly receiver: Receiver,
  ) {
    this.endpoint = checkEndpoint(endpoint);
    const fail = (what: string, isFinal: boolean, cause?: unknown): void =>
      receiver.failure(new StateError(`the worker ${what}`, cause === undefined ? {} : { cause }), isFinal);
    const common = {
      messageerror: () => receiver.unreadable(),
      close: () => fail("has closed the connection", true),
    };
    this.listeners = isWeb(this.endpoint)
      ? {
          ...common,
          message: (event) => receiver.message(read(event, "data")),
          error: (event) => {
            const message = read(event, "message");
            fail(`could not be started${typeof message === "string" ? `: ${message}` : ""}`, false);
          },
        }
      : {
          ...common,
          message: (value) => receiver.message(value),
          error: (error) => fail(`failed: ${reasonOf(error)}`, true, error),
          exit: (code) => fail(`has ended with exit code ${textOf(code)}`, true),
        };
  }

  /** Begins to receive. */
  open(): void {
    const { endpoint } = this;
    for (const [type, listener] of Object.entries(this.listeners)) {
      if (isWeb(endpoint)) endpoint.addEventListener(type, listener);
      else endpoint.on(type, listener);
    }
    if (isWeb(endpoint)) endpoint.start?.();
    if (hasEnded(endpoint)) this.receiver.failure(new StateError("the worker has ended before"), true);
  }

  /** Throws what the endpoint does if something cannot be cloned. */
  post(message: unknown, transfer: ArrayBuffer[]): void {
    this.endpoint.postMessage(message, transfer);
  }

  /** Ends the worker or closes the port. */
  end(): void {
    const { endpoint } = this;
    for (const [type, listener] of Object.entries(this.listeners)) {
      if (isWeb(endpoint)) endpoint.removeEventListener(type, listener);
      // An emitter throws an error that nobody listens to, and a worker may still fail while it is ended.
      else if (type !== "error") endpoint.off(type, listener);
    }
    void endpoint.terminate?.();
    endpoint.close?.();
  }
}

/** Where the requests of a worker come from: the page, or the thread of Node, that started it. Throws StateError elsewhere. */
export function workerScope(): Endpoint {
  if (!("document" in globalThis) && "postMessage" in globalThis) return globalThis as unknown as Endpoint;
  const node = nodeModule("node:worker_threads") as { readonly parentPort?: Endpoint | null } | undefined;
  if (node?.parentPort) return node.parentPort;
  throw new StateError(
    "serveTrainer wants to run in a Web Worker or a worker of Node; elsewhere give it an endpoint, e.g. a MessagePort",
  );
}

function has(endpoint: unknown, ...methods: string[]): boolean {
  return methods.every((name) => typeof read(endpoint, name) === "function");
}

/** An endpoint that is of both kinds, as Node's ports, is taken as the web's. */
function isWeb(endpoint: Endpoint): endpoint is WebEndpoint {
  return has(endpoint, "addEventListener", "removeEventListener");
}

function checkEndpoint(endpoint: unknown): Endpoint {
  const isEndpoint = isWeb(endpoint as Endpoint) || has(endpoint, "on", "off");
  if (isEndpoint && has(endpoint, "postMessage")) return endpoint as Endpoint;
  throw new ArgumentError(
    `the endpoint must be a Worker (of the web or of node:worker_threads) or a MessagePort, such as a SharedWorker's \
port: an object with postMessage, and addEventListener and removeEventListener or on and off; got ${show(endpoint)}`,
  );
}

/** What Node's endpoints have besides. */
interface NodeHandle {
  hasRef(): boolean;
  ref(): void;
  unref(): void;
}

/** Whether nothing will ever come of an endpoint; known in Node only. It must have been listened to. */
function hasEnded(endpoint: object): boolean {
  const threadId = read(endpoint, "threadId");
  if (threadId !== undefined) return threadId === -1;
  if (!has(endpoint, "hasRef", "ref", "unref")) return false;
  const port = endpoint as NodeHandle;
  if (port.hasRef()) return false;
  // A closed port cannot keep the process alive, even if it is told to.
  port.ref();
  const isOpen = port.hasRef();
  if (isOpen) port.unref();
  return !isOpen;
}
