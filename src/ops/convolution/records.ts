import { denseStrides, type Emitter, type Pointer, type Shape, sizeOf, type Value } from "../../graph/index.js";
import { type Axes, type Border, borderOf, fillPixels, piecesOf, type Pixels, pixelTableLength } from "./geometry.js";

/** Images (B, …, channels) that patches are read from, zero border included. */
export interface Source {
  readonly data: Value | ReturnType<Emitter["scratch"]>;
  readonly batch: number;
  readonly borders: readonly Border[];
  readonly channels: number;
}

/** The zeros that a convolution reads around x. */
export function bordersOf(axes: Axes, x: Shape): readonly Border[] {
  return axes.map((axis, i) => borderOf([axis], x[i + 1]!));
}

/** Whether x needs a copy with zeros around it. */
export function isPadded(x: Shape, borders: readonly Border[]): boolean {
  return borders.some(({ length }, i) => length !== x[i + 1]);
}

export function paddedShape(x: Shape, borders: readonly Border[]): Shape {
  return [x[0]!, ...borders.map(({ length }) => length), x.at(-1)!];
}

/** The last three of an axis for each number, where there are fewer: those of a volume that is `missing` long elsewhere. */
function ofVolume(numbers: readonly number[], missing: number): readonly [number, number, number] {
  return [...Array<number>(3 - numbers.length).fill(missing), ...numbers] as never;
}

/**
 * Emits the copy of images with zeros around them, if they need any. The copy reads x where it lies, whatever its strides.
 * @param target where it is kept, if it is
 */
export function emitBorder(emit: Emitter, x: Value, borders: readonly Border[], target?: Value): Source {
  const [batch, channels] = [x.shape[0]!, x.shape.at(-1)!];
  if (!isPadded(x.shape, borders)) return { data: x, batch, borders, channels };
  const padded = paddedShape(x.shape, borders);
  const data = target ?? emit.scratch(sizeOf(padded) * 4, "copy with a zero border");
  const { data: from, strides } = emit.strided(x);
  const [depth, height, width] = ofVolume(x.shape.slice(1, -1), 1);
  const [paddedDepth, paddedHeight, paddedWidth] = ofVolume(padded.slice(1, -1), 1);
  const before = borders.map((border) => border.before);
  const [front, top, left] = ofVolume(before, 0);
  const [xPlane, xRow, xColumn] = ofVolume(strides.slice(1, -1), 0);
  emit.record("convPad", {
    ...{ x: from, y: data, batch, depth, height, width, channels, front, top, left },
    ...{ paddedDepth, paddedHeight, paddedWidth },
    ...{ xImage: strides[0]!, xPlane, xRow, xColumn, xChannel: strides.at(-1)! },
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
    readonly channelGroups: number;
    readonly xChannels: number;
  };
}

/** Pixels of a group, at least, where images are smaller. */
const groupPixels = 256;

export function emitPatches(emit: Emitter, axes: Axes, source: Source, channelGroups: number): Patches {
  const { batch, borders, channels } = source;
  const [image, ...strides] = denseStrides([batch, ...borders.map(({ length }) => length), channels]);
  const counts = axes.map(({ count }) => count);
  const groupImages = imagesOfGroup(batch, sizeOf(counts));
  const xChannels = channels / channelGroups;
  const pieces = piecesOf(axes, borders, strides, xChannels);
  const positions = axes.flatMap(({ taps }) => [taps.count, taps.position, taps.positionStep]);
  const zeros = borders.flatMap(({ before, length }) => [before, length]);
  const key = `pieces of a patch: taps ${positions.join(" ")}, borders ${zeros.join(" ")}, ${xChannels} of ${channels} channels`;
  const fields = {
    pieces: emit.constant(key, pieces.count, pieces.fill),
    pieceCount: pieces.count,
    pieceLength: pieces.length,
    xPixels: emitPixels(emit, {
      counts: [groupImages, ...counts],
      strides: [image!, ...axes.map(({ step }, i) => step * strides[i]!)],
    }),
    groups: batch / groupImages,
    groupPixels: groupImages * sizeOf(counts),
    xGroup: groupImages * image!,
    ...{ channelGroups, xChannels },
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
  /** Of each group. */
  readonly outChannels: number;
  readonly bias?: Value | undefined;
  readonly relu?: boolean;
  readonly y: Pointer;
  /** Distances in y of images and along the axes, in floats. */
  readonly strides: readonly number[];
}

export function emitConvolution(emit: Emitter, source: Source, patches: Patches, convolution: Convolution): void {
  const { axes, packed, outChannels, bias, relu = false, y, strides } = convolution;
  const { groupImages, fields } = patches;
  emit.record("conv2d", {
    ...{ x: source.data, packed, bias, y, outChannels, relu },
    ...fields,
    yPixels: emitPixels(emit, { counts: [groupImages, ...axes.map(({ count }) => count)], strides }),
    yGroup: groupImages * strides[0]!,
  });
}

function emitPixels(emit: Emitter, pixels: Pixels): Pointer {
  const key = `${pixels.counts.join(" × ")} pixels, ${pixels.strides.join(", ")} apart`;
  return emit.constant(key, pixelTableLength(pixels), (table) => fillPixels(pixels, table));
}
