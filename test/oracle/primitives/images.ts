import type { Shape } from "../../../src/graph/index.js";
import { batchNorm, statisticsOf } from "../batchNorm.js";
import { maxPool, maxPoolGradient, type Pool } from "../maxPool.js";
import type { Application, Numbers, Primitives } from "../primitive.js";

type Pair = readonly [number, number];

function poolOf(shape: Shape | undefined, attributes: Application["attributes"]): Pool {
  const { kernelSize, ...rest } = attributes as unknown as Omit<Pool, "shape" | "kernel"> & {
    readonly kernelSize: Pair;
  };
  return { ...rest, shape: shape as Pool["shape"], kernel: kernelSize };
}

const nothing = (shape: Shape): Numbers => new Float64Array(shape.reduce((size, length) => size * length, 1));

/** The winners of a pooling are indices of elements here, −1 where a ReLU stops the gradient. */
export const primitives: Primitives = {
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
