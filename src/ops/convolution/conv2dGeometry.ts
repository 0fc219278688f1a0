import { alignUp, constants } from "../../engine/index.js";
import type { Shape } from "../../graph/index.js";
import type { Pair } from "./perAxis.js";

export interface Conv2dAttributes {
  readonly stride: Pair;
  /** Zeros before each axis, and after it. */
  readonly padding: Pair;
  readonly paddingAfter: Pair;
  readonly dilation: Pair;
  /** Whether the output is max(·, 0), computed while the result is in registers. */
  readonly relu: boolean;
}

export const conv2dDefaults: Conv2dAttributes = {
  stride: [1, 1],
  padding: [0, 0],
  paddingAfter: [0, 0],
  dilation: [1, 1],
  relu: false,
};

/** What the gradients of a convolution need to know of it. */
export interface Conv2dShapes extends Conv2dAttributes {
  readonly xShape: Shape;
  readonly weightShape: Shape;
}

export const conv2dShapeDefaults: Conv2dShapes = { ...conv2dDefaults, xShape: [], weightShape: [] };

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

/** Zeros before and after the source along one axis, and the length with them. */
export interface Border {
  readonly before: number;
  readonly length: number;
}

/** Length of a convolution's output, of an input that is so long with its padding: ⌊(length − dilation·(kernel − 1) − 1) / stride⌋ + 1. */
export function outputLength(length: number, kernel: number, stride: number, dilation: number): number {
  return Math.floor((length - dilation * (kernel - 1) - 1) / stride) + 1;
}

/** The axes of y = conv2d(x, weight). */
export function forwardAxes(
  weight: Shape,
  output: Shape,
  { stride, padding, dilation }: Conv2dAttributes,
): [rows: Axis, columns: Axis] {
  const axisOf = (axis: 0 | 1): Axis => ({
    count: output[axis + 1]!,
    step: stride[axis],
    taps: { count: weight[axis]!, kernel: 0, kernelStep: 1, position: -padding[axis], positionStep: dilation[axis] },
  });
  return [axisOf(0), axisOf(1)];
}

/** The positions h ≡ `first` (mod stride) of the input along one axis, and what they read of dy. */
export interface Phase {
  readonly first: number;
  readonly axis: Axis;
}

/** An input gradient in parts, each a convolution of dy. */
export interface GradientParts {
  readonly rows: readonly Phase[];
  readonly columns: readonly Phase[];
  /** Whether the parts leave out positions, whose gradient is 0. */
  readonly haveGaps: boolean;
}

/** Parts up to which those that see no tap are convolutions of nothing; if there are more, zeroing all of dx is less. */
const fewParts = 64;

/**
 * The input gradient: along each axis dx[h] = Σ over taps k of dy[(h + padding − dilation · k) / stride], where that is
 * whole. The positions of a phase see the same taps, so the rows of one phase and the columns of another are a convolution
 * of dy of step 1.
 */
export function gradientParts(x: Shape, weight: Shape, attributes: Conv2dAttributes): GradientParts {
  const [rows, columns] = [phasesWithTaps(0, x, weight, attributes), phasesWithTaps(1, x, weight, attributes)];
  const [rowCount, columnCount] = [Math.min(attributes.stride[0], x[1]!), Math.min(attributes.stride[1], x[2]!)];
  if (rowCount * columnCount > fewParts) {
    return { rows, columns, haveGaps: rows.length < rowCount || columns.length < columnCount };
  }
  const complete = (known: readonly Phase[], axis: 0 | 1, count: number): Phase[] =>
    Array.from({ length: count }, (_, first) => {
      const phase = known.find((phase) => phase.first === first);
      return phase ?? emptyPhase(first, x[axis + 1]!, attributes.stride[axis]);
    });
  return { rows: complete(rows, 0, rowCount), columns: complete(columns, 1, columnCount), haveGaps: false };
}

/** In order; at most as many as the kernel has taps. */
function phasesWithTaps(axis: 0 | 1, x: Shape, weight: Shape, attributes: Conv2dAttributes): Phase[] {
  const size = x[axis + 1]!;
  const kernel = weight[axis]!;
  const [stride, padding, dilation] = [attributes.stride[axis], attributes.padding[axis], attributes.dilation[axis]];
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
    const taps = { count, kernel: last, kernelStep: -period, position, positionStep };
    phases.push({ first, axis: { count: Math.ceil((size - first) / stride), step: 1, taps } });
  }
  return phases.sort((a, b) => a.first - b.first);
}

function emptyPhase(first: number, size: number, stride: number): Phase {
  const taps = { count: 0, kernel: 0, kernelStep: 1, position: 0, positionStep: 1 };
  return { first, axis: { count: Math.ceil((size - first) / stride), step: 1, taps } };
}

/** Distances in an input gradient of the images, rows and columns of a phase, in floats. */
export function phaseStrides(x: Shape, stride: Pair): readonly [image: number, row: number, column: number] {
  const [, height, width, channels] = x as [number, number, number, number];
  // A phase longer than an axis has one position on it.
  return [
    height * width * channels,
    Math.min(stride[0], height) * width * channels,
    Math.min(stride[1], width) * channels,
  ];
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

/** What a patch consists of: pieces of 1, 3 or 4 consecutive floats. */
export interface Pieces {
  readonly count: number;
  /** In floats. */
  readonly length: number;
  /** Writes the offsets in bytes from the patch of output pixel (0, 0). */
  readonly fill: (table: Int32Array) => void;
}

/** The patches in a source of `channels` with these borders, which may leave no position negative. */
export function piecesOf(
  { taps: rows }: Axis,
  { taps: columns }: Axis,
  borders: readonly Border[],
  channels: number,
): Pieces {
  const [top, left] = borders as [Border, Border];
  const isRun = columns.count === 1 || columns.positionStep === 1;
  const runs = isRun ? 1 : columns.count;
  const runLength = (isRun ? columns.count : 1) * channels;
  const length = [constants.longPiece, constants.shortPiece].find((candidate) => runLength % candidate === 0) ?? 1;
  const fill = (table: Int32Array): void => {
    let at = 0;
    for (let i = 0; i < rows.count; i++) {
      const row = rows.position + i * rows.positionStep + top.before;
      for (let j = 0; j < runs; j++) {
        const start = (row * left.length + columns.position + j * columns.positionStep + left.before) * channels;
        for (let piece = 0; piece < runLength; piece += length) table[at++] = (start + piece) * 4;
      }
    }
  };
  return { count: rows.count * runs * (runLength / length), length, fill };
}

/** Output pixels that are counted through: those of some images, whose rows and columns are so many floats apart. */
export interface Pixels {
  readonly images: number;
  readonly rows: number;
  readonly columns: number;
  readonly strides: readonly [image: number, row: number, column: number];
}

/** Entries of the table of pixels: up to a multiple of the pixels of a register tile. */
export function pixelTableLength({ images, rows, columns }: Pixels): number {
  return alignUp(images * rows * columns, constants.convTilePixels);
}

/** Writes the offsets of pixels in bytes in the order image, row, column; then the last one again up to the table's end. */
export function fillPixels({ images, rows, columns, strides }: Pixels, table: Int32Array): void {
  let at = 0;
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < rows; row++) {
      const start = image * strides[0] + row * strides[1];
      for (let column = 0; column < columns; column++) table[at++] = (start + column * strides[2]) * 4;
    }
  }
  table.fill(table[at - 1] ?? 0, at);
}
