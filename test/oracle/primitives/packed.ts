import type { Shape } from "../../../src/graph/index.js";
import { naiveGemm } from "../gemm.js";
import { primitives as images } from "./images.js";
import type { Numbers, Primitives } from "../primitive.js";

/** Where element (k, n) of a matrix of K rows lies in panels of 8 columns. */
function placeOf(k: number, n: number, K: number): number {
  return (Math.floor(n / 8) * K + k) * 8 + (n % 8);
}

function unpacked(packed: Numbers, K: number, N: number): Float64Array {
  return Float64Array.from({ length: K * N }, (_, i) => packed[placeOf(Math.floor(i / N), i % N, K)]!);
}

/** Operations on weights in panels. */
export const primitives: Primitives = {
  packPanels({ inputs: { b }, shapes, attributes }) {
    const { K, N, rowStride, columnStride } = attributes as Record<"K" | "N" | "rowStride" | "columnStride", number>;
    const panels = new Float64Array(shapes["packed"]![0]!);
    for (let k = 0; k < K; k++) {
      for (let n = 0; n < N; n++) panels[placeOf(k, n, K)] = b![k * rowStride + n * columnStride]!;
    }
    return { packed: panels };
  },
  packedProduct({ inputs: { a, packed, bias }, attributes }) {
    const { M, N, K } = attributes as Record<"M" | "N" | "K", number>;
    const { transposeA, relu } = attributes as Record<"transposeA" | "relu", boolean>;
    const y = naiveGemm({
      ...{ M, N, K, bias, relu, a: { data: a!, stride: transposeA ? M : K, isTransposed: transposeA } },
      b: { data: unpacked(packed!, K, N), stride: N, isTransposed: false },
    });
    return { y };
  },
  packedConv2d(at) {
    const { inputs, attributes } = at;
    const weightShape = attributes["weightShape"] as Shape;
    const N = weightShape.at(-1)!;
    const K = weightShape.slice(0, 3).reduce((product, length) => product * length, 1);
    const weight = unpacked(inputs["packed"]!, K, N);
    return images["conv2d"]!({
      ...at,
      ...{ inputs: { ...inputs, weight }, shapes: { ...at.shapes, weight: weightShape } },
    });
  },
};
