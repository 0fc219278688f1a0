import {
  define,
  denseStrides,
  type Emitter,
  formatShape,
  type Pointer,
  type Shape,
  sizeOf,
  type Value,
} from "../../graph/index.js";
import { reluEpilogue } from "../activations/reluEpilogue.js";
import { throughBiasAndRelu } from "../products/biasGradient.js";
import { emitReduction } from "../products/gemm.js";
import { packedSize, panelColumns } from "../products/packPanels.js";
import { emitZeros } from "../zeros.js";
import { emitDepthwise, emitDepthwiseWeightGradient, emitPixels, isDepthwise } from "./depthwise.js";
import {
  type Axes,
  borderOf,
  type ConvolutionAttributes,
  convolutionDefaults,
  type ConvolutionShapes,
  fillTaps,
  forwardAxes,
  gradientParts,
  outputShape,
  phaseStrides,
  shapeDefaults,
} from "./geometry.js";
import { emitForward, emitPackWeight, forwardBorders, packedBytes, packWeightOnce } from "./packed.js";
import { bordersOf, emitBorder, emitConvolution, emitPatches, isPadded, paddedShape } from "./records.js";

// What all convolutions are made of: the convolution itself, along any number of axes, and its two gradients. The three are each
// other's gradients. A transposed convolution is the input gradient.

/**
 * x (B, …, C), weight [k…, C / groups, outChannels] and, optionally, bias [outChannels]. Keeps x with its zero border, if it
 * has one, for the weight gradient.
 */
export const convolutionOperation = /* @__PURE__ */ define({
  name: "convolution",
  inputs: ["x", "weight", "bias?"],
  kept: ["padded"],
  attributes: convolutionDefaults,
  shape({ x, weight }, attributes) {
    const y = outputShape(x.shape, weight.shape, attributes);
    return { y, padded: paddedShape(x.shape, forwardBorders(x.shape, weight.shape, y, attributes)) };
  },
  lower(emit, { inputs: { x, weight, bias }, outputs: { y, padded }, attributes }) {
    const { groups, relu } = attributes;
    if (isDepthwise(weight.shape, groups)) {
      const axes = forwardAxes(weight.shape, y.shape, attributes);
      const strides = denseStrides(y.shape).slice(0, -1);
      emitDepthwise(emit, emitPixels(emit, x), emitPixels(emit, weight), { axes, bias, relu, y, strides });
      return;
    }
    const borders = forwardBorders(x.shape, weight.shape, y.shape, attributes);
    const source = emitBorder(emit, x, borders, emit.isRead(padded) ? padded : undefined);
    const packed = emit.scratch(packedBytes(weight.shape, groups), "packed weights");
    emitPackWeight(emit, weight, packed, groups);
    emitForward(emit, source, { packed, bias, y, attributes, weightShape: weight.shape });
  },
  gradient({ inputs: { x, weight, bias }, outputs: { y, padded }, upstreams, attributes }) {
    const { dy, dbias } = throughBiasAndRelu(attributes, bias, y, upstreams.y);
    const borders = forwardBorders(x.shape, weight.shape, y.shape, attributes);
    const isKept = isPadded(x.shape, borders) && !isDepthwise(weight.shape, attributes.groups);
    const shapes = { ...attributes, relu: false, xShape: x.shape, weightShape: weight.shape };
    return {
      bias: dbias,
      weight: weightGradient(x, dy, shapes, isKept ? padded : undefined),
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
  name: "convolutionWeightGradient",
  inputs: ["x", "padded?", "dy"],
  outputs: ["dw"],
  attributes: shapeDefaults,
  shape: (_, { weightShape }) => ({ dw: weightShape }),
  lower(emit, { inputs: { x, padded, dy }, outputs: { dw }, attributes }) {
    const { groups } = attributes;
    if (isDepthwise(dw.shape, groups)) {
      emitDepthwiseWeightGradient(emit, { x, dy, dw }, attributes);
      return;
    }
    const N = dw.shape.at(-1)!;
    const K = sizeOf(dw.shape.slice(0, -1));
    const axes = forwardAxes(dw.shape, dy.shape, attributes);
    const borders = bordersOf(axes, x.shape);
    const source = padded
      ? { data: padded, batch: x.shape[0]!, borders, channels: x.shape.at(-1)! }
      : emitBorder(emit, x, borders);
    const { fields } = emitPatches(emit, axes, source, groups);
    const outChannels = N / groups;
    const blocks = fields.groups * Math.ceil(fields.groupPixels / blockPixels);
    const tiles = Math.max(Math.ceil(K / 4) * Math.ceil(outChannels / panelColumns) * groups, 1);
    const chunks = Math.max(Math.min(Math.floor(enoughTiles / tiles), blocks), 1);
    const sums = chunks === 1 ? dw : emit.scratch(chunks * K * N * 4, "partial sums of the weight gradient");
    emit.record("conv2dWeightGradient", {
      ...{ x: source.data, dy, dw: sums, ...fields, outChannels, blockPixels, chunks, slots: threadSlots },
      scratch: emit.scratch(threadSlots * blockPixels * panelColumns * 4, "a panel of dy for each thread"),
    });
    if (chunks > 1) emitReduction(emit, { partials: sums, c: dw, chunks, M: K, N });
  },
  // dw is linear in x and in dy, with the convolution itself between them.
  gradient({ inputs: { x, dy }, upstreams: { dw }, attributes }) {
    return {
      x: inputGradient(dy, dw, attributes),
      dy: convolve({ x, weight: dw }, attributes),
    };
  },
});

/**
 * dx from dy and the weight: one convolution of dy for each phase of the stride. Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016, §4.
 */
export const inputGradientOperation = /* @__PURE__ */ define({
  name: "convolutionInputGradient",
  inputs: ["dy", "weight"],
  outputs: ["dx"],
  attributes: shapeDefaults,
  shape: (_, { xShape }) => ({ dx: xShape }),
  lower(emit, { inputs: { dy, weight }, outputs: { dx }, attributes }) {
    const { groups, stride } = attributes;
    const { phases, parts, haveGaps } = gradientParts(dx.shape, weight.shape, attributes);
    const target = emit.data(dx);
    if (haveGaps) emitZeros(emit, target, dx.shape);
    const strides = phaseStrides(dx.shape, stride);
    const places = denseStrides(dx.shape);
    const yOf = (part: (typeof parts)[number]): Pointer =>
      target.view(part.reduce((sum, { first }, i) => sum + first * places[i + 1]!, 0) * 4);
    if (isDepthwise(weight.shape, groups)) {
      const [pixels, taps] = [emitPixels(emit, dy), emitPixels(emit, weight)];
      for (const part of parts) {
        emitDepthwise(emit, pixels, taps, { axes: part.map(({ axis }) => axis), y: yOf(part), strides });
      }
      return;
    }
    const [inChannels, outChannels] = [weight.shape.at(-2)!, weight.shape.at(-1)! / groups];
    const borders = phases.map((phases, i) =>
      borderOf(
        phases.map(({ axis }) => axis),
        dy.shape[i + 1]!,
      ),
    );
    const source = emitBorder(emit, dy, borders);
    for (const part of parts) {
      const axes = part.map(({ axis }) => axis);
      const tapCount = sizeOf(axes.map(({ taps }) => taps.count));
      const size = groups * packedSize({ K: tapCount * outChannels, N: inChannels });
      const packed = emit.scratch(4 * size, "flipped packed weights");
      emit.record("convPackFlipped", {
        ...{ weight, packed, tapCount, groups, inChannels, outChannels },
        taps: emitTaps(emit, axes, weight.shape),
      });
      emitConvolution(emit, source, emitPatches(emit, axes, source, groups), {
        ...{ axes, packed, outChannels: inChannels, y: yOf(part), strides },
      });
    }
  },
  gradient({ inputs: { dy, weight }, upstreams: { dx }, attributes }) {
    return {
      dy: convolve({ x: dx, weight }, attributes),
      weight: weightGradient(dx, dy, attributes),
    };
  },
});

/** Where the taps of a phase lie in the weight, in floats. */
function emitTaps(emit: Emitter, axes: Axes, weight: Shape): Pointer {
  const ranges = axes.map(({ taps: { kernel, kernelStep, count } }) => `${count} from ${kernel} by ${kernelStep}`);
  const key = `kernel taps of ${formatShape(weight)}: ${ranges.join(", ")}`;
  return emit.constant(key, sizeOf(axes.map(({ taps }) => taps.count)), (table) => fillTaps(axes, weight, table));
}

/** The convolution of values that fit. */
export function convolve(
  inputs: { readonly x: Value; readonly weight: Value; readonly bias?: Value | undefined },
  { stride, padding, paddingAfter, dilation, groups, relu }: ConvolutionAttributes,
): Value {
  return convolutionOperation.apply(inputs, { stride, padding, paddingAfter, dilation, groups, relu }).y;
}

/** @param padded x with its border, where forward kept that */
function weightGradient(x: Value, dy: Value, shapes: ConvolutionShapes, padded?: Value): Value {
  return weightGradientOperation.apply({ x, padded, dy }, shapes).dw;
}

export function inputGradient(dy: Value, weight: Value, shapes: ConvolutionShapes): Value {
  return inputGradientOperation.apply({ dy, weight }, shapes).dx;
}
