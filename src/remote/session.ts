import { StateError } from "../engine/index.js";
import type { Dataset } from "../data/index.js";
import type { FitOptions, StepReport, Trainer } from "../training/index.js";
import { Breath } from "../training/breath.js";
import { toRecord } from "./errors.js";
import type { Report } from "./protocol.js";

/** What a worker trains, and what else it offers. */
export interface ServedTrainer<Calls = object> {
  readonly trainer: Trainer;
  readonly dataset: Dataset;
  /** As for `Trainer.fit`; `onStep` is called here, in the worker. */
  readonly fit?: Omit<FitOptions, "gate">;
  /** Functions that the page may call by name, between steps. */
  readonly calls?: Calls;
  /** Called, and awaited, when another training takes this one's place: the moment to close its engine. */
  readonly close?: () => void | Promise<void>;
}

/** Requests wait no longer than this for their turn, steps permitting. */
const breathMilliseconds = 4;
const progressMilliseconds = 1000 / 30;

export type Send = (report: Report, transfer?: Transferable[]) => void;

/** One training from `start` to its end, which can be held between two steps. */
export class Session {
  private active = true;
  private readonly breath = new Breath(breathMilliseconds);
  private readonly stopped = new StateError("the training was stopped");
  private isStopping = false;
  private endPause: (() => void) | undefined;
  private readonly ending: Promise<void>;
  private end!: () => void;
  private latest: { readonly step: number; readonly report: StepReport } | undefined;
  private losses: number[] = [];
  private lastSent = -Infinity;

  /** @param ready what is trained, as soon as it stands */
  constructor(
    readonly ready: Promise<ServedTrainer>,
    private paused: boolean,
    private readonly send: Send,
  ) {
    this.ending = new Promise((resolve) => (this.end = resolve));
    ready.catch(() => this.finish());
  }

  /** Whether it was neither stopped nor came to its end. */
  get isActive(): boolean {
    return this.active;
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

  /** Resolves when the training is over. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.endPause?.();
    await this.ending;
  }

  /** Trains and reports; failures too are reports. */
  async run(): Promise<void> {
    const { trainer, dataset, fit } = await this.ready;
    try {
      const onStep = (report: StepReport): void => {
        fit?.onStep?.(report);
        this.latest = { step: trainer.step, report };
        this.losses.push(report.loss);
        if (performance.now() - this.lastSent >= progressMilliseconds) this.sendProgress();
      };
      for await (const report of trainer.fit(dataset, { ...fit, onStep, gate: () => this.gate() })) {
        this.sendProgress();
        this.send({ wasmgrad: "epoch", report });
      }
      this.send({ wasmgrad: "ended", outcome: "finished" });
    } catch (error) {
      this.sendProgress();
      if (error === this.stopped) this.send({ wasmgrad: "ended", outcome: "stopped" });
      else this.send({ wasmgrad: "failed", error: toRecord(error) });
    } finally {
      this.finish();
    }
  }

  /** What training awaits before each step. Requests are answered while the event loop turns. */
  private async gate(): Promise<void> {
    await this.breath.take();
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

  private finish(): void {
    this.active = false;
    this.end();
  }
}
