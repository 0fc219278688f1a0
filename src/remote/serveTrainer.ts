import { ArgumentError, checkFunction, show, StateError } from "../engine/index.js";
import { Connection, type Endpoint, workerScope } from "./endpoint.js";
import { isList, read, reasonOf, reportException, toRecord } from "./errors.js";
import {
  type CallsOf,
  type Inputs,
  isOfWorker,
  kindOf,
  type Report,
  type Response,
  type TrainingInfo,
} from "./protocol.js";
import { type ServedTrainer, Session } from "./session.js";

interface Answer {
  readonly result?: unknown;
  readonly transfer?: ArrayBuffer[];
  /** Called once the result is on its way. */
  readonly sent?: () => void;
  /** Called if it cannot be cloned. */
  readonly notSent?: () => void;
}

type Setup = (options: never) => ServedTrainer | Promise<ServedTrainer>;

/**
 * The worker's side of a `RemoteTrainer`: answers its requests for as long as the worker lives. When the connection is
 * closed, the training ends.
 * @param setup makes what is to be trained from the options that `RemoteTrainer.start` was given; called for each start
 * @param endpoint where requests come from. Default: the page that started this Web Worker, or the thread of Node that
 * started this worker of node:worker_threads
 * @throws StateError without an endpoint outside a worker
 * @throws ArgumentError if setup is no function, or the endpoint none
 */
export function serveTrainer<Calls extends CallsOf<Calls> = object>(
  setup: (options: never) => ServedTrainer<Calls> | Promise<ServedTrainer<Calls>>,
  endpoint: Endpoint = workerScope(),
): void {
  checkFunction("setup", setup, "(options) => ({ trainer, dataset })");
  new Server(setup, endpoint).open();
}

class Server {
  private readonly connection: Connection;
  private session: Session | undefined;
  /** Numbers of the requests that are not answered yet. */
  private readonly underWay = new Set<number>();
  private isOver = false;

  constructor(
    private readonly setup: Setup,
    endpoint: Endpoint,
  ) {
    this.connection = new Connection(endpoint, {
      message: (value) => void this.answer(value).catch(reportException),
      unreadable: () => this.post({ wasmgrad: "unreadable" }),
      failure: (_reason, isFinal) => {
        if (isFinal) this.end();
      },
    });
  }

  open(): void {
    this.connection.open();
  }

  /** Answers a request, whatever becomes of it. Passes over messages that are none, and those without a number. */
  private async answer(message: unknown): Promise<void> {
    const [kind, id] = [kindOf(message), read(message, "id")];
    if (kind === undefined || isOfWorker(kind) || typeof id !== "number") return;
    this.underWay.add(id);
    try {
      const answer = await this.handle(kind, message);
      this.underWay.delete(id);
      this.postResult(kind, id, answer);
    } catch (error) {
      this.underWay.delete(id);
      this.post({ wasmgrad: "error", id, error: toRecord(error) });
    }
  }

  private postResult(kind: string, id: number, { result, transfer, sent, notSent }: Answer): void {
    try {
      this.post({ wasmgrad: "result", id, result }, transfer);
    } catch (cause) {
      notSent?.();
      throw new ArgumentError(`the result of ${kind} cannot be sent: ${reasonOf(cause)}`, { cause });
    }
    sent?.();
  }

  private async handle(kind: string, request: unknown): Promise<Answer> {
    switch (kind) {
      case "start":
        return this.start(read(request, "options"), Boolean(read(request, "paused")));
      case "pause":
        this.session?.pause();
        return { result: this.session?.step ?? 0 };
      case "resume":
        this.session?.resume();
        return {};
      case "stop":
        await this.session?.stop();
        return {};
      case "predict": {
        const { trainer } = await this.served("predict");
        const batchSize = read(request, "batchSize") as number | undefined;
        const options = batchSize === undefined ? {} : { batchSize };
        const outputs = trainer.model.predict(read(request, "inputs") as Inputs, options);
        return { result: outputs, transfer: [outputs.buffer] };
      }
      case "underWay":
        return { result: [...this.underWay] };
      case "call":
        return { result: await this.call(read(request, "name"), read(request, "values")) };
      default:
        throw new ArgumentError(`serveTrainer does not know the request ${show(kind)}`);
    }
  }

  private async start(options: unknown, paused: boolean): Promise<Answer> {
    const previous = this.session;
    if (previous?.isActive) throw new StateError("a training is under way: stop it before another starts");
    const setUp = async (): Promise<ServedTrainer> => {
      await previous?.close();
      return this.setup(options as never);
    };
    const session = new Session(setUp(), paused, (report, transfer) => this.post(report, transfer));
    this.session = session;
    const { model } = (await session.served()).trainer;
    const { engine, parameterCount, inputShape, outputShape } = model;
    const result: TrainingInfo = { engine: engine.info, parameterCount, inputShape, outputShape };
    return {
      result,
      sent: () => void session.run().catch(reportException),
      notSent: () => session.abandon(),
    };
  }

  private async call(name: unknown, values: unknown): Promise<unknown> {
    const wanted = typeof name === "string" ? name : show(name);
    const { calls = {} } = await this.served(`call ${wanted}`);
    const known = Object.entries(calls).flatMap(([key, value]) => (typeof value === "function" ? [key] : []));
    if (typeof name !== "string" || !known.includes(name)) {
      throw new ArgumentError(`the worker has no ${wanted} to call; it offers ${known.join(", ") || "nothing"}`);
    }
    if (!isList(values)) throw new ArgumentError(`call ${name} wants an array of values; got ${show(values)}`);
    return (calls as Readonly<Record<string, (...values: readonly unknown[]) => unknown>>)[name]!(...values);
  }

  private async served(purpose: string): Promise<ServedTrainer> {
    if (!this.session) throw new StateError(`cannot ${purpose} before start: the worker has no model yet`);
    return this.session.served();
  }

  /** Nobody asks for anything any more. */
  private end(): void {
    this.isOver = true;
    void this.session?.stop();
    this.session = undefined;
  }

  private post(message: Response | Report, transfer: ArrayBuffer[] = []): void {
    if (!this.isOver) this.connection.post(message, transfer);
  }
}
