import { conv2d } from "../../src/ops/conv2d.js";
import { type Conv2dShape, convolvedLength, type Kernels } from "../baselines/kernels.js";
import type { Row, Subject } from "../row.js";
import { concatenate, type OperationInput, operationSubject, uniform } from "../subject.js";

const batch = 32;

type Direction = "forward" | "input gradient" | "weight gradient";

function baselineSubject(kernels: Kernels, shape: Conv2dShape, direction: Direction): Subject {
  const { x, weight, bias, dy } = operands(shape);
  const y = new Float32Array(dy.length);
  const dx = new Float32Array(x.length);
  const dw = new Float32Array(weight.length);
  const dbias = new Float32Array(bias.length);
  const run = {
    forward: () => kernels.conv2d(x, weight, bias, y, shape),
    "input gradient": () => kernels.conv2dInputGradient(dy, weight, dx, shape),
    "weight gradient": () => kernels.conv2dWeightGradient(x, dy, dw, dbias, shape),
  }[direction];
  return {
    run,
    result: () => {
      run();
      return { forward: y, "input gradient": dx, "weight gradient": concatenate([dw, dbias]) }[direction];
    },
  };
}

function operands(shape: Conv2dShape): Record<"x" | "weight" | "bias" | "dy", Float32Array> {
  const { height, width, inChannels, outChannels, kernelSize } = shape;
  const pixels = convolvedLength(height, shape) * convolvedLength(width, shape);
  return {
    x: uniform(batch * height * width * inChannels, 1),
    weight: uniform(kernelSize * kernelSize * inChannels * outChannels, 2),
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
): Row[] {
  const shape: Conv2dShape = {
    ...{ batch, height: size, width: size, inChannels, outChannels, kernelSize, stride, padding },
  };
  const outSize = convolvedLength(size, shape);
  const name = `${inChannels}→${outChannels} ${kernelSize}×${kernelSize}`;
  const options = `${stride > 1 ? ` s${stride}` : ""}${padding > 0 ? ` p${padding}` : ""}`;
  const directions: Direction[] = ["forward", "input gradient", "weight gradient"];
  return directions.map((direction) => ({
    name: `conv2d ${direction}`,
    shape: `${name}${options} @${size}²`,
    flops: 2 * batch * outSize * outSize * outChannels * inChannels * kernelSize * kernelSize,
    tolerance: 1e-4,
    wasm: (engine) => {
      const { x, weight, bias, dy } = operands(shape);
      const isWeights = direction === "weight gradient";
      const inputs: OperationInput[] = [
        { shape: [batch, size, size, inChannels], data: x, requiresGradient: direction === "input gradient" },
        { shape: [kernelSize, kernelSize, inChannels, outChannels], data: weight, requiresGradient: isWeights },
        { shape: [outChannels], data: bias, requiresGradient: isWeights },
      ];
      const build: Parameters<typeof operationSubject>[2] = ([input, kernel, offset]) =>
        conv2d(input!, kernel!, offset, {
          stride: [stride, stride],
          padding: [padding, padding],
          dilation: [1, 1],
        });
      return operationSubject(engine, inputs, build, direction === "forward" ? "forward" : "backward", dy);
    },
    baseline: (kernels) => baselineSubject(kernels, shape, direction),
  }));
}

export const convRows: readonly Row[] = [
  ...conv2dRows(1, 16, 3, 28, 1),
  ...conv2dRows(16, 32, 3, 14, 1),
  ...conv2dRows(64, 64, 3, 28, 1),
  ...conv2dRows(64, 128, 1, 28, 0),
  ...conv2dRows(3, 32, 5, 64, 2, 2),
];
