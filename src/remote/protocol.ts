import type { EngineInfo } from "../engine/index.js";
import type { Model } from "../layers/index.js";
import type { EpochReport, StepReport } from "../training/index.js";
import { type ErrorRecord, isList, read } from "./errors.js";

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
export type TrainingEnd = "finished" | "stopped";

/** What `Model.predict` takes. */
export type Inputs = Parameters<Model["predict"]>[0];

/** What the page asks; each is answered by a Response with the same id. `underWay` asks for the ids of all that are not. */
export type Request =
  | { readonly wasmgrad: "start"; readonly id: number; readonly options: unknown; readonly paused: boolean }
  | { readonly wasmgrad: "pause" | "resume" | "stop" | "underWay"; readonly id: number }
  | {
      readonly wasmgrad: "predict";
      readonly id: number;
      readonly inputs: Inputs;
      readonly batchSize: number | undefined;
    }
  | { readonly wasmgrad: "call"; readonly id: number; readonly name: string; readonly values: readonly unknown[] };

export type Response =
  | { readonly wasmgrad: "result"; readonly id: number; readonly result: unknown }
  | { readonly wasmgrad: "error"; readonly id: number; readonly error: ErrorRecord };

/** What the worker says unasked. */
export type Report =
  | { readonly wasmgrad: "progress"; readonly progress: RemoteProgress }
  | { readonly wasmgrad: "epoch"; readonly report: EpochReport }
  | { readonly wasmgrad: "ended"; readonly outcome: TrainingEnd }
  | { readonly wasmgrad: "failed"; readonly error: ErrorRecord }
  /** A message of the page could not be read: it may have been a request. */
  | { readonly wasmgrad: "unreadable" };

/**
 * Which message of this protocol a value is; undefined for those that pages and tools send through the same endpoint.
 * Its parts are still to be checked: the other side may be of another version, or somebody else.
 */
export function kindOf(message: unknown): string | undefined {
  const kind = typeof message === "object" ? read(message, "wasmgrad") : undefined;
  return typeof kind === "string" ? kind : undefined;
}

/** Whether a kind of message comes from the worker, so that a worker has nothing to answer. */
export function isOfWorker(kind: string): boolean {
  const kinds: Readonly<Record<(Response | Report)["wasmgrad"], true>> = {
    ...{ result: true, error: true },
    ...{ progress: true, epoch: true, ended: true, failed: true, unreadable: true },
  };
  return Object.hasOwn(kinds, kind);
}

export function isTrainingInfo(value: unknown): value is TrainingInfo {
  const isEngine = typeof read(read(value, "engine"), "build") === "string";
  const areShapes = isList(read(value, "inputShape")) && isList(read(value, "outputShape"));
  return isEngine && areShapes && isNumber(read(value, "parameterCount"));
}

export function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

export function isFloats(value: unknown): value is Float32Array<ArrayBuffer> {
  return ArrayBuffer.isView(value) && read(value, Symbol.toStringTag) === "Float32Array";
}

export function isProgress(value: unknown): value is RemoteProgress {
  const isStep = isNumber(read(value, "step")) && isNumber(read(read(value, "report"), "loss"));
  return isStep && isFloats(read(value, "losses"));
}

export function isEpochReport(value: unknown): value is EpochReport {
  return isNumber(read(value, "epoch")) && isNumber(read(value, "loss"));
}

export function isTrainingEnd(value: unknown): value is TrainingEnd {
  return value === "finished" || value === "stopped";
}
