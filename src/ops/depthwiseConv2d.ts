import { ShapeError } from "../engine/index.js";
import {
  type Buffer,
  checkValues,
  type Emitter,
  formatShape,
  type Node,
  type Operation,
  type Value,
} from "../graph/index.js";
import { emitBiasAndMask } from "./biasGradient.js";
import { type Axis, type Conv2dAttributes, forwardAxes, gradientParts, phaseStrides } from "./conv2dGeometry.js";
import { attributesOf, type Conv2dOptions, fitKernel } from "./conv2dOptions.js";
import { emitReduction } from "./gemm.js";
import { emitZeros } from "./zeros.js";

/** Inputs: x (B, H, W, C), weight [kernelHeight, kernelWidth, C] and, optionally, bias [C]. Backward needs no more. */
export const depthwiseConv2dOperation: Operation<Conv2dAttributes, undefined> = {
  name: "depthwiseConv2d",

  forward(emit, { inputs: [x, weight, bias], attributes, output }) {
    const [rows, columns] = forwardAxes(weight!.shape, output.shape, attributes) as [Axis, Axis];
    const [, height, width, channels] = output.shape as [number, number, number, number];
    emitConvolution(emit, { data: emit.data(x!), shape: x!.shape }, weight!, {
      ...{ rows, columns, bias: bias && emit.data(bias), relu: attributes.relu },
      y: emit.data(output),
      strides: [height * width * channels, width * channels, channels],
    });
    return undefined;
  },

  // The input gradient is that of conv2d, with one channel to one.
  backward(emit, node, _, upstream) {
    const [x, weight, bias] = node.inputs;
    const dy = emitBiasAndMask(emit, node, bias, upstream);
    emit.contribute([weight!], ([dw]) => emitWeightGradient(emit, node, dy, dw!));
    emit.contribute([x!], ([dx]) => emitInputGradient(emit, node, dy, dx!));
  },
};

interface Convolution {
  readonly rows: Axis;
  readonly columns: Axis;
  readonly bias?: Buffer | undefined;
  readonly relu?: boolean;
  readonly y: Buffer;
  /** Distances in y of images, rows and columns, in floats. */
  readonly strides: readonly [image: number, row: number, column: number];
}

function emitConvolution(
  emit: Emitter,
  { data, shape }: { readonly data: Buffer; readonly shape: readonly number[] },
  weight: Value,
  { rows, columns, bias, relu = false, y, strides }: Convolution,
): void {
  const [batch, height, width, channels] = shape as [number, number, number, number];
  const rowFloats = weight.shape[1]! * channels;
  const [down, across] = [rows.taps, columns.taps];
  const firstWeight = down.kernel * rowFloats + across.kernel * channels;
  emit.record("depthwiseConv2d", {
    ...{ x: data, weight: emit.data(weight).view(firstWeight * 4), bias: bias ?? 0, y },
    ...{ batch, height, width, channels, outHeight: rows.count, outWidth: columns.count },
    ...{ yImage: strides[0], yRow: strides[1], yColumn: strides[2] },
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

function emitWeightGradient(
  emit: Emitter,
  { inputs: [x, weight], attributes: { stride, padding, dilation }, output }: Node<Conv2dAttributes>,
  dy: Buffer,
  dw: Buffer,
): void {
  const [batch, height, width, channels] = x!.shape as [number, number, number, number];
  const [kernelHeight, kernelWidth] = weight!.shape as [number, number, number];
  const [, outHeight, outWidth] = output.shape as [number, number, number, number];
  const rows = batch * outHeight;
  const chunkRows = Math.max(Math.ceil(rows / enoughChunks), Math.ceil(chunkPixels / outWidth));
  const chunks = Math.max(Math.ceil(rows / chunkRows), 1);
  const sums = chunks === 1 ? dw : emit.scratch(chunks * weight!.bytes, "partial sums of the weight gradient");
  emit.record("depthwiseConv2dWeightGradient", {
    ...{
      x: emit.data(x!),
      dy,
      dw: sums,
      batch,
      height,
      width,
      channels,
      outHeight,
      outWidth,
      kernelHeight,
      kernelWidth,
    },
    ...{ strideHeight: stride[0], strideWidth: stride[1], paddingHeight: padding[0], paddingWidth: padding[1] },
    ...{ dilationHeight: dilation[0], dilationWidth: dilation[1], chunkRows },
  });
  if (chunks === 1) return;
  emitReduction(emit, { partials: sums, c: dw, chunks, M: 1, N: weight!.size });
}

/** One convolution of dy for each phase of the stride. */
function emitInputGradient(
  emit: Emitter,
  { inputs: [x, weight], attributes, output }: Node<Conv2dAttributes>,
  dy: Buffer,
  dx: Buffer,
): void {
  const [, , width, channels] = x!.shape as [number, number, number, number];
  const { rows: rowPhases, columns: columnPhases, haveGaps } = gradientParts(x!.shape, weight!.shape, attributes);
  if (haveGaps) emitZeros(emit, dx, x!.shape);
  for (const { first: firstRow, axis: rows } of rowPhases) {
    for (const { first: firstColumn, axis: columns } of columnPhases) {
      emitConvolution(emit, { data: dy, shape: output.shape }, weight!, {
        ...{ rows, columns },
        y: dx.view((firstRow * width + firstColumn) * channels * 4),
        strides: phaseStrides(x!.shape, attributes.stride),
      });
    }
  }
}

/**
 * Convolution of channels-last images in which every channel has a kernel of its own, plus a bias and, if asked, ReLU:
 * what PyTorch calls groups = channels.
 *
 * @param x (B, H, W, C)
 * @param weight [kernelHeight, kernelWidth, C]
 * @param bias [C], optional
 * @returns (B, outHeight, outWidth, C) with, on each axis,
 *   out = ⌊(in + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1
 * @throws ShapeError if the shapes do not fit together or the kernel is larger than the padded input
 * @throws ArgumentError if an option is no integer in its range
 */
export function depthwiseConv2d(x: Value, weight: Value, bias?: Value, options: Conv2dOptions = {}): Value {
  checkValues("depthwiseConv2d", x, weight, ...(bias === undefined ? [] : [bias]));
  const given = attributesOf("depthwiseConv2d", options);
  if (x.shape.length !== 4) {
    throw new ShapeError(`depthwiseConv2d: x has shape ${formatShape(x.shape)}, want [batch, height, width, channels]`);
  }
  const [batch, , , channels] = x.shape as [number, number, number, number];
  if (weight.shape.length !== 3 || weight.shape[2] !== channels) {
    throw new ShapeError(
      `depthwiseConv2d: weight has shape ${formatShape(weight.shape)}, want [kernelHeight, kernelWidth, ${channels}] ` +
        `for x of shape ${formatShape(x.shape)}`,
    );
  }
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== channels)) {
    throw new ShapeError(`depthwiseConv2d: bias has shape ${formatShape(bias.shape)}, want [${channels}]`);
  }
  const { sizes, attributes } = fitKernel("depthwiseConv2d", x, weight, given);
  const inputs = bias ? [x, weight, bias] : [x, weight];
  return x.graph.apply(depthwiseConv2dOperation, inputs, attributes, [batch, ...sizes, channels]);
}
