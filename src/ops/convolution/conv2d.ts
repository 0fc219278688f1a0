import { define, type Emitter, formatShape, type Pointer, type Shape, type Value } from "../../graph/index.js";
import { throughBiasAndRelu } from "../products/biasGradient.js";
import {
  type Border,
  borderOf,
  type Conv2dAttributes,
  conv2dDefaults,
  conv2dShapeDefaults,
  type Conv2dShapes,
  forwardAxes,
  gradientParts,
  type Phase,
  phaseStrides,
} from "./conv2dGeometry.js";
import { type Conv2dOptions, conv2dReaders, convolutionShape, fitKernel } from "./conv2dOptions.js";
import {
  type Axes,
  bordersOf,
  emitBorder,
  emitConvolution,
  emitPatches,
  isPadded,
  paddedShape,
} from "./conv2dRecords.js";
import { emitForward, forwardBorders, packWeightOnce, weightLayout } from "./conv2dPacked.js";
import { emitReduction } from "../products/gemm.js";
import { emitPack, packedSize, panelColumns } from "../products/packPanels.js";
import { reluEpilogue } from "../activations/reluEpilogue.js";
import { emitZeros } from "../zeros.js";

/**
 * x (B, H, W, C), weight [kernelHeight, kernelWidth, C, outChannels] and, optionally, bias [outChannels]. Keeps x with its
 * zero border, if it has one, for the weight gradient.
 */
export const conv2dOperation = /* @__PURE__ */ define({
  name: "conv2d",
  inputs: ["x", "weight", "bias?"],
  kept: ["padded"],
  attributes: conv2dDefaults,
  options: conv2dReaders,
  fit: ({ x, weight }, options) => fitKernel(x.shape, weight.shape, options),
  shape({ x, weight, bias }, attributes) {
    const y = convolutionShape("conv2d", { x, weight, bias }, attributes, ["outChannels"]);
    return { y, padded: paddedShape(x.shape, forwardBorders(x.shape, weight.shape, y, attributes)) };
  },
  lower(emit, { inputs: { x, weight, bias }, outputs: { y, padded }, attributes }) {
    const borders = forwardBorders(x.shape, weight.shape, y.shape, attributes);
    const source = emitBorder(emit, x, borders, emit.isRead(padded) ? padded : undefined);
    const layout = weightLayout(weight.shape);
    const packed = emit.scratch(4 * packedSize(layout), "packed weights");
    emitPack(emit, weight, packed, layout);
    emitForward(emit, source, { packed, bias, y, attributes, weightShape: weight.shape });
  },
  gradient({ inputs: { x, weight, bias }, outputs: { y, padded }, upstreams, attributes }) {
    const { dy, dbias } = throughBiasAndRelu(attributes, bias, y, upstreams.y);
    const borders = forwardBorders(x.shape, weight.shape, y.shape, attributes);
    const source = isPadded(x.shape, borders) ? padded : undefined;
    const shapes = { ...attributes, relu: false, xShape: x.shape, weightShape: weight.shape };
    return {
      bias: dbias,
      weight: weightGradient(x, dy, shapes, source),
      x: inputGradient(dy, weight, shapes),
    };
  },
  isAffine: true,
  rules: [reluEpilogue, packWeightOnce],
});

/** Pixels of a block of the weight gradient: they and the patches they see stay in the L2 cache, one panel of dy in L1. */
const blockPixels = 256;
/** Register tiles of the weight gradient that keep the threads of a large host busy; with fewer, the pixels are cut. */
const enoughTiles = 64;
/** Most threads that can work on one weight gradient: each has scratch memory of its own. */
const threadSlots = 64;

/** dw from x, or from x with its border where forward kept that, and dy. */
export const weightGradientOperation = /* @__PURE__ */ define({
  name: "conv2dWeightGradient",
  inputs: ["x", "padded?", "dy"],
  outputs: ["dw"],
  attributes: conv2dShapeDefaults,
  shape: (_, { weightShape }) => ({ dw: weightShape }),
  lower(emit, { inputs: { x, padded, dy }, outputs: { dw }, attributes }) {
    const [kernelHeight, kernelWidth, inChannels, outChannels] = dw.shape as [number, number, number, number];
    const K = kernelHeight * kernelWidth * inChannels;
    const axes = forwardAxes(dw.shape, dy.shape, attributes);
    const borders = bordersOf(axes, x.shape);
    const source = padded
      ? { data: padded, batch: x.shape[0]!, borders, channels: inChannels }
      : emitBorder(emit, x, borders);
    const { fields } = emitPatches(emit, axes, source);
    const blocks = fields.groups * Math.ceil(fields.groupPixels / blockPixels);
    const tiles = Math.max(Math.ceil(K / 4) * Math.ceil(outChannels / panelColumns), 1);
    const chunks = Math.max(Math.min(Math.floor(enoughTiles / tiles), blocks), 1);
    const sums = chunks === 1 ? dw : emit.scratch(chunks * K * outChannels * 4, "partial sums of the weight gradient");
    emit.record("conv2dWeightGradient", {
      ...{ x: source.data, dy, dw: sums, ...fields, outChannels, blockPixels, chunks, slots: threadSlots },
      scratch: emit.scratch(threadSlots * blockPixels * panelColumns * 4, "a panel of dy for each thread"),
    });
    if (chunks > 1) emitReduction(emit, { partials: sums, c: dw, chunks, M: K, N: outChannels });
  },
  // dw is linear in x and in dy, with the convolution itself between them.
  gradient({ inputs: { x, dy }, upstreams: { dw }, attributes }) {
    return {
      x: inputGradient(dy, dw, attributes),
      dy: convolve(x, dw, attributes),
    };
  },
});

/**
 * dx from dy and the weight: one convolution of dy for each phase of the stride. Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016, §4.
 */
export const inputGradientOperation = /* @__PURE__ */ define({
  name: "conv2dInputGradient",
  inputs: ["dy", "weight"],
  outputs: ["dx"],
  attributes: conv2dShapeDefaults,
  shape: (_, { xShape }) => ({ dx: xShape }),
  lower(emit, { inputs: { dy, weight }, outputs: { dx }, attributes }) {
    const [, , width, inChannels] = dx.shape as [number, number, number, number];
    const outChannels = weight.shape[3]!;
    const parts = gradientParts(dx.shape, weight.shape, attributes);
    const target = emit.data(dx);
    if (parts.haveGaps) emitZeros(emit, target, dx.shape);
    const borderAlong = (phases: readonly Phase[], size: number): Border =>
      borderOf(
        phases.map(({ axis }) => axis),
        size,
      );
    const borders = [borderAlong(parts.rows, dy.shape[1]!), borderAlong(parts.columns, dy.shape[2]!)] as const;
    const source = emitBorder(emit, dy, borders);
    for (const { first: firstRow, axis: rows } of parts.rows) {
      for (const { first: firstColumn, axis: columns } of parts.columns) {
        const axes: Axes = [rows, columns];
        const tapCount = rows.taps.count * columns.taps.count;
        const layout = { K: tapCount * outChannels, N: inChannels };
        const packed = emit.scratch(4 * packedSize(layout), "flipped packed weights");
        emit.record("convPackFlipped", {
          ...{ weight, packed, tapCount, inChannels, outChannels },
          taps: emitTaps(emit, axes, weight.shape),
        });
        emitConvolution(emit, source, emitPatches(emit, axes, source), {
          ...{ axes, packed, outChannels: inChannels },
          y: target.view((firstRow * width + firstColumn) * inChannels * 4),
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

/** Where the taps of a phase lie in the weight, in floats. */
function emitTaps(emit: Emitter, [{ taps: rows }, { taps: columns }]: Axes, weight: Shape): Pointer {
  const [, kernelWidth, inChannels, outChannels] = weight as [number, number, number, number];
  const ranges = [rows, columns].map(({ kernel, kernelStep, count }) => `${count} from ${kernel} by ${kernelStep}`);
  const key = `kernel taps of ${formatShape(weight)}: ${ranges.join(", ")}`;
  return emit.constant(key, rows.count * columns.count, (table) => {
    table.forEach((_, i) => {
      const row = rows.kernel + Math.floor(i / columns.count) * rows.kernelStep;
      const column = columns.kernel + (i % columns.count) * columns.kernelStep;
      table[i] = (row * kernelWidth + column) * inChannels * outChannels;
    });
  });
}

function convolve(x: Value, weight: Value, attributes: Conv2dAttributes): Value {
  return conv2dOperation.apply({ x, weight }, attributes).y;
}

/** @param padded x with its border, where forward kept that */
function weightGradient(x: Value, dy: Value, shapes: Conv2dShapes, padded?: Value): Value {
  return weightGradientOperation.apply({ x, padded, dy }, shapes).dw;
}

function inputGradient(dy: Value, weight: Value, shapes: Conv2dShapes): Value {
  return inputGradientOperation.apply({ dy, weight }, shapes).dx;
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
  return conv2dOperation.call({ x, weight, bias }, options).y;
}
