import { conv2d } from "../../src/ops/convolution/conv2d.js";
import { depthwiseConv2d } from "../../src/ops/convolution/depthwiseConv2d.js";
import { sizeOf } from "../../src/graph/index.js";
import { groupedConv2d } from "../baselines/grouped.js";
import { type Conv2dShape, convolvedLength, type Kernels } from "../baselines/kernels.js";
import type { Row, Subject } from "../row.js";
import { concatenate, type OperationInput, operationSubject, uniform } from "../subject.js";

const batch = 32;

const directions = ["forward", "input gradient", "weight gradient"] as const;
type Direction = (typeof directions)[number];
type Convolution = "conv2d" | "depthwiseConv2d";

function baselineSubject(
  kernels: Kernels,
  name: Convolution,
  shape: Conv2dShape,
  direction: Direction,
  groups = 1,
): Subject {
  const { x, weight, bias, dy } = operands(name, shape, groups);
  const y = new Float32Array(dy.length);
  const dx = new Float32Array(x.length);
  const dw = new Float32Array(weight.length);
  const dbias = new Float32Array(bias.length);
  const grouped = groupedConv2d(kernels, groups);
  const ofGroups = {
    forward: () => grouped.forward([x, weight, bias], [y], shape),
    "input gradient": () => grouped.inputGradient([dy, weight], [dx], shape),
    "weight gradient": () => grouped.weightGradient([x, dy], [dw, dbias], shape),
  };
  const ofAll = {
    forward: () => kernels[name](x, weight, bias, y, shape),
    "input gradient": () => kernels[`${name}InputGradient`](dy, weight, dx, shape),
    "weight gradient": () => kernels[`${name}WeightGradient`](x, dy, dw, dbias, shape),
  };
  const run = (groups > 1 ? ofGroups : ofAll)[direction];
  return {
    run,
    result: () => {
      run();
      return { forward: y, "input gradient": dx, "weight gradient": concatenate([dw, dbias]) }[direction];
    },
  };
}

function operands(
  name: Convolution,
  shape: Conv2dShape,
  groups: number,
): Record<"x" | "weight" | "bias" | "dy", Float32Array> {
  const { height, width, inChannels, outChannels, kernelSize } = shape;
  const pixels = convolvedLength(height, shape) * convolvedLength(width, shape);
  return {
    x: uniform(batch * height * width * inChannels, 1),
    weight: uniform(kernelSize * kernelSize * outChannels * (name === "conv2d" ? inChannels / groups : 1), 2),
    bias: uniform(outChannels, 3),
    dy: uniform(batch * pixels * outChannels, 4),
  };
}

function conv2dRows(
  inChannels: number,
  outChannels: number,
  kernelSize: number,
  size: number,
  padding: number,
  stride = 1,
  groups = 1,
): Row[] {
  const shape: Conv2dShape = {
    ...{ batch, height: size, width: size, inChannels, outChannels, kernelSize, stride, padding },
  };
  const outSize = convolvedLength(size, shape);
  const name = `${inChannels}→${outChannels} ${kernelSize}×${kernelSize}`;
  const grouped = groups > 1 ? ` g${groups}` : "";
  const options = `${grouped}${stride > 1 ? ` s${stride}` : ""}${padding > 0 ? ` p${padding}` : ""}`;
  return directions.map((direction) => ({
    name: `conv2d ${direction}`,
    shape: `${name}${options} @${size}²`,
    flops: 2 * batch * outSize * outSize * outChannels * (inChannels / groups) * kernelSize * kernelSize,
    tolerance: 1e-4,
    wasm: (engine) => {
      const { x, weight, bias, dy } = operands("conv2d", shape, groups);
      const isWeights = direction === "weight gradient";
      const inputs: OperationInput[] = [
        { shape: [batch, size, size, inChannels], data: x, requiresGradient: direction === "input gradient" },
        {
          shape: [kernelSize, kernelSize, inChannels / groups, outChannels],
          data: weight,
          requiresGradient: isWeights,
        },
        { shape: [outChannels], data: bias, requiresGradient: isWeights },
      ];
      const build: Parameters<typeof operationSubject>[2] = ([input, kernel, offset]) =>
        conv2d(input!, kernel!, offset, {
          stride: [stride, stride],
          padding: [padding, padding],
          dilation: [1, 1],
          groups,
        });
      return operationSubject(engine, inputs, build, direction === "forward" ? "forward" : "backward", dy);
    },
    baseline: (kernels) => baselineSubject(kernels, "conv2d", shape, direction, groups),
  }));
}

/** Bounded by memory as well as by arithmetic: each direction reads and writes two images, besides some weights. */
function depthwiseRows(channels: number, size: number): Row[] {
  const shape: Conv2dShape = {
    ...{ batch, height: size, width: size, inChannels: channels, outChannels: channels },
    ...{ kernelSize: 3, stride: 1, padding: 1 },
  };
  const image = [batch, size, size, channels];
  return directions.map((direction) => ({
    name: `depthwiseConv2d ${direction}`,
    shape: `${channels} 3×3 p1 @${size}²`,
    flops: 2 * sizeOf(image) * 9,
    bytes: 2 * 4 * sizeOf(image),
    tolerance: 1e-4,
    wasm: (engine) => {
      const { x, weight, bias, dy } = operands("depthwiseConv2d", shape, 1);
      const isWeights = direction === "weight gradient";
      const inputs: OperationInput[] = [
        { shape: image, data: x, requiresGradient: direction === "input gradient" },
        { shape: [3, 3, channels], data: weight, requiresGradient: isWeights },
        { shape: [channels], data: bias, requiresGradient: isWeights },
      ];
      const build: Parameters<typeof operationSubject>[2] = ([input, kernel, offset]) =>
        depthwiseConv2d(input!, kernel!, offset, { padding: 1 });
      return operationSubject(engine, inputs, build, direction === "forward" ? "forward" : "backward", dy);
    },
    baseline: (kernels) => baselineSubject(kernels, "depthwiseConv2d", shape, direction),
  }));
}

export const convRows: readonly Row[] = [
  ...conv2dRows(1, 16, 3, 28, 1),
  ...conv2dRows(16, 32, 3, 14, 1),
  ...conv2dRows(64, 64, 3, 28, 1),
  ...conv2dRows(64, 128, 1, 28, 0),
  ...conv2dRows(3, 32, 5, 64, 2, 2),
  ...conv2dRows(64, 64, 3, 28, 1, 1, 4),
  ...conv2dRows(128, 128, 3, 28, 1, 1, 32),
  ...depthwiseRows(64, 28),
];
