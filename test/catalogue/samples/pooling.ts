import { apart, type Fixed, fixed, generic, positive } from "../sample.js";
import type { Shape } from "../../../src/graph/index.js";
import type { Written, Writtens } from "../written.js";

const shapes: readonly Shape[] = [
  [2, 7, 2],
  [1, 4, 5, 2],
  [1, 3, 2, 3, 1],
];

/** The same options of poolings over one axis, two and three, and of an empty batch. */
function overAxes(
  name: (rank: number) => string,
  options: readonly Readonly<Record<string, unknown>>[],
  tensor: (shape: Shape) => ReturnType<typeof apart> = apart,
): Writtens {
  return Object.fromEntries(
    shapes.map((shape, i): [string, Written[]] => [
      name(i + 1),
      [
        ...options.map((options) => ({ inputs: { x: tensor(shape) }, options })),
        { inputs: { x: [0, ...shape.slice(1)] }, options: options[0]! },
      ],
    ]),
  );
}

const windows = [
  { kernelSize: 2 },
  { kernelSize: 3, stride: 2, padding: 1, ceilMode: true },
  { kernelSize: 3, stride: 1, padding: "same" },
  { kernelSize: 1, stride: 2 },
];
const dilated = { kernelSize: 2, stride: 1, dilation: 2, padding: 1 };
const shares = [{ outputSize: 2 }, { outputSize: 3 }, { outputSize: 1 }];

/** Places for [1, 2, 2, 2] in 4×4 images, all different. */
const places = (shape: Shape): Fixed =>
  fixed({ shape, data: Int32Array.of(5, 0, 2, 15, 8, 10, 11, 1).slice(0, shape[0] === 0 ? 0 : 8) });

export const written: Writtens = {
  maxPool: [
    { inputs: { x: apart([2, 4, 5, 3]) }, attributes: { count: [2, 2] } },
    {
      inputs: { x: apart([1, 5, 4, 2]) },
      attributes: { kernelSize: [3, 2], stride: [2, 1], padding: [1, 0], count: [3, 3], relu: true },
    },
    { inputs: { x: [0, 4, 4, 2] }, attributes: { count: [2, 2] } },
  ],
  windowMaximum: [
    { inputs: { x: apart([2, 7, 3]) }, attributes: { axis: 1, map: { kind: "shares", length: 7, count: 3 } } },
    { inputs: { x: [0, 7, 3] }, attributes: { axis: 1, map: { kind: "shares", length: 7, count: 3 } } },
  ],
  resample: [
    {
      inputs: { x: [1, 4, 5, 2] },
      attributes: {
        rows: { kind: "linear", length: 4, count: 7, step: 4 / 7, offset: 0.5 },
        columns: { kind: "shares", length: 5, count: 3 },
      },
    },
    { inputs: { x: [0, 4, 5, 2] }, attributes: { rows: { kind: "shares", length: 4, count: 3 } } },
  ],
  ...overAxes((rank) => `maxPool${rank}d`, [...windows, { ...windows[0]!, relu: true }, dilated]),
  ...overAxes((rank) => `maxPool${rank}dWithIndices`, [...windows.slice(0, 2), dilated]),
  ...overAxes(
    (rank) => `avgPool${rank}d`,
    [
      ...windows,
      { ...windows[1]!, countIncludePad: false },
      { kernelSize: 2, stride: 1, divisorOverride: 3 },
      { kernelSize: 1, divisorOverride: 2 },
    ],
    generic,
  ),
  ...overAxes(
    (rank) => `lpPool${rank}d`,
    [
      { normType: 2, kernelSize: 2 },
      { normType: 1, kernelSize: 2 },
      { normType: 3.5, kernelSize: 3, stride: 2, ceilMode: true },
    ],
    positive,
  ),
  ...overAxes((rank) => `adaptiveAvgPool${rank}d`, shares, generic),
  ...overAxes((rank) => `adaptiveMaxPool${rank}d`, shares),
  ...overAxes((rank) => `adaptiveMaxPool${rank}dWithIndices`, shares.slice(0, 2)),
  ...overAxes((rank) => `globalAvgPool${rank}d`, [{}, { keepDims: true }], generic),
  ...overAxes((rank) => `globalMaxPool${rank}d`, [{}, { keepDims: true }]),
  maxUnpool1d: [
    { inputs: { x: [1, 4, 2], indices: places([1, 4, 2]) }, options: { kernelSize: 4 } },
    { inputs: { x: [0, 4, 2], indices: places([0, 4, 2]) }, options: { kernelSize: 4 } },
  ],
  maxUnpool2d: [
    { inputs: { x: [1, 2, 2, 2], indices: places([1, 2, 2, 2]) }, options: { kernelSize: 2 } },
    { inputs: { x: [1, 2, 2, 2], indices: places([1, 2, 2, 2]) }, options: { kernelSize: 2, outputSize: [5, 4] } },
    { inputs: { x: [0, 2, 2, 2], indices: places([0, 2, 2, 2]) }, options: { kernelSize: 2 } },
  ],
  maxUnpool3d: [
    {
      inputs: { x: [1, 1, 2, 2, 2], indices: places([1, 1, 2, 2, 2]) },
      options: { kernelSize: [3, 2, 4], stride: 2, padding: [1, 0, 1] },
    },
    { inputs: { x: [0, 1, 2, 2, 2], indices: places([0, 1, 2, 2, 2]) }, options: { kernelSize: 2 } },
  ],
  upsample: [
    { inputs: { x: [2, 5, 3] }, options: { scale: 2 } },
    { inputs: { x: [1, 3, 4, 2] }, options: { size: [7, 3] } },
    { inputs: { x: [1, 3, 4, 2] }, options: { size: [5, 6], mode: "nearest-exact" } },
    { inputs: { x: [1, 3, 4, 17] }, options: { scale: 2, mode: "bilinear" } },
    { inputs: { x: [1, 3, 4, 2] }, options: { size: [5, 1], mode: "bilinear", alignCorners: true } },
    { inputs: { x: [1, 2, 3, 2, 2] }, options: { scale: [1.5, 2, 1], mode: "trilinear" } },
    { inputs: { x: [1, 1, 7, 1] }, options: { size: [3, 4], mode: "linear", alignCorners: false } },
    { inputs: { x: [0, 3, 4, 2] }, options: { scale: 2 } },
  ],
  pixelShuffle: [
    { inputs: { x: [1, 2, 3, 8] }, options: { upscaleFactor: 2 } },
    { inputs: { x: [0, 2, 3, 9] }, options: { upscaleFactor: 3 } },
  ],
  pixelUnshuffle: [
    { inputs: { x: [1, 4, 6, 2] }, options: { downscaleFactor: 2 } },
    { inputs: { x: [0, 3, 3, 1] }, options: { downscaleFactor: 3 } },
  ],
};
