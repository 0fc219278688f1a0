import { alignUp, constants } from "../../engine/index.js";
import { denseStrides, type Shape } from "../../graph/index.js";

/** Of a convolution along one axis, two or three: arrays have one number for each. */
export interface ConvolutionAttributes {
  readonly stride: readonly number[];
  /** Zeros before each axis, and after it. A negative number of zeros leaves positions at the end out. */
  readonly padding: readonly number[];
  readonly paddingAfter: readonly number[];
  readonly dilation: readonly number[];
  /** Parts of the channels of input and output of which each sees its own alone. */
  readonly groups: number;
  /** Whether the output is max(·, 0), computed while the result is in registers. */
  readonly relu: boolean;
}

export const convolutionDefaults: ConvolutionAttributes = {
  ...{ stride: [], padding: [], paddingAfter: [], dilation: [], groups: 1, relu: false },
};

/** What the gradients of a convolution need to know of it. */
export interface ConvolutionShapes extends ConvolutionAttributes {
  readonly xShape: Shape;
  readonly weightShape: Shape;
}

export const shapeDefaults: ConvolutionShapes = { ...convolutionDefaults, xShape: [], weightShape: [] };

/** Taps of a kernel along one axis. They lie at equal distances, in the kernel and in the source, in the order of the source. */
export interface Taps {
  readonly count: number;
  /** Number of the first tap in the kernel, and from one to the next. */
  readonly kernel: number;
  readonly kernelStep: number;
  /** Where output 0 reads the first tap in the source, and how much further on the next. */
  readonly position: number;
  readonly positionStep: number;
}

/**
 * What a convolution reads along one axis: output i takes each tap from source position i · step + its position, which may
 * lie outside the source, where it is zero.
 */
export interface Axis {
  readonly count: number;
  readonly step: number;
  readonly taps: Taps;
}

/** The axes of a convolution: [depth, height, width], or the last of them. */
export type Axes = readonly Axis[];

/** Zeros before and after the source along one axis, and the length with them. */
export interface Border {
  readonly before: number;
  readonly length: number;
}

/** Length of a convolution's output, of an input that is so long with its padding: ⌊(length − dilation·(kernel − 1) − 1) / stride⌋ + 1. */
export function outputLength(length: number, kernel: number, stride: number, dilation: number): number {
  return Math.floor((length - dilation * (kernel - 1) - 1) / stride) + 1;
}

/** The shape of the output, of shapes that fit. */
export function outputShape(x: Shape, weight: Shape, attributes: ConvolutionAttributes): Shape {
  const { stride, padding, paddingAfter, dilation } = attributes;
  const lengths = stride.map((step, i) =>
    outputLength(x[i + 1]! + padding[i]! + paddingAfter[i]!, weight[i]!, step, dilation[i]!),
  );
  return [x[0]!, ...lengths, weight.at(-1)!];
}

/** The axes of y = convolution(x, weight). */
export function forwardAxes(weight: Shape, output: Shape, { stride, padding, dilation }: ConvolutionAttributes): Axes {
  return stride.map((step, i) => ({
    ...{ count: output[i + 1]!, step },
    taps: { count: weight[i]!, kernel: 0, kernelStep: 1, position: -padding[i]!, positionStep: dilation[i]! },
  }));
}

/** The positions h ≡ `first` (mod stride) of the input along one axis, and what they read of dy. */
export interface Phase {
  readonly first: number;
  readonly axis: Axis;
}

/** An input gradient in parts, each a convolution of dy. */
export interface GradientParts {
  /** Of each axis. */
  readonly phases: readonly (readonly Phase[])[];
  /** Each a phase of every axis. */
  readonly parts: readonly (readonly Phase[])[];
  /** Whether the parts leave out positions, whose gradient is 0. */
  readonly haveGaps: boolean;
}

/** Parts up to which those that see no tap are convolutions of nothing; if there are more, zeroing all of dx is less. */
const fewParts = 64;

/**
 * The input gradient: along each axis dx[h] = Σ over taps k of dy[(h + padding − dilation · k) / stride], where that is
 * whole. The positions of a phase see the same taps, so a phase of each axis together are a convolution of dy of step 1.
 */
export function gradientParts(x: Shape, weight: Shape, attributes: ConvolutionAttributes): GradientParts {
  const counts = attributes.stride.map((step, i) => Math.min(step, x[i + 1]!));
  const isComplete = counts.reduce((product, count) => product * count, 1) <= fewParts;
  const phases = counts.map((count, i) => {
    const known = phasesWithTaps(i, x, weight, attributes);
    if (!isComplete) return known;
    return Array.from(
      { length: count },
      (_, first) => known.find((phase) => phase.first === first) ?? phaseOf(first, x[i + 1]!, attributes.stride[i]!),
    );
  });
  const parts = phases.reduce<readonly (readonly Phase[])[]>(
    (all, more) => all.flatMap((part) => more.map((phase) => [...part, phase])),
    [[]],
  );
  return { phases, parts, haveGaps: phases.some(({ length }, i) => length < counts[i]!) };
}

/** In order; at most as many as the kernel has taps. */
function phasesWithTaps(i: number, x: Shape, weight: Shape, attributes: ConvolutionAttributes): Phase[] {
  const [size, kernel] = [x[i + 1]!, weight[i]!];
  const [stride, padding, dilation] = [attributes.stride[i]!, attributes.padding[i]!, attributes.dilation[i]!];
  const divisor = greatestCommonDivisor(stride, dilation);
  // Taps so far apart see the same phase, and lie so far apart in dy.
  const [period, positionStep] = [stride / divisor, dilation / divisor];
  const phases: Phase[] = [];
  for (let tap = 0; tap < Math.min(period, kernel); tap++) {
    const first = (((dilation * tap - padding) % stride) + stride) % stride;
    if (first >= size) continue;
    const count = Math.ceil((kernel - tap) / period);
    const last = tap + (count - 1) * period;
    const position = (first + padding - dilation * last) / stride;
    phases.push(phaseOf(first, size, stride, { count, kernel: last, kernelStep: -period, position, positionStep }));
  }
  return phases.sort((a, b) => a.first - b.first);
}

const noTaps: Taps = { count: 0, kernel: 0, kernelStep: 1, position: 0, positionStep: 1 };

function phaseOf(first: number, size: number, stride: number, taps = noTaps): Phase {
  return { first, axis: { count: Math.ceil((size - first) / stride), step: 1, taps } };
}

/** Distances in an input gradient of the images and positions of a phase, in floats. */
export function phaseStrides(x: Shape, stride: readonly number[]): readonly number[] {
  const [image, ...steps] = denseStrides(x).slice(0, -1);
  // A phase longer than an axis has one position on it.
  return [image!, ...steps.map((step, i) => step * Math.min(stride[i]!, x[i + 1]!))];
}

function greatestCommonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}

/** The zeros that `axes` read around a source of `size`. */
export function borderOf(axes: readonly Axis[], size: number): Border {
  let before = 0;
  let after = 0;
  for (const { count, step, taps } of axes) {
    if (count === 0 || taps.count === 0) continue;
    const last = taps.position + (taps.count - 1) * taps.positionStep;
    before = Math.max(before, -taps.position);
    after = Math.max(after, (count - 1) * step + last - (size - 1));
  }
  return { before, length: before + size + after };
}

/** Steps along one axis of a lattice. */
interface Steps {
  readonly count: number;
  readonly step: number;
}

/** Writes the places of a lattice from `start` on, the last axis innermost, in bytes of floats. Returns how many. */
function fillLattice(table: Int32Array, axes: readonly Steps[], start: number): number {
  const fill = (axis: number, from: number, at: number): number => {
    const { count, step } = axes[axis]!;
    const isLast = axis === axes.length - 1;
    for (let i = 0, place = from; i < count; i++, place += step) {
      if (isLast) table[at++] = place * 4;
      else at = fill(axis + 1, place, at);
    }
    return at;
  };
  return fill(0, start, 0);
}

/** What a patch consists of: pieces of 1, 3 or 4 consecutive floats. */
export interface Pieces {
  readonly count: number;
  /** In floats. */
  readonly length: number;
  /** Writes the offsets in bytes from the patch of the first output pixel. */
  readonly fill: (table: Int32Array) => void;
}

/**
 * The patches in a source with these borders, which may leave no position negative.
 * @param strides of the axes of the source, in floats
 * @param channels that are seen, of those that the source has
 */
export function piecesOf(axes: Axes, borders: readonly Border[], strides: readonly number[], channels: number): Pieces {
  const steps = axes.map(({ taps: { count, positionStep } }, i) => ({ count, step: positionStep * strides[i]! }));
  const start = axes.reduce((sum, { taps }, i) => sum + (taps.position + borders[i]!.before) * strides[i]!, 0);
  const last = steps.at(-1)!;
  // Taps side by side are one run of floats, if nothing lies between them.
  const isRun = last.count === 1 || last.step === channels;
  const runLength = isRun ? last.count * channels : channels;
  const length = [constants.longPiece, constants.shortPiece].find((candidate) => runLength % candidate === 0) ?? 1;
  const lattice = [...(isRun ? steps.slice(0, -1) : steps), { count: runLength / length, step: length }];
  const count = lattice.reduce((product, { count }) => product * count, 1);
  return { count, length, fill: (table) => void fillLattice(table, lattice, start) };
}

/** Output pixels that are counted through: those of some images, then along the axes, so many floats apart. */
export interface Pixels {
  readonly counts: readonly number[];
  readonly strides: readonly number[];
}

/** Entries of the table of pixels: up to a multiple of the pixels of a register tile. */
export function pixelTableLength({ counts }: Pixels): number {
  return alignUp(
    counts.reduce((product, count) => product * count, 1),
    constants.convTilePixels,
  );
}

/** Writes the offsets of pixels in bytes; then the last one again up to the table's end. */
export function fillPixels({ counts, strides }: Pixels, table: Int32Array): void {
  const lattice = counts.map((count, i) => ({ count, step: strides[i]! }));
  const end = fillLattice(table, lattice, 0);
  table.fill(table[end - 1] ?? 0, end);
}

/** Writes where the taps of a kernel lie in a weight, in floats. */
export function fillTaps(axes: Axes, weight: Shape, table: Int32Array): void {
  const strides = denseStrides(weight);
  const lattice = axes.map(({ taps: { count, kernelStep } }, i) => ({ count, step: kernelStep * strides[i]! }));
  const start = axes.reduce((sum, { taps }, i) => sum + taps.kernel * strides[i]!, 0);
  fillLattice(table, lattice, start);
  table.forEach((place, i) => (table[i] = place / 4));
}
