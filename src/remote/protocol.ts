import type { EngineInfo } from "../engine/index.js";
import type { EpochReport, StepReport } from "../training/index.js";
import type { ErrorRecord } from "./errors.js";

/** What sends and receives structured clones: a Web Worker, what a worker sees of its page, a MessagePort. */
export interface Endpoint {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: string, listener: (event: Event) => void): void;
  removeEventListener(type: string, listener: (event: Event) => void): void;
  /** Of a MessagePort, which delivers nothing before. */
  start?(): void;
  /** Of a MessagePort. */
  close?(): void;
  /** Of a Worker. */
  terminate?(): void;
}

/** What a worker offers beside training and predicting: functions by name, whose arguments and results can be cloned. */
export type CallsOf<Calls> = { readonly [Name in keyof Calls]: (...values: never[]) => unknown };

/** What `start` tells of the training that begins. */
export interface TrainingInfo {
  readonly engine: EngineInfo;
  readonly parameterCount: number;
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
}

/** How training went on since the last report. */
export interface RemoteProgress {
  /** Updates so far. */
  readonly step: number;
  /** Of the last of them. */
  readonly report: StepReport;
  /** The losses of all steps since the last report, the last of them included. */
  readonly losses: Float32Array;
}

/** How a training came to its end: all epochs are done, or `stop` was called. */
export type Outcome = "finished" | "stopped";

/** What the page asks; each is answered by a Response with the same id. */
export type Request =
  | { readonly wasmgrad: "start"; readonly id: number; readonly options: unknown; readonly paused: boolean }
  | { readonly wasmgrad: "pause" | "resume" | "stop"; readonly id: number }
  | {
      readonly wasmgrad: "predict";
      readonly id: number;
      readonly inputs: Float32Array | Uint8Array;
      readonly batchSize: number | undefined;
    }
  | { readonly wasmgrad: "call"; readonly id: number; readonly name: string; readonly values: readonly never[] };

export type Response =
  | { readonly wasmgrad: "result"; readonly id: number; readonly result: unknown }
  | { readonly wasmgrad: "error"; readonly id: number; readonly error: ErrorRecord };

/** What the worker says unasked. */
export type Report =
  | { readonly wasmgrad: "progress"; readonly progress: RemoteProgress }
  | { readonly wasmgrad: "epoch"; readonly report: EpochReport }
  | { readonly wasmgrad: "ended"; readonly outcome: Outcome }
  | { readonly wasmgrad: "failed"; readonly error: ErrorRecord };

/** The message of an event if it is one of this protocol: pages and tools send others through the same endpoint. */
export function messageOf(event: Event): Request | Response | Report | undefined {
  const message: unknown = "data" in event ? event.data : undefined;
  const isOurs = typeof message === "object" && message !== null && "wasmgrad" in message;
  return isOurs ? (message as Request | Response | Report) : undefined;
}
