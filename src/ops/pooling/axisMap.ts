import { bitsOf, type Emitter, type Pointer } from "../../graph/index.js";

/**
 * How positions along an axis follow from neighbouring positions along another: windows that move, windows that divide the axis
 * evenly, or places between positions.
 */
export type AxisMap = Window | Shares | Places;

interface Lengths {
  /** Positions of the input. */
  readonly length: number;
  /** Positions of the output. */
  readonly count: number;
}

/** Window i begins at position i · stride − before. What lies outside of the axis does not count. */
export interface Window extends Lengths {
  readonly kind: "window";
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  /** By what the sum is divided: by so much, or by its positions, on the axis or on what it is padded to. */
  readonly divisor: number | "inside" | "padded";
  /** The length up to the end of the padding, from the first position of the axis. */
  readonly end: number;
}

/** Output i is of the positions from ⌊i · length / count⌋ up to ⌈(i + 1) · length / count⌉, as PyTorch's adaptive pooling has it. */
export interface Shares extends Lengths {
  readonly kind: "shares";
}

/** Output i is what stands at the place (i + offset) · step − offset, in float32 as PyTorch computes it. */
export interface Places extends Lengths {
  /** The position that holds the place, or those on both sides of it. */
  readonly kind: "nearest" | "linear";
  readonly step: number;
  readonly offset: number;
}

/** The positions that an output follows from, and their weights, all over a divisor. */
export interface Neighbours {
  readonly first: number;
  readonly count: number;
  readonly divisor: number;
  /** Default: 1 each. */
  readonly weights?: readonly number[];
}

/** Of output i. */
export function neighbours(map: AxisMap, i: number): Neighbours {
  const { length, count } = map;
  if (map.kind === "shares") {
    const first = Math.floor((i * length) / count);
    const covered = Math.ceil(((i + 1) * length) / count) - first;
    return { first, count: covered, divisor: covered };
  }
  if (map.kind === "window") {
    const { stride, kernel, dilation, before, divisor, end } = map;
    const start = i * stride - before;
    const skipped = Math.max(Math.ceil(-start / dilation), 0);
    const inside = Math.min(kernel, Math.ceil((length - start) / dilation)) - skipped;
    const divisors = { inside, padded: Math.min(start + kernel, end) - start };
    return {
      first: start + skipped * dilation,
      count: inside,
      divisor: typeof divisor === "number" ? divisor : divisors[divisor],
    };
  }
  const { fround } = Math;
  const last = length - 1;
  const place = fround(map.step * (i + map.offset));
  if (map.kind === "nearest") return { first: Math.min(Math.floor(place), last), count: 1, divisor: 1 };
  const between = Math.max(fround(place - map.offset), 0);
  const first = Math.min(Math.floor(between), last);
  const rest = fround(between - first);
  if (first === last || rest === 0) return { first, count: 1, divisor: 1 };
  return { first, count: 2, divisor: 1, weights: [fround(1 - rest), rest] };
}

/** The adjoint: of each position of the input the outputs that follow from it. */
function adjoint(map: AxisMap): (position: number) => Neighbours {
  const first = new Int32Array(map.length);
  const counts = new Int32Array(map.length);
  for (let i = 0; i < map.count; i++) {
    const { first: start, count } = neighbours(map, i);
    for (let at = start; at < start + count; at++) if (counts[at]!++ === 0) first[at] = i;
  }
  return (position) => {
    const [start, count] = [first[position]!, counts[position]!];
    const weights = Array.from({ length: count }, (_, i) => {
      const { first, divisor, weights } = neighbours(map, start + i);
      return (weights ? weights[position - first]! : 1) / divisor;
    });
    const isEven = weights.every((weight) => weight === weights[0]);
    // Exact where the weight is one over an integer.
    if (isEven) return { first: start, count, divisor: 1 / (weights[0] ?? 1) };
    return { first: start, count, divisor: 1, weights };
  };
}

/** A map as kernels read it. */
export interface Table {
  readonly entries: Pointer;
  readonly weights: Pointer;
}

/** Emits the tables of a map, or of its adjoint; nothing for no map. */
export function emitTable(emit: Emitter, map: AxisMap | null, isAdjoint = false): Table {
  if (!map) return { entries: 0, weights: 0 };
  const length = isAdjoint ? map.length : map.count;
  const key = `${isAdjoint ? "adjoint of " : ""}${JSON.stringify(map)}`;
  const of = once(() => (isAdjoint ? adjoint(map) : (i: number) => neighbours(map, i)));
  const entries = emit.constant(`places of ${key}`, 4 * length, (table) => {
    let used = 0;
    for (let i = 0; i < length; i++) {
      const { first, count, divisor, weights } = of()(i);
      table.set([first, count, weights ? used : -1, bitsOf(divisor)], 4 * i);
      used += weights?.length ?? 0;
    }
  });
  const all = isAdjoint || map.kind === "linear" ? Array.from({ length }, (_, i) => of()(i).weights ?? []).flat() : [];
  if (all.length === 0) return { entries, weights: 0 };
  return { entries, weights: emit.constant(`weights of ${key}`, all.length, (table) => table.set(all.map(bitsOf))) };
}

/** A function that remembers what it gave first. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
