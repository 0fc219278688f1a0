import { layerNorm } from "../../src/ops/normalization/layerNorm.js";
import { rmsNorm } from "../../src/ops/normalization/rmsNorm.js";
import type { Value } from "../../src/graph/index.js";
import type { Row } from "../row.js";
import { operationSubject, uniform } from "../subject.js";

/** Bytes: x, dy are read and y, dx written once, and x once more, for what lies between the two passes may have evicted it. */
function rowNormRow(
  name: string,
  norm: (x: Value, weight: Value, bias: Value) => Value,
  rows: number,
  columns: number,
): Row {
  const size = rows * columns;
  return {
    name: `${name} forward + backward`,
    shape: `${rows}×${columns}`,
    bytes: 5 * 4 * size,
    tolerance: 1e-5,
    wasm: (engine) =>
      operationSubject(
        engine,
        [
          { shape: [rows, columns], data: uniform(size, 1), requiresGradient: true },
          { shape: [columns], data: uniform(columns, 2), requiresGradient: true },
          { shape: [columns], data: uniform(columns, 3), requiresGradient: name === "layerNorm" },
        ],
        ([x, weight, bias]) => norm(x!, weight!, bias!),
        "both",
        uniform(size, 4),
      ),
  };
}

export const normalizationRows: readonly Row[] = [
  rowNormRow("layerNorm", layerNorm, 2048, 256),
  rowNormRow("layerNorm", layerNorm, 4096, 1024),
  rowNormRow("rmsNorm", (x, weight) => rmsNorm(x, weight), 2048, 256),
];
