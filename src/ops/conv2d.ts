import { constants, ShapeError } from "../engine/index.js";
import {
  type Buffer,
  checkValues,
  type Emitter,
  formatShape,
  type Node,
  type Operation,
  sizeOf,
  type Value,
} from "../graph/index.js";
import { emitBiasAndMask } from "./biasGradient.js";
import {
  type Axis,
  type Border,
  borderOf,
  type Conv2dAttributes,
  fillPixels,
  forwardAxes,
  gradientParts,
  type Phase,
  phaseStrides,
  piecesOf,
  type Pixels,
  pixelTableLength,
} from "./conv2dGeometry.js";
import { attributesOf, type Conv2dOptions, fitKernel } from "./conv2dOptions.js";
import { emitReduction } from "./gemm.js";
import { emitZeros } from "./zeros.js";

/** What forward keeps for the weight gradient: x with its zero border, and where the patches lie in it. */
export interface Conv2dSaved {
  readonly source: Source;
  readonly patches: Patches;
}

/** An image batch (B, height, width, channels) that patches are read from, zero border included. */
interface Source {
  readonly data: Buffer;
  readonly batch: number;
  readonly borders: readonly [Border, Border];
  readonly channels: number;
}

/** Where the patches of a convolution lie, with output pixels counted through `groupImages` images at a time. */
interface Patches {
  readonly groupImages: number;
  /** Fields of the records that read them. */
  readonly fields: {
    readonly pieces: Buffer;
    readonly pieceCount: number;
    readonly pieceLength: number;
    readonly xPixels: Buffer;
    readonly groups: number;
    readonly groupPixels: number;
    readonly xGroup: number;
  };
}

/** Inputs: x (B, H, W, C), weight [kernelHeight, kernelWidth, C, outChannels] and, optionally, bias [outChannels]. */
export const conv2dOperation: Operation<Conv2dAttributes, Conv2dSaved> = {
  name: "conv2d",

  forward(emit, { inputs: [x, weight, bias], attributes, output }) {
    const [rows, columns] = forwardAxes(weight!.shape, output.shape, attributes) as [Axis, Axis];
    const [, height, width] = x!.shape as [number, number, number];
    const outChannels = weight!.shape[3]!;
    const K = sizeOf(weight!.shape.slice(0, 3));
    const source = emitBorder(emit, emit.data(x!), x!.shape, [borderOf([rows], height), borderOf([columns], width)]);
    const patches = emitPatches(emit, rows, columns, source);
    const packed = emit.scratch(K * paddedChannels(outChannels) * 4, "packed weights");
    emit.record("gemmPack", {
      ...{ b: emit.data(weight!), packed, rowStride: outChannels, columnStride: 1, K, N: outChannels },
    });
    emitConvolution(emit, source, patches, {
      ...{ rows, columns, packed, outChannels },
      ...{ bias: bias && emit.data(bias), relu: attributes.relu },
      y: emit.data(output),
      strides: [rows.count * columns.count * outChannels, columns.count * outChannels, outChannels],
    });
    return { source, patches };
  },

  // Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016, §4, for the input gradient.
  backward(emit, node, saved, upstream) {
    const [x, weight, bias] = node.inputs;
    const dy = emitBiasAndMask(emit, node, bias, upstream);
    emit.contribute([weight!], ([dw]) => emitWeightGradient(emit, node, saved, dy, dw!));
    emit.contribute([x!], ([dx]) => emitInputGradient(emit, node, dy, dx!));
  },
};

const panelColumns = constants.NR;

function paddedChannels(channels: number): number {
  return Math.ceil(channels / panelColumns) * panelColumns;
}

/** Emits the copy of an image batch with zeros around it, if it needs any. */
function emitBorder(emit: Emitter, data: Buffer, shape: readonly number[], borders: readonly [Border, Border]): Source {
  const [batch, height, width, channels] = shape as [number, number, number, number];
  const [{ before: top, length: paddedHeight }, { before: left, length: paddedWidth }] = borders;
  if (paddedHeight === height && paddedWidth === width) return { data, batch, borders, channels };
  const padded = emit.scratch(batch * paddedHeight * paddedWidth * channels * 4, "copy with a zero border");
  emit.record("convPad", {
    ...{ x: data, y: padded, batch, height, width, channels, top, left, paddedHeight, paddedWidth },
  });
  return { data: padded, batch, borders, channels };
}

/** Pixels of a group, at least, where images are smaller. */
const groupPixels = 256;

function emitPatches(emit: Emitter, rows: Axis, columns: Axis, { batch, borders, channels }: Source): Patches {
  const [{ length: height }, { length: width }] = borders;
  const groupImages = imagesOfGroup(batch, rows.count * columns.count);
  const pieces = piecesOf(rows, columns, borders, channels);
  const strides = [height * width * channels, rows.step * width * channels, columns.step * channels] as const;
  const fields = {
    pieces: emit.constant(pieces.count, "offsets of the pieces of a patch", pieces.fill),
    pieceCount: pieces.count,
    pieceLength: pieces.length,
    xPixels: emitPixels(emit, { images: groupImages, rows: rows.count, columns: columns.count, strides }, "patches"),
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

function emitPixels(emit: Emitter, pixels: Pixels, what: string): Buffer {
  return emit.constant(pixelTableLength(pixels), `offsets of the ${what}`, (table) => fillPixels(pixels, table));
}

interface Convolution {
  readonly rows: Axis;
  readonly columns: Axis;
  readonly packed: Buffer;
  readonly outChannels: number;
  readonly bias?: Buffer | undefined;
  readonly relu?: boolean;
  readonly y: Buffer;
  /** Distances in y of images, rows and columns, in floats. */
  readonly strides: readonly [image: number, row: number, column: number];
}

function emitConvolution(emit: Emitter, source: Source, patches: Patches, convolution: Convolution): void {
  const { rows, columns, packed, outChannels, bias, relu = false, y, strides } = convolution;
  const { groupImages, fields } = patches;
  const pixels = { images: groupImages, rows: rows.count, columns: columns.count, strides };
  emit.record("conv2d", {
    ...{ x: source.data, packed, bias: bias ?? 0, y, outChannels, relu },
    ...fields,
    yPixels: emitPixels(emit, pixels, "output pixels"),
    yGroup: groupImages * strides[0],
  });
}

/** Pixels of a block of the weight gradient: they and the patches they see stay in the L2 cache, one panel of dy in L1. */
const blockPixels = 256;
/** Register tiles of the weight gradient that keep the threads of a large host busy; with fewer, the pixels are cut. */
const enoughTiles = 64;
/** Most threads that can work on one weight gradient: each has scratch memory of its own. */
const threadSlots = 64;

function emitWeightGradient(
  emit: Emitter,
  { inputs: [, weight] }: Node<Conv2dAttributes>,
  { source, patches }: Conv2dSaved,
  dy: Buffer,
  dw: Buffer,
): void {
  const [kernelHeight, kernelWidth, inChannels, outChannels] = weight!.shape as [number, number, number, number];
  const K = kernelHeight * kernelWidth * inChannels;
  const { fields } = patches;
  const blocks = fields.groups * Math.ceil(fields.groupPixels / blockPixels);
  const tiles = Math.max(Math.ceil(K / 4) * Math.ceil(outChannels / panelColumns), 1);
  const chunks = Math.max(Math.min(Math.floor(enoughTiles / tiles), blocks), 1);
  const sums = chunks === 1 ? dw : emit.scratch(chunks * K * outChannels * 4, "partial sums of the weight gradient");
  emit.record("conv2dWeightGradient", {
    ...{ x: source.data, dy, dw: sums, ...fields, outChannels, blockPixels, chunks, slots: threadSlots },
    scratch: emit.scratch(threadSlots * blockPixels * panelColumns * 4, "a panel of dy for each thread"),
  });
  if (chunks === 1) return;
  emitReduction(emit, { partials: sums, c: dw, chunks, M: K, N: outChannels });
}

/** One convolution of dy for each phase of the stride. */
function emitInputGradient(
  emit: Emitter,
  { inputs: [x, weight], attributes, output }: Node<Conv2dAttributes>,
  dy: Buffer,
  dx: Buffer,
): void {
  const [, , width, inChannels] = x!.shape as [number, number, number, number];
  const [, kernelWidth, , outChannels] = weight!.shape as [number, number, number, number];
  const { rows: rowPhases, columns: columnPhases, haveGaps } = gradientParts(x!.shape, weight!.shape, attributes);
  if (haveGaps) emitZeros(emit, dx, x!.shape);
  const axesOf = (phases: readonly Phase[]): Axis[] => phases.map(({ axis }) => axis);
  const source = emitBorder(emit, dy, output.shape, [
    borderOf(axesOf(rowPhases), output.shape[1]!),
    borderOf(axesOf(columnPhases), output.shape[2]!),
  ]);
  for (const { first: firstRow, axis: rows } of rowPhases) {
    for (const { first: firstColumn, axis: columns } of columnPhases) {
      const tapCount = rows.taps.count * columns.taps.count;
      const packed = emit.scratch(tapCount * outChannels * paddedChannels(inChannels) * 4, "flipped packed weights");
      emit.record("convPackFlipped", {
        ...{ weight: emit.data(weight!), packed, tapCount, inChannels, outChannels },
        taps: emit.constant(tapCount, "offsets of the kernel taps", (table) => {
          table.forEach((_, i) => {
            const row = rows.taps.kernel + Math.floor(i / columns.taps.count) * rows.taps.kernelStep;
            const column = columns.taps.kernel + (i % columns.taps.count) * columns.taps.kernelStep;
            table[i] = (row * kernelWidth + column) * inChannels * outChannels;
          });
        }),
      });
      emitConvolution(emit, source, emitPatches(emit, rows, columns, source), {
        ...{ rows, columns, packed, outChannels: inChannels },
        y: dx.view((firstRow * width + firstColumn) * inChannels * 4),
        strides: phaseStrides(x!.shape, attributes.stride),
      });
    }
  }
}

/**
 * Convolution (cross-correlation, as everywhere in deep learning) of channels-last images, plus a bias and, if asked, ReLU.
 *
 * @param x (B, H, W, C)
 * @param weight [kernelHeight, kernelWidth, C, outChannels]
 * @param bias [outChannels], optional
 * @returns (B, outHeight, outWidth, outChannels) with, on each axis,
 *   out = ⌊(in + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1
 * @throws ShapeError if the shapes do not fit together or the kernel is larger than the padded input
 * @throws ArgumentError if an option is no integer in its range
 */
export function conv2d(x: Value, weight: Value, bias?: Value, options: Conv2dOptions = {}): Value {
  checkValues("conv2d", x, weight, ...(bias === undefined ? [] : [bias]));
  const given = attributesOf("conv2d", options);
  if (x.shape.length !== 4) {
    throw new ShapeError(`conv2d: x has shape ${formatShape(x.shape)}, want [batch, height, width, channels]`);
  }
  const [batch, , , channels] = x.shape as [number, number, number, number];
  if (weight.shape.length !== 4 || weight.shape[2] !== channels) {
    throw new ShapeError(
      `conv2d: weight has shape ${formatShape(weight.shape)}, want [kernelHeight, kernelWidth, ${channels}, outChannels] ` +
        `for x of shape ${formatShape(x.shape)}`,
    );
  }
  const outChannels = weight.shape[3]!;
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== outChannels)) {
    throw new ShapeError(`conv2d: bias has shape ${formatShape(bias.shape)}, want [${outChannels}]`);
  }
  const { sizes, attributes } = fitKernel("conv2d", x, weight, given);
  const inputs = bias ? [x, weight, bias] : [x, weight];
  return x.graph.apply(conv2dOperation, inputs, attributes, [batch, ...sizes, outChannels]);
}
