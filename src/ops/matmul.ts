import { checkBoolean, checkOptions, ShapeError } from "../engine/index.js";
import { checkValues, formatShape, type Operation, type Value } from "../graph/index.js";
import { emitGemm } from "./gemm.js";

export interface MatmulAttributes {
  /** a is [K, M] and enters as its transpose. */
  readonly transposeA: boolean;
  /** b is [N, K] and enters as its transpose. */
  readonly transposeB: boolean;
}

/** Inputs: a and b of rank 2. Saves nothing. */
export const matmulOperation: Operation<MatmulAttributes, undefined> = {
  name: "matmul",

  forward(emit, { inputs: [a, b], attributes, output }) {
    const [M, N] = output.shape as [number, number];
    const K = a!.shape[attributes.transposeA ? 0 : 1]!;
    emitGemm(emit, { M, N, K, a: emit.data(a!), b: emit.data(b!), c: emit.data(output), ...attributes });
    return undefined;
  },

  // With C = op(A)·op(B): d op(A) = dC·op(B)ᵀ and d op(B) = op(A)ᵀ·dC; of a transposed operand, the transpose of that.
  backward(emit, { inputs: [a, b], attributes: { transposeA, transposeB }, output }, _saved, dc) {
    const [M, N] = output.shape as [number, number];
    const K = a!.shape[transposeA ? 0 : 1]!;
    emit.contribute([a!], ([da]) => {
      const other = emit.data(b!);
      if (transposeA) {
        const operands = { a: other, transposeA: transposeB, b: dc, transposeB: true };
        emitGemm(emit, { M: K, N: M, K: N, ...operands, c: da! });
      } else emitGemm(emit, { M, N: K, K: N, a: dc, b: other, transposeB: !transposeB, c: da! });
    });
    emit.contribute([b!], ([db]) => {
      const other = emit.data(a!);
      if (transposeB) {
        emitGemm(emit, { M: N, N: K, K: M, a: dc, transposeA: true, b: other, transposeB: transposeA, c: db! });
      } else emitGemm(emit, { M: K, N, K: M, a: other, transposeA: !transposeA, b: dc, c: db! });
    });
  },
};

/**
 * The matrix product op(a)·op(b), where op transposes if asked.
 *
 * @param a [M, K], or [K, M] with `transposeA`
 * @param b [K, N], or [N, K] with `transposeB`
 * @returns [M, N]
 * @throws ShapeError unless both have rank 2 and agree in K
 */
export function matmul(a: Value, b: Value, options: Partial<MatmulAttributes> = {}): Value {
  checkValues("matmul", a, b);
  checkOptions("matmul", options, ["transposeA", "transposeB"]);
  const { transposeA = false, transposeB = false } = options;
  checkBoolean("matmul: transposeA", transposeA);
  checkBoolean("matmul: transposeB", transposeB);
  for (const [name, { shape }] of [
    ["a", a],
    ["b", b],
  ] as const) {
    if (shape.length !== 2) throw new ShapeError(`matmul: ${name} has shape ${formatShape(shape)}, want rank 2`);
  }
  const [M, K] = ordered(a, transposeA);
  const [inner, N] = ordered(b, transposeB);
  if (K !== inner) {
    const shown = (value: Value, isTransposed: boolean): string =>
      formatShape(value.shape) + (isTransposed ? " transposed" : "");
    throw new ShapeError(
      `matmul: a is ${shown(a, transposeA)} and b is ${shown(b, transposeB)}; ` +
        `the ${K} columns of a must be the rows of b, which are ${inner}`,
    );
  }
  return a.graph.apply(matmulOperation, [a, b], { transposeA, transposeB }, [M, N]);
}

function ordered({ shape }: Value, isTransposed: boolean): [rows: number, columns: number] {
  return isTransposed ? [shape[1]!, shape[0]!] : [shape[0]!, shape[1]!];
}
