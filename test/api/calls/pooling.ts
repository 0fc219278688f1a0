import { Graph, type Value } from "../../../src/graph/index.js";
import { nn, ops } from "../../../src/index.js";
import type { Call, Calls } from "../call.js";

type Rank = 1 | 2 | 3;

/** x of which each axis between batch and channels has length 4. */
const image = (rank: number): Value => new Graph().input([1, ...Array.from({ length: rank }, () => 4), 4], "x");

/** The pooled values of such an image, and their places. */
function pooled(rank: number): Value[] {
  const graph = new Graph();
  const shape = [1, ...Array.from({ length: rank }, () => 2), 4];
  return [graph.input(shape, "x"), graph.input(shape, "indices", "i32")];
}

const windows = { kernelSize: 2, stride: 2, ceilMode: true };
const padded = { ...windows, padding: 1 };
const dilated = { ...padded, dilation: 1 };
const average = { ...padded, countIncludePad: true, divisorOverride: 3 };
const normed = { ...windows, normType: 2 };
const adaptive = { outputSize: 2 };
const global = { keepDims: true };
const unpooling = { kernelSize: 2, stride: 2, padding: 0, outputSize: 4 };
const linear = { scale: undefined, size: 3, mode: "linear", alignCorners: true };

const call = (run: Call["run"], values: Call["values"]): Call => ({ run, values });

/** Right calls of what there is for one, two and three axes. */
function ofRank(rank: Rank): Calls {
  const onImage = (run: Call["run"], options: object): Call => call(run, () => [image(rank), options]);
  const layer = (run: Call["run"], options: object): Call => call(run, () => [options]);
  return {
    [`ops.maxPool${rank}d`]: onImage(ops[`maxPool${rank}d`], { ...dilated, relu: true }),
    [`ops.maxPool${rank}dWithIndices`]: onImage(ops[`maxPool${rank}dWithIndices`], dilated),
    [`ops.maxUnpool${rank}d`]: call(ops[`maxUnpool${rank}d`], () => [...pooled(rank), unpooling]),
    [`ops.avgPool${rank}d`]: onImage(ops[`avgPool${rank}d`], average),
    [`ops.lpPool${rank}d`]: onImage(ops[`lpPool${rank}d`], normed),
    [`ops.adaptiveAvgPool${rank}d`]: onImage(ops[`adaptiveAvgPool${rank}d`], adaptive),
    [`ops.adaptiveMaxPool${rank}d`]: onImage(ops[`adaptiveMaxPool${rank}d`], adaptive),
    [`ops.adaptiveMaxPool${rank}dWithIndices`]: onImage(ops[`adaptiveMaxPool${rank}dWithIndices`], adaptive),
    [`ops.globalAvgPool${rank}d`]: onImage(ops[`globalAvgPool${rank}d`], global),
    [`ops.globalMaxPool${rank}d`]: onImage(ops[`globalMaxPool${rank}d`], global),
    [`nn.maxPool${rank}d`]: layer(nn[`maxPool${rank}d`], dilated),
    [`nn.maxUnpool${rank}d`]: layer(nn[`maxUnpool${rank}d`], unpooling),
    [`nn.avgPool${rank}d`]: layer(nn[`avgPool${rank}d`], average),
    [`nn.lpPool${rank}d`]: layer(nn[`lpPool${rank}d`], normed),
    [`nn.adaptiveAvgPool${rank}d`]: layer(nn[`adaptiveAvgPool${rank}d`], adaptive),
    [`nn.adaptiveMaxPool${rank}d`]: layer(nn[`adaptiveMaxPool${rank}d`], adaptive),
    [`nn.globalAvgPool${rank}d`]: layer(nn[`globalAvgPool${rank}d`], global),
    [`nn.globalMaxPool${rank}d`]: layer(nn[`globalMaxPool${rank}d`], global),
  };
}

export const calls: Calls = {
  ...ofRank(1),
  ...ofRank(2),
  ...ofRank(3),
  "ops.upsample": call(ops.upsample, () => [image(2), linear]),
  "ops.pixelShuffle": call(ops.pixelShuffle, () => [image(2), 2]),
  "ops.pixelUnshuffle": call(ops.pixelUnshuffle, () => [image(2), 2]),
  "nn.upsample": call(nn.upsample, () => [linear]),
  "nn.pixelShuffle": call(nn.pixelShuffle, () => [{ upscaleFactor: 2 }]),
  "nn.pixelUnshuffle": call(nn.pixelUnshuffle, () => [{ downscaleFactor: 2 }]),
};
