import { type EpochReport, type RemoteProgress, RemoteTrainer, type TrainingInfo } from "wasmgrad";
import { fetchOwnDigits } from "./ownDigits.js";
import type { DatasetInfo, DigitCalls, DigitOptions, Inspection, Settings } from "./digits.js";

export type SessionState = "preparing" | "ready" | "training" | "paused" | "finished" | "failed";

export interface SessionListener {
  onState?(state: SessionState): void;
  /** A new, untrained network stands. */
  onPrepared?(info: TrainingInfo, dataset: DatasetInfo): void;
  onProgress?(progress: RemoteProgress): void;
  /** An epoch is over, and this is how the network reads then. */
  onEpoch?(report: EpochReport, inspection: Inspection): void;
  /** The weights changed otherwise than by training. */
  onLoaded?(): void;
  onError?(error: unknown): void;
}

type Files = readonly File[];

/** The page's training: one remote trainer, of which one thing at a time is asked. */
export class Session {
  private readonly remote: RemoteTrainer<DigitOptions, DigitCalls>;
  private readonly listeners: SessionListener[] = [];
  private queue: Promise<void> = Promise.resolve();
  private current: SessionState = "preparing";
  private ownFiles: Promise<Files> | undefined;
  /** What a person chose in their place. */
  private chosenFiles: Files | undefined;
  /** What the worker has read. */
  private readFiles: Files | undefined;
  /** Counts networks, so that the end of one is not taken for that of the next. */
  private networks = 0;

  constructor() {
    const worker = new Worker(new URL("./trainer.worker.ts", import.meta.url), { type: "module" });
    this.remote = new RemoteTrainer(worker, {
      onProgress: (progress) => this.listeners.forEach((listener) => listener.onProgress?.(progress)),
      onEpoch: (report) => void this.inspectAfter(report),
    });
    // While the worker starts.
    void this.fetchOwnFiles().catch(() => undefined);
  }

  get state(): SessionState {
    return this.current;
  }

  get hasModel(): boolean {
    return this.current !== "preparing" && this.current !== "failed";
  }

  listen(listener: SessionListener): void {
    this.listeners.push(listener);
  }

  /** Replaces the network by a new one, which waits to be trained. */
  prepare(settings: Settings, chosenFiles = this.chosenFiles): Promise<void> {
    return this.enqueue(async () => {
      this.enter("preparing");
      await this.remote.stop();
      const network = ++this.networks;
      const files = chosenFiles ?? (await this.fetchOwnFiles());
      const options = { ...settings, files: files === this.readFiles ? undefined : files };
      // Of a start that fails nobody knows what it had read.
      this.readFiles = undefined;
      const info = await this.remote.start(options, { paused: true });
      [this.chosenFiles, this.readFiles] = [chosenFiles, files];
      void this.remote.finished().then(
        (outcome) => outcome === "finished" && network === this.networks && this.enter("finished"),
        (error: unknown) => this.fail(error),
      );
      const dataset = await this.remote.call("dataset");
      this.enter("ready");
      this.listeners.forEach((listener) => listener.onPrepared?.(info, dataset));
    });
  }

  /** Replaces the digits too; if they are of no use, training goes on with those it has. */
  async prepareWith(files: readonly File[], settings: Settings): Promise<void> {
    if (this.hasModel) await this.remote.call("checkFiles", files);
    await this.prepare(settings, files);
  }

  resume(): Promise<void> {
    return this.enqueue(async () => {
      if (this.current !== "ready" && this.current !== "paused") return;
      this.enter("training");
      await this.remote.resume();
    });
  }

  pause(): Promise<void> {
    return this.enqueue(async () => {
      if (this.current !== "training") return;
      await this.remote.pause();
      // The last step may have been done meanwhile.
      if (this.isIn("training")) this.enter("paused");
    });
  }

  async load(bytes: Uint8Array, fileName: string): Promise<void> {
    await this.remote.call("load", bytes, fileName);
    this.listeners.forEach((listener) => listener.onLoaded?.());
  }

  predict(image: Uint8Array): Promise<Float32Array> {
    return this.remote.predict(image);
  }

  call<Name extends keyof DigitCalls>(
    name: Name,
    ...values: Parameters<DigitCalls[Name]>
  ): Promise<Awaited<ReturnType<DigitCalls[Name]>>> {
    return this.remote.call(name, ...values);
  }

  /** Once; at the next attempt again if it failed. */
  private async fetchOwnFiles(): Promise<Files> {
    try {
      return await (this.ownFiles ??= fetchOwnDigits());
    } catch (error) {
      this.ownFiles = undefined;
      throw error;
    }
  }

  private async inspectAfter(report: EpochReport): Promise<void> {
    const network = this.networks;
    try {
      const inspection = await this.remote.call("inspect");
      // Of a network that was replaced meanwhile nobody wants to know.
      if (network === this.networks) this.listeners.forEach((listener) => listener.onEpoch?.(report, inspection));
    } catch (error) {
      this.listeners.forEach((listener) => listener.onError?.(error));
    }
  }

  private enqueue(task: () => Promise<void>): Promise<void> {
    this.queue = this.queue.then(task).catch((error: unknown) => this.fail(error));
    return this.queue;
  }

  private isIn(state: SessionState): boolean {
    return this.current === state;
  }

  private fail(error: unknown): void {
    this.enter("failed");
    this.listeners.forEach((listener) => listener.onError?.(error));
  }

  private enter(state: SessionState): void {
    this.current = state;
    this.listeners.forEach((listener) => listener.onState?.(state));
  }
}
