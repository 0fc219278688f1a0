import type { Emitter, Pointer, Shape, Value } from "../../graph/index.js";
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
  x: Value,
  weight: Value,
  { axes, bias, relu = false, y, strides: [yImage, ...strides] }: Convolution,
): void {
  const [batch, channels] = [x.shape[0]!, x.shape.at(-1)!];
  const [height, width] = imageSize(x.shape);
  const rowFloats = weight.shape.at(-3)! * channels;
  const [rows, columns] = rowsAndColumns(axes, oneRow);
  const [yRow, yColumn] = rowsAndColumns(strides, 0);
  const [down, across] = [rows.taps, columns.taps];
  const firstWeight = down.kernel * rowFloats + across.kernel * channels;
  emit.record("depthwiseConv2d", {
    ...{ x, weight: emit.data(weight).view(firstWeight * 4), bias, y },
    ...{ batch, height, width, channels, outHeight: rows.count, outWidth: columns.count },
    ...{ yImage: yImage!, yRow, yColumn },
    ...{ tapRows: down.count, tapColumns: across.count },
    ...{ stepHeight: rows.step, stepWidth: columns.step },
    ...{ startHeight: down.position, startWidth: across.position },
    ...{ dilationHeight: down.positionStep, dilationWidth: across.positionStep },
    ...{ weightRow: down.kernelStep * rowFloats, weightColumn: across.kernelStep * channels, relu },
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
  emit.record("depthwiseConv2dWeightGradient", {
    ...{ x, dy, dw: sums, batch, height, width, channels, outHeight, outWidth, kernelHeight, kernelWidth },
    ...{ strideHeight, strideWidth, paddingHeight, paddingWidth, dilationHeight, dilationWidth, chunkRows },
  });
  if (chunks > 1) emitReduction(emit, { partials: sums, c: dw, chunks, M: 1, N: dw.size });
}
