import type { Shape } from "../graph/index.js";

/** One number for each axis: height, width. */
export type Pair = readonly [height: number, width: number];

export interface Conv2dAttributes {
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
  /** Whether the output is max(·, 0), computed while the result is in registers. */
  readonly relu: boolean;
}

export const conv2dDefaults: Conv2dAttributes = { stride: [1, 1], padding: [0, 0], dilation: [1, 1], relu: false };

/** What the gradients of a convolution need to know of it. */
export interface Conv2dShapes extends Conv2dAttributes {
  readonly xShape: Shape;
  readonly weightShape: Shape;
}

export const conv2dShapeDefaults: Conv2dShapes = { ...conv2dDefaults, xShape: [], weightShape: [] };

/**
 * What a convolution reads along one axis: output i takes kernel tap `kernel` from source position i · step + `position`,
 * which may lie outside the source, where it is zero. Taps are sorted by position.
 */
export interface Axis {
  readonly count: number;
  readonly step: number;
  readonly taps: readonly { readonly position: number; readonly kernel: number }[];
}

/** Zeros before and after the source along one axis, and the length with them. */
export interface Border {
  readonly before: number;
  readonly length: number;
}

/** Length of a convolution's output: ⌊(size + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1. */
export function outputLength(size: number, kernel: number, stride: number, padding: number, dilation: number): number {
  return Math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
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
    taps: Array.from({ length: weight[axis]! }, (_, kernel) => ({
      position: kernel * dilation[axis] - padding[axis],
      kernel,
    })),
  });
  return [axisOf(0), axisOf(1)];
}

/**
 * The input gradient along one axis: dx[h] = Σ over taps k of dy[(h + padding − dilation · k) / stride], where that is whole.
 * The positions h ≡ phase (mod stride) see the same taps, so each phase is a convolution of dy of step 1.
 */
export function gradientAxes(axis: 0 | 1, x: Shape, weight: Shape, attributes: Conv2dAttributes): Axis[] {
  const size = x[axis + 1]!;
  const stride = attributes.stride[axis];
  return Array.from({ length: Math.min(stride, size) }, (_, phase) => ({
    count: Math.ceil((size - phase) / stride),
    step: 1,
    taps: Array.from({ length: weight[axis]! }, (_, kernel) => ({
      position: (phase + attributes.padding[axis] - attributes.dilation[axis] * kernel) / stride,
      kernel,
    }))
      .filter(({ position }) => Number.isInteger(position))
      .sort((a, b) => a.position - b.position),
  }));
}

/** The zeros that `axes` read around a source of `size`. */
export function borderOf(axes: readonly Axis[], size: number): Border {
  let before = 0;
  let after = 0;
  for (const { count, step, taps } of axes) {
    const [first, last] = [taps[0], taps[taps.length - 1]];
    if (!first || !last || count === 0) continue;
    before = Math.max(before, -first.position);
    after = Math.max(after, (count - 1) * step + last.position - (size - 1));
  }
  return { before, length: before + size + after };
}

/** What a patch consists of: pieces of 1, 3 or 4 consecutive floats. */
export interface Pieces {
  /** Offsets in bytes from the patch of output pixel (0, 0). */
  readonly offsets: Int32Array;
  /** In floats. */
  readonly length: number;
}

/** The patches in a source of `channels` with these borders, which may leave no position negative. */
export function piecesOf(rows: Axis, columns: Axis, borders: readonly Border[], channels: number): Pieces {
  const [top, left] = borders as [Border, Border];
  const isRun = columns.taps.every(({ position }, i) => position === columns.taps[0]!.position + i);
  const runs = isRun ? columns.taps.slice(0, 1) : columns.taps;
  const runLength = (isRun ? columns.taps.length : 1) * channels;
  const length = [4, 3].find((candidate) => runLength % candidate === 0) ?? 1;
  const offsets = rows.taps.flatMap((row) =>
    runs.flatMap((column) => {
      const start = ((row.position + top.before) * left.length + column.position + left.before) * channels;
      return Array.from({ length: runLength / length }, (_, i) => (start + i * length) * 4);
    }),
  );
  return { offsets: Int32Array.from(offsets), length };
}

/**
 * Offsets in bytes of the output pixels of `images` images, whose rows and columns are so many floats apart, in the order
 * image, row, column; then the last one again up to a multiple of the 4 pixels of a register tile.
 */
export function pixelOffsets(
  images: number,
  rows: number,
  columns: number,
  strides: readonly [image: number, row: number, column: number],
): Int32Array {
  const count = images * rows * columns;
  const offsets = new Int32Array(Math.ceil(count / 4) * 4);
  let at = 0;
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < rows; row++) {
      const start = image * strides[0] + row * strides[1];
      for (let column = 0; column < columns; column++) offsets[at++] = (start + column * strides[2]) * 4;
    }
  }
  return offsets.fill(offsets[count - 1] ?? 0, count);
}
