import {
  denseStrides,
  type Emitter,
  emitStridedCopy,
  type Pointer,
  type Shape,
  sizeOf,
  type Value,
} from "../../graph/index.js";
import { emitReduction } from "../products/gemm.js";
import type { Axes, Axis, ConvolutionAttributes } from "./geometry.js";

/** Whether kernels of their own do it: each channel of a signal or an image has a kernel to itself. */
export function isDepthwise(weight: Shape, groups: number): boolean {
  return groups > 1 && weight.length < 5 && weight.at(-1) === groups && weight.at(-2) === 1;
}

/** A signal is an image of one row. */
function rowsAndColumns<T>(each: readonly T[], row: T): readonly [T, T] {
  return [...(each.length === 1 ? [row] : []), ...each] as never;
}

const oneRow: Axis = {
  ...{ count: 1, step: 1 },
  taps: { count: 1, kernel: 0, kernelStep: 1, position: 0, positionStep: 1 },
};

/** Height and width of signals or images. */
function imageSize(shape: Shape): readonly [height: number, width: number] {
  return rowsAndColumns(shape.slice(1, -1), 1);
}

/** Numbers of channels a multiple of this begin all pixels in one set of the cache, of which a register tile reads more than that holds. */
const channelsOfASet = 512;
/** Floats of a line of the cache. */
const line = 16;

/** Pixels of x, or taps of a weight, with the distance between them in floats. */
export interface Pixels {
  readonly shape: Shape;
  readonly data: ReturnType<Emitter["data"]>;
  readonly distance: number;
}

/** Where the pixels of x lie, or those of a copy that are a line further apart, if they would push each other out of the cache. */
export function emitPixels(emit: Emitter, x: Value): Pixels {
  const { shape } = x;
  const channels = shape.at(-1)!;
  if (channels % channelsOfASet !== 0) return { shape, data: emit.data(x), distance: channels };
  const wider = [...shape.slice(0, -1), channels + line];
  const data = emit.scratch(sizeOf(wider) * 4, "pixels a line of the cache further apart");
  const to = { data, strides: denseStrides(wider) };
  emitStridedCopy(emit, { from: emit.strided(x), to, shape, dataType: x.dataType });
  return { shape, data, distance: channels + line };
}

interface Convolution {
  readonly axes: Axes;
  readonly bias?: Value | undefined;
  readonly relu?: boolean;
  readonly y: Pointer;
  /** Distances in y of images and along the axes, in floats. */
  readonly strides: readonly number[];
}

/** Emits a convolution of x with a weight [k…, 1, C]. */
export function emitDepthwise(
  emit: Emitter,
  x: Pixels,
  weight: Pixels,
  { axes, bias, relu = false, y, strides: [yImage, ...strides] }: Convolution,
): void {
  const [batch, channels] = [x.shape[0]!, x.shape.at(-1)!];
  const [height, width] = imageSize(x.shape);
  const rowFloats = weight.shape.at(-3)! * weight.distance;
  const [rows, columns] = rowsAndColumns(axes, oneRow);
  const [yRow, yColumn] = rowsAndColumns(strides, 0);
  const [down, across] = [rows.taps, columns.taps];
  const firstWeight = down.kernel * rowFloats + across.kernel * weight.distance;
  emit.record("depthwiseConv2d", {
    ...{ x: x.data, weight: weight.data.view(firstWeight * 4), bias, y, xPixel: x.distance },
    ...{ batch, height, width, channels, outHeight: rows.count, outWidth: columns.count },
    ...{ yImage: yImage!, yRow, yColumn },
    ...{ tapRows: down.count, tapColumns: across.count },
    ...{ stepHeight: rows.step, stepWidth: columns.step },
    ...{ startHeight: down.position, startWidth: across.position },
    ...{ dilationHeight: down.positionStep, dilationWidth: across.positionStep },
    ...{ weightRow: down.kernelStep * rowFloats, weightColumn: across.kernelStep * weight.distance, relu },
  });
}

/** Parts of the weight gradient that keep the threads of a large host busy. */
const enoughChunks = 64;
/** Output pixels below which a part is not worth its partial result. */
const chunkPixels = 128;

/** Emits the gradient of a weight [k…, 1, C]. */
export function emitDepthwiseWeightGradient(
  emit: Emitter,
  { x, dy, dw }: Readonly<Record<"x" | "dy" | "dw", Value>>,
  { stride, padding, dilation }: ConvolutionAttributes,
): void {
  const [batch, channels] = [x.shape[0]!, x.shape.at(-1)!];
  const [height, width] = imageSize(x.shape);
  const [outHeight, outWidth] = imageSize(dy.shape);
  const [kernelHeight, kernelWidth] = rowsAndColumns(dw.shape.slice(0, -2), 1);
  const [strideHeight, strideWidth] = rowsAndColumns(stride, 1);
  const [paddingHeight, paddingWidth] = rowsAndColumns(padding, 0);
  const [dilationHeight, dilationWidth] = rowsAndColumns(dilation, 1);
  const rows = batch * outHeight;
  const chunkRows = Math.max(Math.ceil(rows / enoughChunks), Math.ceil(chunkPixels / outWidth));
  const chunks = Math.max(Math.ceil(rows / chunkRows), 1);
  const sums = chunks === 1 ? dw : emit.scratch(chunks * dw.bytes, "partial sums of the weight gradient");
  const [from, upstream] = [emitPixels(emit, x), emitPixels(emit, dy)];
  emit.record("depthwiseConv2dWeightGradient", {
    ...{
      x: from.data,
      dy: upstream.data,
      dw: sums,
      pixel: from.distance,
      batch,
      height,
      width,
      channels,
      outHeight,
      outWidth,
      kernelHeight,
      kernelWidth,
    },
    ...{ strideHeight, strideWidth, paddingHeight, paddingWidth, dilationHeight, dilationWidth, chunkRows },
  });
  if (chunks > 1) emitReduction(emit, { partials: sums, c: dw, chunks, M: 1, N: dw.size });
}
