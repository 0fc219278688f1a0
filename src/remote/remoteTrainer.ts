import { checkBoolean, checkFunction, checkOptions, show, StateError } from "../engine/index.js";
import type { EpochReport } from "../training/index.js";
import { Connection, type Endpoint } from "./endpoint.js";
import { fromRecord, read, reportException } from "./errors.js";
import { parcel } from "./parcel.js";
import {
  type CallsOf,
  type Inputs,
  isEpochReport,
  isFloats,
  isNumber,
  isTrainingEnd,
  isProgress,
  isTrainingInfo,
  kindOf,
  type TrainingEnd,
  type RemoteProgress,
  type TrainingInfo,
} from "./protocol.js";
import { type Body, checkResult, Requests } from "./requests.js";

export interface RemoteTrainerOptions {
  /** Called at most about thirty times a second, so that a page can draw every report. */
  readonly onProgress?: (progress: RemoteProgress) => void;
  /** What it and `onProgress` throw is uncaught, as in a listener of the host's; training goes on. */
  readonly onEpoch?: (report: EpochReport) => void;
}

export interface StartOptions {
  /** Set everything up but wait for `resume` before the first step. Default false. */
  readonly paused?: boolean;
}

export interface RemotePredictOptions {
  /** Samples computed at once. Default 256. */
  readonly batchSize?: number;
  /**
   * Hand the inputs over instead of copying them; the array is empty afterwards. An array in shared memory, or over a
   * part of its buffer, is copied all the same: others see the rest. Default false.
   */
  readonly transfer?: boolean;
}

/** What settles the promise of how a training ended. */
interface Ending {
  readonly resolve: (outcome: TrainingEnd) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A trainer that works in another thread, where `serveTrainer` answers. Errors of the worker arrive with their class.
 * Requests are answered between steps; a call that cannot be answered any more, because the worker ended or failed, is
 * rejected with a StateError that says why. What cannot be sent is an ArgumentError.
 * @typeParam Options what the worker's setup takes
 * @typeParam Calls the functions that the worker offers besides
 */
export class RemoteTrainer<Options = undefined, Calls extends CallsOf<Calls> = object> {
  private readonly connection: Connection;
  private readonly requests: Requests;
  private outcome: Promise<TrainingEnd> | undefined;
  /** Of the training under way. */
  private training: Ending | undefined;
  private wasHeardOf = false;
  private failure: Error | undefined;

  /**
   * @param endpoint a worker that calls `serveTrainer`, a Web Worker or one of node:worker_threads, or a port to one
   * @throws ArgumentError for anything else, for listeners that are no functions, and for an unknown option
   */
  constructor(
    endpoint: Endpoint,
    private readonly options: RemoteTrainerOptions = {},
  ) {
    checkOptions("RemoteTrainer", options, ["onProgress", "onEpoch"]);
    const { onProgress, onEpoch } = options;
    if (onProgress !== undefined) checkFunction("onProgress", onProgress, "({ losses }) => draw(losses)");
    if (onEpoch !== undefined) checkFunction("onEpoch", onEpoch, "({ epoch, loss }) => print(epoch, loss)");
    this.connection = new Connection(endpoint, {
      message: (value) => this.receive(value),
      unreadable: () => void this.recount(),
      failure: (reason, isFinal) => {
        // A Web Worker that runs outlives what its handlers throw. Before it is heard of, it never will run.
        if (isFinal || !this.wasHeardOf) this.fail(reason);
      },
    });
    this.requests = new Requests((request, transfer) => this.connection.post(request, transfer));
    this.connection.open();
  }

  /**
   * Has the worker set a training up and begin it. Resolves when it stands, rejects with what the setup threw.
   * @param options what the setup is called with
   * @throws StateError while another training is under way
   * @throws ArgumentError if the options cannot be cloned
   */
  async start(options: Options, startOptions: StartOptions = {}): Promise<TrainingInfo> {
    checkOptions("start", startOptions, ["paused"]);
    const { paused = false } = startOptions;
    checkBoolean("paused", paused);
    if (this.training) throw new StateError("a training is under way: stop it before another starts");
    let training!: Ending;
    this.outcome = new Promise((resolve, reject) => (training = { resolve, reject }));
    // Whoever wants to know asks `finished`; a rejection nobody asked for is no unhandled one.
    this.outcome.catch(() => undefined);
    this.training = training;
    try {
      return checkResult("start", await this.request({ wasmgrad: "start", options, paused }), isTrainingInfo);
    } catch (error) {
      training.reject(error as Error);
      // It may have been stopped, and followed by another, while it was set up.
      if (this.training === training) this.training = undefined;
      throw error;
    }
  }

  /**
   * Holds the training before its next step. With nothing under way, it and `resume` and `stop` do nothing.
   * @returns updates so far: no further one follows until `resume`
   */
  async pause(): Promise<number> {
    return checkResult("pause", await this.request({ wasmgrad: "pause" }), isNumber);
  }

  async resume(): Promise<void> {
    await this.request({ wasmgrad: "resume" });
  }

  /**
   * Ends the training before its next step; resolves when it is over. The model stays for `predict` and `call`. A training
   * that is still being set up is over at once; its `start` is answered when the setup is done, or another start takes
   * its place.
   */
  async stop(): Promise<void> {
    await this.request({ wasmgrad: "stop" });
  }

  /**
   * How the training started last came to its end, once it has. Rejects with the error that ended it.
   * @throws StateError if none was started
   */
  async finished(): Promise<TrainingEnd> {
    if (!this.outcome) throw new StateError("no training was started");
    return this.outcome;
  }

  /** `Model.predict` in the worker, between two steps or while paused. Before `start`, a StateError. */
  async predict(inputs: Inputs, options: RemotePredictOptions = {}): Promise<Float32Array<ArrayBuffer>> {
    checkOptions("predict", options, ["batchSize", "transfer"]);
    const { batchSize, transfer = false } = options;
    checkBoolean("transfer", transfer);
    const sent = parcel(inputs, transfer);
    const result = await this.request({ wasmgrad: "predict", inputs: sent.inputs, batchSize }, sent.transfer);
    return checkResult("predict", result, isFloats);
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

  private async request(body: Body, transfer?: ArrayBuffer[]): Promise<unknown> {
    if (this.failure) throw this.failure;
    return this.requests.send(body, transfer);
  }

  private async recount(): Promise<void> {
    try {
      await this.requests.recount();
    } catch (cause) {
      this.fail(new StateError("a message could not be read, and which one cannot be found out", { cause }));
    }
  }

  /** Takes what the worker says. What cannot be made out is passed over, unless somebody waits for it. */
  private receive(message: unknown): void {
    const kind = kindOf(message);
    if (kind === undefined) return;
    this.wasHeardOf = true;
    switch (kind) {
      case "progress": {
        const progress = read(message, "progress");
        if (isProgress(progress)) tell(this.options.onProgress, progress);
        break;
      }
      case "epoch": {
        const report = read(message, "report");
        if (isEpochReport(report)) tell(this.options.onEpoch, report);
        break;
      }
      case "ended": {
        const outcome = read(message, "outcome");
        this.settle(({ resolve, reject }) => {
          if (isTrainingEnd(outcome)) resolve(outcome);
          else reject(new StateError(`the worker says that the training has ended in ${show(outcome)}`));
        });
        break;
      }
      case "failed":
        this.settle(({ reject }) => reject(fromRecord(read(message, "error"))));
        break;
      case "unreadable":
        void this.recount();
        break;
      default:
        this.requests.receive(kind, message);
    }
  }

  private settle(how: (training: Ending) => void): void {
    const { training } = this;
    this.training = undefined;
    if (training) how(training);
  }

  private fail(error: Error): void {
    if (this.failure) return;
    this.failure = error;
    this.requests.reject(error);
    this.settle(({ reject }) => reject(error));
    this.connection.end();
  }
}

/** Calls a listener of the page, whose exceptions are its own. */
function tell<Report>(listener: ((report: Report) => void) | undefined, report: Report): void {
  try {
    listener?.(report);
  } catch (error) {
    reportException(error);
  }
}
