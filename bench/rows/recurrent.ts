import { lstm } from "../../src/ops/recurrent/lstm.js";
import type { Row } from "../row.js";
import { operationSubject, uniform } from "../subject.js";

/** An LSTM with initial states of zeros, to all inputs and parameters. */
function lstmRow(features: number, size: number, length: number, batch: number, direction: "forward" | "both"): Row {
  const scaled = (count: number, seed: number): Float32Array => uniform(count, seed).map((x) => x / Math.sqrt(size));
  const product = 2 * batch * length * 4 * size * (features + size);
  const isBoth = direction === "both";
  return {
    name: `LSTM ${isBoth ? "forward + backward" : "forward"}`,
    shape: `${features}→${size}, length ${length}, batch ${batch}`,
    flops: isBoth ? 3 * product : product,
    tolerance: 1e-4,
    wasm: (engine) =>
      operationSubject(
        engine,
        [
          { shape: [batch, length, features], data: uniform(batch * length * features, 1), requiresGradient: isBoth },
          { shape: [features, 4 * size], data: scaled(features * 4 * size, 2), requiresGradient: isBoth },
          { shape: [size, 4 * size], data: scaled(size * 4 * size, 3), requiresGradient: isBoth },
          { shape: [4 * size], data: scaled(4 * size, 4), requiresGradient: isBoth },
          { shape: [4 * size], data: scaled(4 * size, 5), requiresGradient: isBoth },
        ],
        ([x, weightIh, weightHh, biasIh, biasHh]) => lstm(x!, weightIh!, weightHh!, biasIh, biasHh).y,
        direction,
        uniform(batch * length * size, 6),
      ),
  };
}

export const recurrentRows: readonly Row[] = [lstmRow(256, 256, 64, 32, "forward"), lstmRow(256, 256, 64, 32, "both")];
