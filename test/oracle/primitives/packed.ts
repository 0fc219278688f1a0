import type { Shape } from "../../../src/graph/index.js";
import { naiveGemm } from "../gemm.js";
import { primitives as convolutions } from "./convolution.js";
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
  packConvolutionWeight({ inputs: { weight }, shapes, attributes }) {
    const { groups } = attributes as { readonly groups: number };
    const columns = shapes["weight"]!.at(-1)!;
    const [K, N] = [weight!.length / columns, columns / groups];
    const panels = new Float64Array(shapes["packed"]![0]!);
    const size = panels.length / groups;
    for (let k = 0; k < K; k++) {
      for (let column = 0; column < columns; column++) {
        const group = Math.floor(column / N);
        panels[group * size + placeOf(k, column - group * N, K)] = weight![k * columns + column]!;
      }
    }
    return { packed: panels };
  },
  packedConvolution(at) {
    const { inputs, attributes } = at;
    const { weightShape, groups } = attributes as { readonly weightShape: Shape; readonly groups: number };
    const columns = weightShape.at(-1)!;
    const N = columns / groups;
    const K = weightShape.slice(0, -1).reduce((product, length) => product * length, 1);
    const size = inputs["packed"]!.length / groups;
    const matrices = Array.from({ length: groups }, (_, group) =>
      unpacked(Array.from(inputs["packed"]!).slice(group * size, (group + 1) * size), K, N),
    );
    const weight = Float64Array.from({ length: K * columns }, (_, i) => {
      const column = i % columns;
      return matrices[Math.floor(column / N)]![Math.floor(i / columns) * N + (column % N)]!;
    });
    return convolutions["convolution"]!({
      ...at,
      ...{ inputs: { ...inputs, weight }, shapes: { ...at.shapes, weight: weightShape } },
    });
  },
};
