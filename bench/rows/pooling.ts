import { sizeOf, type Value } from "../../src/graph/index.js";
import { avgPool2d } from "../../src/ops/pooling/avgPooling.js";
import { maxPool2d } from "../../src/ops/pooling/maxPooling.js";
import { upsample, type UpsampleMode } from "../../src/ops/pooling/upsample.js";
import type { Row } from "../row.js";
import { operationSubject, uniform } from "../subject.js";

type Images = readonly [batch: number, height: number, width: number, channels: number];

/** One pass over images, forward or backward: bytes of x and y. */
function imageRow(
  name: string,
  shape: Images,
  outputs: readonly [height: number, width: number],
  part: "forward" | "backward",
  apply: (x: Value) => Value,
): Row {
  const [size, outputSize] = [sizeOf(shape), shape[0] * outputs[0] * outputs[1] * shape[3]];
  return {
    name: `${name} ${part}`,
    shape: `[${shape.join(", ")}]`,
    bytes: 4 * (size + outputSize),
    tolerance: 1e-6,
    wasm: (engine) =>
      operationSubject(
        engine,
        [{ shape, data: uniform(size, 1), requiresGradient: true }],
        ([x]) => apply(x!),
        part,
        uniform(outputSize, 2),
      ),
  };
}

const parts = ["forward", "backward"] as const;
/** Beyond the caches, as the activations of a network are. */
const large: Images = [16, 112, 112, 64];
const small: Images = [16, 56, 56, 64];

function upsampleRows(mode: UpsampleMode): readonly Row[] {
  return parts.map((part) =>
    imageRow(`upsample ${mode} ×2`, small, [112, 112], part, (x) => upsample(x, { scale: 2, mode })),
  );
}

export const poolingRows: readonly Row[] = [
  ...parts.map((part) => imageRow("avgPool2d 2×2", large, [56, 56], part, (x) => avgPool2d(x, 2))),
  ...parts.map((part) =>
    imageRow("avgPool2d 3×3, stride 1", large, [112, 112], part, (x) =>
      avgPool2d(x, { kernelSize: 3, stride: 1, padding: 1 }),
    ),
  ),
  ...upsampleRows("nearest"),
  ...upsampleRows("bilinear"),
  imageRow("maxPool2d 3×3, dilation 2", small, [52, 52], "forward", (x) =>
    maxPool2d(x, { kernelSize: 3, stride: 1, dilation: 2 }),
  ),
];
