import { ArgumentError, checkFunction, checkOptions, show, StateError } from "../engine/index.js";
import type { Dataset } from "../data/index.js";
import type { FitOptions, StepReport, Trainer } from "../training/index.js";
import { EventLoopTurns } from "../training/eventLoopTurns.js";
import { reportException, toRecord } from "./errors.js";
import type { Report } from "./protocol.js";

/** What a worker trains, and what else it offers. */
export interface ServedTrainer<Calls = object> {
  readonly trainer: Trainer;
  readonly dataset: Dataset;
  /** As for `Trainer.fit`; `onStep` is called here, in the worker. */
  readonly fit?: Omit<FitOptions, "gate">;
  /** Functions that the page may call by name, between steps. */
  readonly calls?: Calls;
  /**
   * Called, and awaited, when another training takes this one's place: the moment to close its engine. If this one is
   * still being set up then, it is called once it stands, and the other does not wait for it.
   */
  readonly close?: () => void | Promise<void>;
}

/** Requests wait no longer than this for their turn, steps permitting. */
const stillMilliseconds = 4;
const progressMilliseconds = 1000 / 30;

export type Send = (report: Report, transfer?: ArrayBuffer[]) => void;

/** One training from `start` to its end, which can be held between two steps. */
export class Session {
  private readonly ready: Promise<ServedTrainer>;
  /** What `ready` resolved to. */
  private standing: ServedTrainer | undefined;
  private active = true;
  private isRunning = false;
  private readonly turns = new EventLoopTurns(stillMilliseconds);
  private readonly stopped = new StateError("the training was stopped");
  private isStopping = false;
  private endPause: (() => void) | undefined;
  private readonly ending: Promise<void>;
  private end!: () => void;
  /** Rejects when the session is closed. */
  private readonly closing: Promise<never>;
  private endWaiting!: (reason: StateError) => void;
  private latest: { readonly step: number; readonly report: StepReport } | undefined;
  private losses: number[] = [];
  private lastSent = -Infinity;

  /** @param setUp what is trained, as soon as it stands */
  constructor(
    setUp: Promise<ServedTrainer>,
    private paused: boolean,
    private readonly send: Send,
  ) {
    this.ending = new Promise((resolve) => (this.end = resolve));
    this.closing = new Promise((_, reject) => (this.endWaiting = reject));
    this.closing.catch(() => undefined);
    this.ready = setUp.then((served) => (this.standing = checkServed(served)));
    this.ready.catch(() => this.finish());
  }

  /** Whether it was neither stopped nor came to its end. */
  get isActive(): boolean {
    return this.active;
  }

  /** Updates so far. A training that is being set up has done none. */
  get step(): number {
    return this.standing?.trainer.step ?? 0;
  }

  /** What is trained. Rejects with what the setup threw, and with a StateError if the session is closed before it stands. */
  async served(): Promise<ServedTrainer> {
    return this.standing ?? Promise.race([this.ready, this.closing]);
  }

  /** No step begins any more until `resume`. */
  pause(): void {
    this.paused = true;
    this.sendProgress();
  }

  resume(): void {
    this.paused = false;
    this.endPause?.();
  }

  /** Resolves when the training is over. One that does not run yet is so at once, however long its setup takes. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.endPause?.();
    if (this.active && !this.isRunning) this.conclude({ wasmgrad: "ended", outcome: "stopped" });
    await this.ending;
  }

  /** Ends a training that does not run yet, without a report: its start was not answered. */
  abandon(): void {
    this.finish();
  }

  /** Closes what was trained, now or once it stands. The training must be over. */
  async close(): Promise<void> {
    if (this.standing) {
      await this.standing.close?.();
      return;
    }
    this.endWaiting(new StateError("this training was stopped and replaced before its setup was done"));
    void this.ready
      .then(
        (late) => late.close?.(),
        () => undefined,
      )
      .catch(reportException);
  }

  /** Trains and reports; failures too are reports. Rejects only if not even they can be sent. */
  async run(): Promise<void> {
    if (!this.active || !this.standing) return;
    this.isRunning = true;
    this.conclude(await this.train(this.standing));
  }

  /** Trains, and returns the last report. */
  private async train({ trainer, dataset, fit }: ServedTrainer): Promise<Report> {
    const onStep = (report: StepReport): void => {
      fit?.onStep?.(report);
      this.latest = { step: trainer.step, report };
      this.losses.push(report.loss);
      if (performance.now() - this.lastSent >= progressMilliseconds) this.sendProgress();
    };
    try {
      for await (const report of trainer.fit(dataset, { ...fit, onStep, gate: () => this.gate() })) {
        this.sendProgress();
        this.send({ wasmgrad: "epoch", report });
      }
      return { wasmgrad: "ended", outcome: "finished" };
    } catch (error) {
      if (error === this.stopped) return { wasmgrad: "ended", outcome: "stopped" };
      return { wasmgrad: "failed", error: toRecord(error) };
    }
  }

  /** What training awaits before each step. Requests are answered while the event loop turns. */
  private async gate(): Promise<void> {
    await this.turns.take();
    while (this.paused && !this.isStopping) await new Promise<void>((resolve) => (this.endPause = resolve));
    this.endPause = undefined;
    if (this.isStopping) throw this.stopped;
  }

  private sendProgress(): void {
    if (!this.latest || this.losses.length === 0) return;
    const losses = Float32Array.from(this.losses);
    this.losses = [];
    this.lastSent = performance.now();
    this.send({ wasmgrad: "progress", progress: { ...this.latest, losses } }, [losses.buffer]);
  }

  /** Says how the training ended; if the last reports cannot be sent, that it failed over them. */
  private conclude(end: Report): void {
    try {
      this.sendProgress();
      this.send(end);
    } catch (error) {
      this.send({ wasmgrad: "failed", error: toRecord(error) });
    } finally {
      this.finish();
    }
  }

  private finish(): void {
    this.active = false;
    this.end();
  }
}

/** A copy of what a setup returned, if it is of use. */
function checkServed(served: ServedTrainer): ServedTrainer {
  const wanted = "setup must return a Trainer and its data set, { trainer, dataset }";
  if (!isObject(served)) throw new ArgumentError(`${wanted}; got ${show(served)}`);
  const { trainer, dataset, fit, calls, close } = served;
  if (!isObject(trainer) || typeof trainer.fit !== "function" || !isObject(trainer.model) || !isObject(dataset)) {
    throw new ArgumentError(`${wanted}; got ${show(trainer)} as trainer, ${show(dataset)} as dataset`);
  }
  checkOptions("what setup returns", served, ["trainer", "dataset", "fit", "calls", "close"]);
  for (const [name, part] of Object.entries({ fit, calls })) {
    if (part !== undefined && !isObject(part)) {
      throw new ArgumentError(`the ${name} that setup returns must be an object; got ${show(part)}`);
    }
  }
  if (close !== undefined) checkFunction("the close that setup returns", close, "() => engine.close()");
  const parts = { ...(fit && { fit }), ...(calls && { calls }), ...(close && { close: () => close.call(served) }) };
  return { trainer, dataset, ...parts };
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}
