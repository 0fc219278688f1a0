import { expect } from "vitest";
import type { Engine } from "../../src/engine/index.js";
import { Graph } from "../../src/graph/index.js";
import { conv2d, depthwiseConv2d, maxPool2d } from "../../src/ops/index.js";
import { randomFloats } from "../random.js";
import { centralDifferences, compute, type Demonstration, dot, expectAgreement, sum, type Vector } from "./compare.js";

interface Geometry {
  readonly length: number;
  readonly kernel: number;
  readonly padding: number;
  readonly stride: number;
}

const geometries: readonly Geometry[] = [
  { length: 7, kernel: 3, padding: 1, stride: 1 },
  { length: 7, kernel: 3, padding: 2, stride: 2 },
  { length: 10, kernel: 4, padding: 0, stride: 3 },
  { length: 5, kernel: 5, padding: 2, stride: 1 },
];

/** Where a kernel fits on an axis with its zeros. */
function placesOf({ length, kernel, padding, stride }: Geometry): number[] {
  const places = [];
  for (let start = -padding; start + kernel <= length + padding; start += stride) places.push(start);
  return places;
}

/** The convolution of one image of one channel, place by place. */
function convolve(x: Vector, weight: Vector, geometry: Geometry): Vector {
  const { length, kernel } = geometry;
  const at = (row: number, column: number): number =>
    Math.min(row, column) >= 0 && Math.max(row, column) < length ? x[row * length + column]! : 0;
  const places = placesOf(geometry);
  return places.flatMap((row) =>
    places.map((column) =>
      sum(weight.map((w, tap) => w * at(row + Math.floor(tap / kernel), column + (tap % kernel)))),
    ),
  );
}

export const convolution: Readonly<Record<string, Demonstration>> = {
  "out = (in − K − 2P)/S + 1": (engine) => geometries.forEach((geometry) => showOutputLength(engine, geometry)),
};

function showOutputLength(engine: Engine, geometry: Geometry): void {
  const { length, kernel, padding, stride } = geometry;
  const places = placesOf(geometry).length;
  expect(Math.floor((length + 2 * padding - kernel) / stride) + 1).toBe(places);
  if (padding > 0) expect(Math.floor((length - kernel - 2 * padding) / stride) + 1).not.toBe(places);

  const graph = new Graph();
  const image = graph.input([1, length, length, 1], "image");
  const options = { stride, padding };
  const wanted = [1, places, places, 1];
  expect(conv2d(image, graph.input([kernel, kernel, 1, 1], "weight"), undefined, options).shape).toEqual(wanted);
  const depthwise = graph.input([kernel, kernel, 1], "weight");
  expect(depthwiseConv2d(image, depthwise, undefined, options).shape).toEqual(wanted);
  if (2 * padding <= kernel) expect(maxPool2d(image, { kernelSize: kernel, ...options }).shape).toEqual(wanted);

  const x = [...randomFloats(length * length, 1)];
  const weight = [...randomFloats(kernel * kernel, 2)];
  const upstream = [...randomFloats(places * places, 3)];
  const { y, gradients } = compute(
    engine,
    [
      { shape: [1, length, length, 1], data: x },
      { shape: [kernel, kernel, 1, 1], data: weight },
    ],
    (image, weight) => conv2d(image, weight, undefined, options),
    upstream,
  );
  // Sums of up to 25 products, or places² of them, each below 1.
  expectAgreement(y, convolve(x, weight, geometry), kernel);
  const objective = (x: Vector, weight: Vector): number => dot(upstream, convolve(x, weight, geometry));
  expectAgreement(
    gradients[0]!,
    centralDifferences((at) => objective(at, weight), x),
    kernel,
  );
  expectAgreement(
    gradients[1]!,
    centralDifferences((at) => objective(x, at), weight),
    places,
  );
}
