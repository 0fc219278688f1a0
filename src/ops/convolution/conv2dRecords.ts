import type { Emitter, Pointer, Shape, Value } from "../../graph/index.js";
import {
  type Axis,
  type Border,
  borderOf,
  fillPixels,
  piecesOf,
  type Pixels,
  pixelTableLength,
} from "./conv2dGeometry.js";

/** The axes of a convolution: rows, columns. */
export type Axes = readonly [rows: Axis, columns: Axis];
export type Borders = readonly [rows: Border, columns: Border];

/** An image batch (B, height, width, channels) that patches are read from, zero border included. */
export interface Source {
  readonly data: Value | ReturnType<Emitter["scratch"]>;
  readonly batch: number;
  readonly borders: Borders;
  readonly channels: number;
}

/** The zeros that a convolution reads around x. */
export function bordersOf([rows, columns]: Axes, x: Shape): Borders {
  return [borderOf([rows], x[1]!), borderOf([columns], x[2]!)];
}

/** Whether x needs a copy with zeros around it. */
export function isPadded(x: Shape, [rows, columns]: Borders): boolean {
  return rows.length !== x[1] || columns.length !== x[2];
}

export function paddedShape([batch, , , channels]: Shape, [rows, columns]: Borders): Shape {
  return [batch!, rows.length, columns.length, channels!];
}

/**
 * Emits the copy of an image batch with zeros around it, if it needs any. The copy reads x where it lies, whatever its strides.
 * @param target where it is kept, if it is
 */
export function emitBorder(emit: Emitter, x: Value, borders: Borders, target?: Value): Source {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  if (!isPadded(x.shape, borders)) return { data: x, batch, borders, channels };
  const [{ before: top, length: paddedHeight }, { before: left, length: paddedWidth }] = borders;
  const data = target ?? emit.scratch(batch * paddedHeight * paddedWidth * channels * 4, "copy with a zero border");
  const { data: from, strides } = emit.strided(x);
  const [xImage, xRow, xColumn, xChannel] = strides as [number, number, number, number];
  emit.record("convPad", {
    ...{ x: from, y: data, batch, height, width, channels, top, left, paddedHeight, paddedWidth },
    ...{ xImage, xRow, xColumn, xChannel },
  });
  return { data, batch, borders, channels };
}

/** Where the patches of a convolution lie, with output pixels counted through `groupImages` images at a time. */
export interface Patches {
  readonly groupImages: number;
  /** Fields of the records that read them. */
  readonly fields: {
    readonly pieces: Pointer;
    readonly pieceCount: number;
    readonly pieceLength: number;
    readonly xPixels: Pointer;
    readonly groups: number;
    readonly groupPixels: number;
    readonly xGroup: number;
  };
}

/** Pixels of a group, at least, where images are smaller. */
const groupPixels = 256;

export function emitPatches(emit: Emitter, [rows, columns]: Axes, { batch, borders, channels }: Source): Patches {
  const [{ length: height }, { length: width }] = borders;
  const groupImages = imagesOfGroup(batch, rows.count * columns.count);
  const pieces = piecesOf(rows, columns, borders, channels);
  const strides = [height * width * channels, rows.step * width * channels, columns.step * channels] as const;
  const positions = [rows, columns].flatMap(({ taps }) => [taps.count, taps.position, taps.positionStep]);
  const zeros = borders.flatMap(({ before, length }) => [before, length]);
  const key = `pieces of a patch: taps ${positions.join(" ")}, borders ${zeros.join(" ")}, ${channels} channels`;
  const fields = {
    pieces: emit.constant(key, pieces.count, pieces.fill),
    pieceCount: pieces.count,
    pieceLength: pieces.length,
    xPixels: emitPixels(emit, { images: groupImages, rows: rows.count, columns: columns.count, strides }),
    groups: batch / groupImages,
    groupPixels: groupImages * rows.count * columns.count,
    xGroup: groupImages * strides[0],
  };
  return { groupImages, fields };
}

/**
 * The smallest divisor of the batch, so that all groups are equal, whose images have enough pixels together; the batch if
 * all have too few.
 */
function imagesOfGroup(batch: number, imagePixels: number): number {
  let best = Math.max(batch, 1);
  for (let divisor = 1; divisor * divisor <= batch; divisor++) {
    if (batch % divisor !== 0) continue;
    for (const images of [divisor, batch / divisor]) {
      if (images * imagePixels >= groupPixels) best = Math.min(best, images);
    }
  }
  return best;
}

export interface Convolution {
  readonly axes: Axes;
  readonly packed: Pointer;
  readonly outChannels: number;
  readonly bias?: Value | undefined;
  readonly relu?: boolean;
  readonly y: Pointer;
  /** Distances in y of images, rows and columns, in floats. */
  readonly strides: readonly [image: number, row: number, column: number];
}

export function emitConvolution(emit: Emitter, source: Source, patches: Patches, convolution: Convolution): void {
  const { axes, packed, outChannels, bias, relu = false, y, strides } = convolution;
  const { groupImages, fields } = patches;
  emit.record("conv2d", {
    ...{ x: source.data, packed, bias, y, outChannels, relu },
    ...fields,
    yPixels: emitPixels(emit, { images: groupImages, rows: axes[0].count, columns: axes[1].count, strides }),
    yGroup: groupImages * strides[0],
  });
}

function emitPixels(emit: Emitter, pixels: Pixels): Pointer {
  const { images, rows, columns, strides } = pixels;
  const key = `${images} × ${rows} × ${columns} pixels, ${strides.join(", ")} apart`;
  return emit.constant(key, pixelTableLength(pixels), (table) => fillPixels(pixels, table));
}
