import type { Shape } from "../../../src/graph/index.js";
import { batchNorm, statisticsOf } from "../batchNorm.js";
import { type Convolution, naiveConv, naiveConvGradients } from "../conv.js";
import { type Depthwise, naiveDepthwise, naiveDepthwiseGradients } from "../depthwise.js";
import { maxPool, maxPoolGradient, type Pool } from "../maxPool.js";
import type { Application, Numbers, Primitives } from "../primitive.js";

type Pair = readonly [number, number];

interface Strides {
  readonly stride: Pair;
  readonly padding: Pair;
  readonly paddingAfter: Pair;
  readonly dilation: Pair;
}

function stridesOf(attributes: Application["attributes"]): Strides {
  const { stride, padding, paddingAfter, dilation } = attributes as unknown as Strides;
  return { stride, padding, paddingAfter, dilation };
}

function convolutionOf(x: Shape | undefined, weight: Shape | undefined, { attributes }: Application): Convolution {
  const [batch, height, width, channels] = x as [number, number, number, number];
  const [kernelHeight, kernelWidth, , outChannels] = weight as [number, number, number, number];
  const sizes = { batch, height, width, channels, kernelHeight, kernelWidth, outChannels };
  return { ...sizes, ...stridesOf(attributes) };
}

function depthwiseOf(x: Shape | undefined, weight: Shape | undefined, { attributes }: Application): Depthwise {
  const [batch, height, width, channels] = x as [number, number, number, number];
  const kernel: Pair = [weight![0]!, weight![1]!];
  return { batch, height, width, channels, kernel, ...stridesOf(attributes) };
}

function poolOf(shape: Shape | undefined, attributes: Application["attributes"]): Pool {
  const { kernelSize, ...rest } = attributes as unknown as Omit<Pool, "shape" | "kernel"> & {
    readonly kernelSize: Pair;
  };
  return { ...rest, shape: shape as Pool["shape"], kernel: kernelSize };
}

/** A gradient needs one of the two operands only: the other is nothing. */
const nothing = (shape: Shape): Numbers => new Float64Array(shape.reduce((size, length) => size * length, 1));

/** The winners of a pooling are indices of elements here, −1 where a ReLU stops the gradient. */
export const primitives: Primitives = {
  conv2d(at) {
    const { inputs, shapes, attributes } = at;
    const convolution = convolutionOf(shapes["x"], shapes["weight"], at);
    const { x, weight, bias } = inputs;
    return { y: naiveConv(convolution, x!, weight!, bias, attributes["relu"] as boolean) };
  },
  conv2dWeightGradient(at) {
    const { inputs, shapes } = at;
    const convolution = convolutionOf(shapes["x"], shapes["dw"], at);
    return { dw: naiveConvGradients(convolution, inputs["x"]!, nothing(shapes["dw"]!), inputs["dy"]!).dw };
  },
  conv2dInputGradient(at) {
    const { inputs, shapes } = at;
    const convolution = convolutionOf(shapes["dx"], shapes["weight"], at);
    return { dx: naiveConvGradients(convolution, nothing(shapes["dx"]!), inputs["weight"]!, inputs["dy"]!).dx };
  },
  depthwiseConv2d(at) {
    const { inputs, shapes, attributes } = at;
    const convolution = depthwiseOf(shapes["x"], shapes["weight"], at);
    const { x, weight, bias } = inputs;
    return { y: naiveDepthwise(convolution, x!, weight!, bias, attributes["relu"] as boolean) };
  },
  depthwiseConv2dWeightGradient(at) {
    const { inputs, shapes } = at;
    const convolution = depthwiseOf(shapes["x"], shapes["dw"], at);
    return { dw: naiveDepthwiseGradients(convolution, inputs["x"]!, nothing(shapes["dw"]!), inputs["dy"]!).dw };
  },
  depthwiseConv2dInputGradient(at) {
    const { inputs, shapes } = at;
    const convolution = depthwiseOf(shapes["dx"], shapes["weight"], at);
    return { dx: naiveDepthwiseGradients(convolution, nothing(shapes["dx"]!), inputs["weight"]!, inputs["dy"]!).dx };
  },
  maxPool({ inputs, shapes, attributes }) {
    const { y, source } = maxPool(inputs["x"]!, poolOf(shapes["x"], attributes));
    return { y, winners: source };
  },
  maxPoolBackward({ inputs, shapes }) {
    const { length } = nothing(shapes["dx"]!);
    return { dx: maxPoolGradient(length, Array.from(inputs["winners"]!), inputs["dy"]!) };
  },
  maxPoolPick({ inputs }) {
    return { y: Array.from(inputs["winners"]!, (at) => (at < 0 ? 0 : inputs["x"]![at]!)) };
  },
  batchNormPool({ inputs: { x, gamma, beta, runningMean, runningVariance }, shapes, attributes }) {
    const { training, epsilon, relu } = attributes as { training: boolean; epsilon: number; relu: boolean };
    const running = { mean: Float64Array.from(runningMean!), variance: Float64Array.from(runningVariance!) };
    const statistics = training ? statisticsOf(x!, gamma!.length) : running;
    const normalised = batchNorm(x!, gamma!, beta!, statistics, { epsilon, relu: false });
    const windows = { kernelSize: [2, 2], stride: [2, 2], padding: [0, 0] };
    const { y, source } = maxPool(normalised, poolOf(shapes["x"], { ...windows, relu }));
    return { y, winners: source };
  },
};
