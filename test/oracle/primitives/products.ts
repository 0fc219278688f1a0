import { naiveGemm, type Operand } from "../gemm.js";
import type { Numbers, Primitives } from "../primitive.js";

type Shape = readonly number[];

const sizeOf = (shape: Shape): number => shape.reduce((product, length) => product * length, 1);

/** The matrices of an operand, which has [..., rows, columns], those two exchanged, or one row or column. */
function stackOf(data: Numbers, shape: Shape, isTransposed: boolean, vector: "row" | "column") {
  const whole = shape.length > 1 ? shape : vector === "row" ? [1, ...shape] : [...shape, 1];
  const [down, across] = whole.slice(-2) as [number, number];
  const batch = whole.slice(0, -2);
  return {
    batch,
    rows: isTransposed ? across : down,
    columns: isTransposed ? down : across,
    /** Of the i-th product, by the indices along its batch axes: where the operand has one matrix, or no axis, that is it. */
    matrix(i: number, batches: Shape): Operand {
      let [index, step, rest] = [0, 1, i];
      for (let axis = 1; axis <= batches.length; axis++) {
        const length = batches.at(-axis)!;
        const own = batch.at(-axis) ?? 1;
        if (axis <= batch.length && own > 1) index += (rest % length) * step;
        step *= own;
        rest = Math.floor(rest / length);
      }
      const size = down * across;
      return { data: Array.from(data).slice(index * size, (index + 1) * size), stride: across, isTransposed };
    },
  };
}

export const primitives: Primitives = {
  matmul({ inputs: { a, b }, shapes, attributes }) {
    const { transposeA, transposeB } = attributes as { transposeA: boolean; transposeB: boolean };
    const left = stackOf(a!, shapes["a"]!, transposeA, "row");
    const right = stackOf(b!, shapes["b"]!, transposeB, "column");
    const y = new Float64Array(sizeOf(shapes["y"]!));
    const batch = shapes["y"]!.slice(0, Math.max(left.batch.length, right.batch.length));
    const { rows: M, columns: K } = left;
    const N = right.columns;
    for (let i = 0; i < sizeOf(batch); i++) {
      y.set(naiveGemm({ M, N, K, a: left.matrix(i, batch), b: right.matrix(i, batch) }), i * M * N);
    }
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
