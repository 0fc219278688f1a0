import { readdirSync, readFileSync } from "node:fs";
import type { DataType } from "../../src/graph/index.js";
import * as api from "../../src/index.js";

// What the scripts in cases/ have written, as golden.py says.

/** A tensor of a file. */
export interface Stored {
  readonly shape: readonly number[];
  readonly dataType: DataType;
  readonly data: Float32Array | Float64Array | Int32Array | Uint8Array;
}

interface Common {
  readonly title: string;
  /** Names of what PyTorch computed, and how far its float32 was from its float64: absolutely, and in relation to elements. */
  readonly results: readonly string[];
  readonly errors: Readonly<Record<string, readonly [absolute: number, relative: number]>>;
  readonly tensor: (name: string) => Stored;
}

export interface FunctionCase extends Common {
  readonly kind: "function";
  readonly call: unknown;
  readonly inputs: readonly string[];
  /** Of the inputs those with a gradient. */
  readonly varied: readonly string[];
  readonly elementwise: boolean;
  /** An error that is allowed everywhere. */
  readonly floor?: number;
}

export interface TrainingCase extends Common {
  readonly kind: "training";
  readonly model: unknown;
  readonly inputShape: readonly number[];
  readonly dataType: DataType;
  readonly loss: unknown;
  readonly optimizer: unknown;
  readonly state: readonly string[];
  readonly steps: number;
  readonly batch: number;
}

export interface NumbersCase extends Common {
  readonly kind: "numbers";
  readonly call: unknown;
}

export type Case = FunctionCase | TrainingCase | NumbersCase;

const folder = new URL("cases/", import.meta.url);

/** The files, and their cases as arguments of `it.each`. */
export const files = readdirSync(folder)
  .filter((name) => name.endsWith(".safetensors"))
  .map((name) => [name.replace(".safetensors", ""), casesOf(new URL(name, folder))] as const);

interface Header {
  readonly __metadata__: { readonly cases: string };
  readonly [name: string]: unknown;
}

interface Entry {
  readonly dtype: "F64" | "F32" | "I32" | "BOOL";
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

function casesOf(file: URL): readonly (readonly [title: string, golden: Case])[] {
  const bytes = new Uint8Array(readFileSync(file));
  const start = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start))) as Header;
  const tensor = (name: string): Stored => {
    const entry = header[name] as Entry | undefined;
    if (!entry) throw new Error(`${file.pathname} has no ${name}`);
    const [begin, end] = entry.data_offsets;
    const { buffer } = bytes.slice(start + begin, start + end);
    const { shape, dtype } = entry;
    if (dtype === "I32") return { shape, dataType: "i32", data: new Int32Array(buffer) };
    if (dtype === "BOOL") return { shape, dataType: "bool", data: new Uint8Array(buffer) };
    return { shape, dataType: "f32", data: dtype === "F64" ? new Float64Array(buffer) : new Float32Array(buffer) };
  };
  const cases = JSON.parse(header.__metadata__.cases) as readonly Case[];
  return cases.map((golden, i) => [golden.title, { ...golden, tensor: (name: string) => tensor(`${i}/${name}`) }]);
}

/**
 * What an expression means: ["ops.relu", x] is a call of the public API, { tensor: "x" } what `tensors` has by that name,
 * { number: "Infinity" } what JSON cannot say, { of, method, arguments } a call of a method.
 */
export function evaluate(expression: unknown, tensors: Readonly<Record<string, unknown>> = {}): unknown {
  const inner = (part: unknown): unknown => evaluate(part, tensors);
  if (Array.isArray(expression)) {
    const [name, ...given] = expression as readonly unknown[];
    if (typeof name !== "string" || !/^(ops|nn|losses|optim)\./.test(name)) return (expression as unknown[]).map(inner);
    const path = name.split(".");
    const found = path.reduce<unknown>((at, key) => (at as Readonly<Record<string, unknown>>)[key], api);
    if (typeof found !== "function") throw new Error(`there is no ${name}`);
    return (found as (...all: unknown[]) => unknown)(...given.map(inner));
  }
  if (typeof expression !== "object" || expression === null) return expression;
  const members = expression as Readonly<Record<string, unknown>>;
  if ("tensor" in members) return tensors[members.tensor as string];
  if ("number" in members) return Number(members.number);
  if ("method" in members) {
    const owner = inner(members.of) as Readonly<Record<string, (...all: unknown[]) => unknown>>;
    return owner[members.method as string]!(...(inner(members.arguments ?? []) as unknown[]));
  }
  return Object.fromEntries(Object.entries(members).map(([key, part]) => [key, inner(part)]));
}
