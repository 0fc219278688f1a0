import { naiveGemm } from "../gemm.js";
import type { Primitives } from "./primitive.js";

export const products: Primitives = {
  matmul({ inputs: { a, b }, shapes, attributes }) {
    const { transposeA, transposeB } = attributes as { transposeA: boolean; transposeB: boolean };
    const [[rows, columns], [M, N]] = [shapes["a"], shapes["y"]] as [[number, number], [number, number]];
    const y = naiveGemm({
      ...{ M, N, K: transposeA ? rows : columns },
      a: { data: a!, stride: columns, isTransposed: transposeA },
      b: { data: b!, stride: shapes["b"]![1]!, isTransposed: transposeB },
    });
    return { y };
  },
  linear({ inputs: { x, weight, bias }, shapes, attributes }) {
    const [K, N] = shapes["weight"] as [number, number];
    const y = naiveGemm({
      ...{ M: shapes["x"]![0]!, N, K, bias, relu: attributes["relu"] as boolean },
      a: { data: x!, stride: K, isTransposed: false },
      b: { data: weight!, stride: N, isTransposed: false },
    });
    return { y };
  },
  biasGradient({ inputs: { dy }, shapes }) {
    const [columns] = shapes["sum"] as [number];
    const sum = new Float64Array(columns);
    for (let i = 0; i < dy!.length; i++) sum[i % columns]! += dy![i]!;
    return { sum };
  },
};
