import { embedding } from "../../src/ops/embedding/embedding.js";
import { Random } from "../../src/engine/index.js";
import type { Row } from "../row.js";
import { operationSubject, uniform } from "../subject.js";

/** Bytes: dy is read and the gradient of the table written once. */
function embeddingRow(rows: number, columns: number, count: number): Row {
  return {
    name: "embedding backward",
    shape: `${count} of ${rows}×${columns}`,
    bytes: 4 * columns * (rows + count),
    tolerance: 1e-5,
    wasm(engine) {
      const random = new Random(1);
      return operationSubject(
        engine,
        [
          { shape: [count], data: Int32Array.from({ length: count }, () => random.below(rows)), dataType: "i32" },
          { shape: [rows, columns], data: uniform(rows * columns, 2), requiresGradient: true },
        ],
        ([indices, table]) => embedding(indices!, table!),
        "backward",
        uniform(count * columns, 3),
      );
    },
  };
}

export const embeddingRows: readonly Row[] = [
  embeddingRow(10_000, 256, 4096),
  embeddingRow(128, 128, 4096),
  embeddingRow(1000, 64, 65_536),
];
