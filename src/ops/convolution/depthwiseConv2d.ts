import { define, type Emitter, type Pointer, type Value } from "../../graph/index.js";
import { throughBiasAndRelu } from "../products/biasGradient.js";
import { type Conv2dOptions, conv2dReaders, convolutionShape, fitKernel } from "./conv2dOptions.js";
import { emitReduction } from "../products/gemm.js";
import { reluEpilogue } from "../activations/reluEpilogue.js";
import { emitZeros } from "../zeros.js";
import {
  type Axis,
  type Conv2dAttributes,
  conv2dDefaults,
  conv2dShapeDefaults,
  type Conv2dShapes,
  forwardAxes,
  gradientParts,
  phaseStrides,
} from "./conv2dGeometry.js";

/** x (B, H, W, C), weight [kernelHeight, kernelWidth, C] and, optionally, bias [C]. */
export const depthwiseConv2dOperation = /* @__PURE__ */ define({
  name: "depthwiseConv2d",
  inputs: ["x", "weight", "bias?"],
  attributes: conv2dDefaults,
  options: conv2dReaders,
  fit: ({ x, weight }, options) => fitKernel(x.shape, weight.shape, options),
  shape: (inputs, attributes) => ({ y: convolutionShape("depthwiseConv2d", inputs, attributes, []) }),
  lower(emit, { inputs: { x, weight, bias }, outputs: { y }, attributes }) {
    const [, height, width, channels] = y.shape as [number, number, number, number];
    emitConvolution(emit, x, weight, {
      axes: forwardAxes(weight.shape, y.shape, attributes),
      ...{ bias, relu: attributes.relu, y },
      strides: [height * width * channels, width * channels, channels],
    });
  },
  gradient({ inputs: { x, weight, bias }, outputs: { y }, upstreams, attributes }) {
    const { dy, dbias } = throughBiasAndRelu(attributes, bias, y, upstreams.y);
    const shapes = { ...attributes, relu: false, xShape: x.shape, weightShape: weight.shape };
    return {
      bias: dbias,
      weight: weightGradient(x, dy, shapes),
      x: inputGradient(dy, weight, shapes),
    };
  },
  isAffine: true,
  rules: [reluEpilogue],
});

interface Convolution {
  readonly axes: readonly [rows: Axis, columns: Axis];
  readonly bias?: Value | undefined;
  readonly relu?: boolean;
  readonly y: Pointer;
  /** Distances in y of images, rows and columns, in floats. */
  readonly strides: readonly [image: number, row: number, column: number];
}

function emitConvolution(
  emit: Emitter,
  x: Value,
  weight: Value,
  { axes: [rows, columns], bias, relu = false, y, strides }: Convolution,
): void {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const rowFloats = weight.shape[1]! * channels;
  const [down, across] = [rows.taps, columns.taps];
  const firstWeight = down.kernel * rowFloats + across.kernel * channels;
  emit.record("depthwiseConv2d", {
    ...{ x, weight: emit.data(weight).view(firstWeight * 4), bias, y },
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

export const weightGradientOperation = /* @__PURE__ */ define({
  name: "depthwiseConv2dWeightGradient",
  inputs: ["x", "dy"],
  outputs: ["dw"],
  attributes: conv2dShapeDefaults,
  shape: (_, { weightShape }) => ({ dw: weightShape }),
  lower(emit, { inputs: { x, dy }, outputs: { dw }, attributes: { stride, padding, dilation } }) {
    const [batch, height, width, channels] = x.shape as [number, number, number, number];
    const [kernelHeight, kernelWidth] = dw.shape as [number, number, number];
    const [, outHeight, outWidth] = dy.shape as [number, number, number, number];
    const rows = batch * outHeight;
    const chunkRows = Math.max(Math.ceil(rows / enoughChunks), Math.ceil(chunkPixels / outWidth));
    const chunks = Math.max(Math.ceil(rows / chunkRows), 1);
    const sums = chunks === 1 ? dw : emit.scratch(chunks * dw.bytes, "partial sums of the weight gradient");
    emit.record("depthwiseConv2dWeightGradient", {
      ...{ x, dy, dw: sums, batch, height, width, channels, outHeight, outWidth, kernelHeight, kernelWidth },
      ...{ strideHeight: stride[0], strideWidth: stride[1], paddingHeight: padding[0], paddingWidth: padding[1] },
      ...{ dilationHeight: dilation[0], dilationWidth: dilation[1], chunkRows },
    });
    if (chunks > 1) emitReduction(emit, { partials: sums, c: dw, chunks, M: 1, N: dw.size });
  },
  gradient({ inputs: { x, dy }, upstreams: { dw }, attributes }) {
    return {
      x: inputGradient(dy, dw, attributes),
      dy: convolve(x, dw, attributes),
    };
  },
});

/**
 * As that of conv2d, with one channel to one: a convolution of dy for each phase of the stride.
 */
export const inputGradientOperation = /* @__PURE__ */ define({
  name: "depthwiseConv2dInputGradient",
  inputs: ["dy", "weight"],
  outputs: ["dx"],
  attributes: conv2dShapeDefaults,
  shape: (_, { xShape }) => ({ dx: xShape }),
  lower(emit, { inputs: { dy, weight }, outputs: { dx }, attributes }) {
    const [, , width, channels] = dx.shape as [number, number, number, number];
    const parts = gradientParts(dx.shape, weight.shape, attributes);
    const target = emit.data(dx);
    if (parts.haveGaps) emitZeros(emit, target, dx.shape);
    for (const { first: firstRow, axis: rows } of parts.rows) {
      for (const { first: firstColumn, axis: columns } of parts.columns) {
        emitConvolution(emit, dy, weight, {
          axes: [rows, columns],
          y: target.view((firstRow * width + firstColumn) * channels * 4),
          strides: phaseStrides(dx.shape, attributes.stride),
        });
      }
    }
  },
  gradient({ inputs: { dy, weight }, upstreams: { dx }, attributes }) {
    return {
      dy: convolve(dx, weight, attributes),
      weight: weightGradient(dx, dy, attributes),
    };
  },
});

function convolve(x: Value, weight: Value, attributes: Conv2dAttributes): Value {
  return depthwiseConv2dOperation.apply({ x, weight }, attributes).y;
}

function weightGradient(x: Value, dy: Value, shapes: Conv2dShapes): Value {
  return weightGradientOperation.apply({ x, dy }, shapes).dw;
}

function inputGradient(dy: Value, weight: Value, shapes: Conv2dShapes): Value {
  return inputGradientOperation.apply({ dy, weight }, shapes).dx;
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
  return depthwiseConv2dOperation.call({ x, weight, bias }, options).y;
}
