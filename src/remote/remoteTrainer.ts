import { StateError } from "../engine/index.js";
import type { EpochReport } from "../training/index.js";
import { fromRecord } from "./errors.js";
import {
  type CallsOf,
  type Endpoint,
  messageOf,
  type Outcome,
  type RemoteProgress,
  type Report,
  type Request,
  type Response,
  type TrainingInfo,
} from "./protocol.js";

export interface RemoteTrainerOptions {
  /** Called at most about thirty times a second, so that a page can draw every report. */
  readonly onProgress?: (progress: RemoteProgress) => void;
  readonly onEpoch?: (report: EpochReport) => void;
}

export interface StartOptions {
  /** Set everything up but wait for `resume` before the first step. Default false. */
  readonly paused?: boolean;
}

export interface RemotePredictOptions {
  /** Samples computed at once. Default 256. */
  readonly batchSize?: number;
  /** Hand the inputs over instead of copying them; the array is empty afterwards. Default false. */
  readonly transfer?: boolean;
}

interface Pending<Result> {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
}

/** A request without its id: of each form of the union, not of what they have in common. */
type Body<Form = Request> = Form extends Request ? Omit<Form, "id"> : never;

/**
 * A trainer that works in a Web Worker, where `serveTrainer` answers. Errors of the worker arrive with their class.
 * Requests are answered between steps; a call that cannot be answered any more is rejected, it never hangs.
 * @typeParam Options what the worker's setup takes
 * @typeParam Calls the functions that the worker offers besides
 */
export class RemoteTrainer<Options = undefined, Calls extends CallsOf<Calls> = object> {
  private readonly pending = new Map<number, Pending<unknown>>();
  private requests = 0;
  private outcome: Promise<Outcome> | undefined;
  private training: Pending<Outcome> | undefined;
  private wasHeardOf = false;
  private failure: Error | undefined;
  private readonly listeners: Readonly<Record<string, (event: Event) => void>>;

  /** @param endpoint a worker that calls `serveTrainer`, or a port to one */
  constructor(
    private readonly endpoint: Endpoint,
    private readonly options: RemoteTrainerOptions = {},
  ) {
    this.listeners = {
      message: (event) => {
        const message = messageOf(event);
        if (message) this.receive(message as Response | Report);
      },
      messageerror: () => this.fail(new StateError("a message of the worker could not be read on this side")),
      // A worker that runs catches what its handlers throw. Before it is heard of, an error means that it never will run.
      error: (event) => {
        if (this.wasHeardOf) return;
        const reason = "message" in event && typeof event.message === "string" ? `: ${event.message}` : "";
        this.fail(new StateError(`the worker could not be started${reason}`));
      },
      close: () => this.fail(new StateError("the worker has closed the connection")),
    };
    for (const [type, listener] of Object.entries(this.listeners)) endpoint.addEventListener(type, listener);
    endpoint.start?.();
  }

  /**
   * Has the worker set a training up and begin it. Resolves when it stands, rejects with what the setup threw.
   * @throws StateError while another training is under way
   */
  async start(options: Options, { paused = false }: StartOptions = {}): Promise<TrainingInfo> {
    if (this.training) throw new StateError("a training is under way: stop it before another starts");
    this.outcome = new Promise((resolve, reject) => (this.training = { resolve, reject }));
    // Whoever wants to know asks `finished`; a rejection nobody asked for is no unhandled one.
    this.outcome.catch(() => undefined);
    try {
      return (await this.request({ wasmgrad: "start", options, paused })) as TrainingInfo;
    } catch (error) {
      this.settle((training) => training.reject(error as Error));
      throw error;
    }
  }

  /**
   * Holds the training before its next step. With nothing under way, it and `resume` and `stop` do nothing.
   * @returns updates so far: no further one follows until `resume`
   */
  async pause(): Promise<number> {
    return (await this.request({ wasmgrad: "pause" })) as number;
  }

  async resume(): Promise<void> {
    await this.request({ wasmgrad: "resume" });
  }

  /** Ends the training before its next step; resolves when it is over. The model stays for `predict` and `call`. */
  async stop(): Promise<void> {
    await this.request({ wasmgrad: "stop" });
  }

  /**
   * How the training started last came to its end, once it has. Rejects with the error that ended it.
   * @throws StateError if none was started
   */
  async finished(): Promise<Outcome> {
    if (!this.outcome) throw new StateError("no training was started");
    return this.outcome;
  }

  /** `Model.predict` in the worker, between two steps or while paused. Before `start`, a StateError. */
  async predict(
    inputs: Float32Array | Uint8Array,
    { batchSize, transfer = false }: RemotePredictOptions = {},
  ): Promise<Float32Array<ArrayBuffer>> {
    const transferred = transfer && inputs.buffer instanceof ArrayBuffer ? [inputs.buffer] : [];
    return (await this.request({ wasmgrad: "predict", inputs, batchSize }, transferred)) as Float32Array<ArrayBuffer>;
  }

  /** Calls a function that the worker offers, between two steps. Arguments and result are copied. */
  async call<Name extends keyof Calls & string>(
    name: Name,
    ...values: Parameters<Calls[Name]>
  ): Promise<Awaited<ReturnType<Calls[Name]>>> {
    return (await this.request({ wasmgrad: "call", name, values })) as Awaited<ReturnType<Calls[Name]>>;
  }

  /** Ends the worker or closes the port. Calls that are not answered yet are rejected with a StateError. */
  close(): void {
    this.fail(new StateError("this remote trainer was closed"));
  }

  private async request(body: Body, transfer: Transferable[] = []): Promise<unknown> {
    if (this.failure) throw this.failure;
    const id = ++this.requests;
    return new Promise((resolve, reject) => {
      // Throws, and so rejects, if something cannot be cloned.
      this.endpoint.postMessage({ ...body, id } satisfies Request, transfer);
      this.pending.set(id, { resolve, reject });
    });
  }

  private receive(message: Response | Report): void {
    this.wasHeardOf = true;
    switch (message.wasmgrad) {
      case "result":
        this.take(message.id)?.resolve(message.result);
        break;
      case "error":
        this.take(message.id)?.reject(fromRecord(message.error));
        break;
      case "progress":
        this.options.onProgress?.(message.progress);
        break;
      case "epoch":
        this.options.onEpoch?.(message.report);
        break;
      case "ended":
        this.settle((training) => training.resolve(message.outcome));
        break;
      case "failed":
        this.settle((training) => training.reject(fromRecord(message.error)));
        break;
    }
  }

  private take(id: number): Pending<unknown> | undefined {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    return pending;
  }

  private settle(how: (training: Pending<Outcome>) => void): void {
    const { training } = this;
    this.training = undefined;
    if (training) how(training);
  }

  private fail(error: Error): void {
    if (this.failure) return;
    this.failure = error;
    for (const [type, listener] of Object.entries(this.listeners)) this.endpoint.removeEventListener(type, listener);
    for (const { reject } of this.pending.values()) reject(error);
    this.pending.clear();
    this.settle((training) => training.reject(error));
    this.endpoint.terminate?.();
    this.endpoint.close?.();
  }
}
