import { flag, optional, ShapeError } from "../engine/index.js";
import { type Application, define, formatShape, type Rule, type Value } from "../graph/index.js";
import { emitGemm, type Product } from "./gemm.js";
import { packOnce } from "./packedProduct.js";

export interface MatmulAttributes {
  /** a is [K, M] and enters as its transpose. */
  readonly transposeA: boolean;
  /** b is [N, K] and enters as its transpose. */
  readonly transposeB: boolean;
}

const packRight: Rule = /* @__PURE__ */ packOnce((node) => (matmulOperation.made(node) ? productOf(node) : undefined));

export const matmulOperation = /* @__PURE__ */ define({
  name: "matmul",
  inputs: ["a", "b"],
  attributes: { transposeA: false, transposeB: false },
  options: () => ({ transposeA: optional(flag, false), transposeB: optional(flag, false) }),
  shape({ a, b }, { transposeA, transposeB }) {
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
    return { y: [M, N] };
  },
  lower: (emit, node) => emitGemm(emit, productOf(node), node.outputs.y),
  // With C = op(A)·op(B): d op(A) = dC·op(B)ᵀ and d op(B) = op(A)ᵀ·dC; of a transposed operand, the transpose of that.
  gradient({ inputs: { a, b }, upstreams: { y: dc }, attributes: { transposeA, transposeB } }) {
    return {
      a: transposeA
        ? matmul(b, dc, { transposeA: transposeB, transposeB: true })
        : matmul(dc, b, { transposeB: !transposeB }),
      b: transposeB
        ? matmul(dc, a, { transposeA: true, transposeB: transposeA })
        : matmul(a, dc, { transposeA: !transposeA }),
    };
  },
  rules: [packRight],
});

/**
 * The matrix product op(a)·op(b), where op transposes if asked.
 *
 * @param a [M, K], or [K, M] with `transposeA`
 * @param b [K, N], or [N, K] with `transposeB`
 * @returns [M, N]
 * @throws ShapeError unless both have rank 2 and agree in K
 */
export function matmul(a: Value, b: Value, options: Partial<MatmulAttributes> = {}): Value {
  return matmulOperation.call({ a, b }, options).y;
}

function productOf({
  inputs: { a, b },
  outputs: { y },
  attributes,
}: Application<"a" | "b", MatmulAttributes, "y">): Product {
  const [M, N] = y.shape as [number, number];
  return { M, N, K: ordered(a, attributes.transposeA)[1], a, b, ...attributes };
}

function ordered({ shape }: Value, isTransposed: boolean): [rows: number, columns: number] {
  return isTransposed ? [shape[1]!, shape[0]!] : [shape[0]!, shape[1]!];
}
