import { flag, optional, ShapeError } from "../../engine/index.js";
import {
  type Application,
  define,
  formatShape,
  formatValue,
  reshaped,
  type Rule,
  type Shape,
  sizeOf,
  sumTo,
  type Value,
} from "../../graph/index.js";
import { emitGemm, type Product } from "./gemm.js";
import { packOnce } from "./packedProduct.js";

export interface MatmulAttributes {
  /** a is [..., K, M] and enters as its transpose. */
  readonly transposeA: boolean;
  /** b is [..., N, K] and enters as its transpose. */
  readonly transposeB: boolean;
}

const packRight: Rule = /* @__PURE__ */ packOnce((node) => (matmulOperation.made(node) ? productOf(node) : undefined));

export const matmulOperation = /* @__PURE__ */ define({
  name: "matmul",
  inputs: ["a", "b"],
  attributes: { transposeA: false, transposeB: false },
  options: () => ({ transposeA: optional(flag, false), transposeB: optional(flag, false) }),
  shape({ a, b }, attributes) {
    const { batch, M, N } = sizesOf(a, b, attributes);
    return { y: [...batch, ...(a.shape.length === 1 ? [] : [M]), ...(b.shape.length === 1 ? [] : [N])] };
  },
  lower: (emit, node) => emitGemm(emit, productOf(node), node.outputs.y),
  // With C = op(A)·op(B): d op(A) = dC·op(B)ᵀ and d op(B) = op(A)ᵀ·dC; of a transposed operand, the transpose of that. A vector is
  // a row on the left and a column on the right. Where one matrix serves several products, its gradient is the sum over them.
  gradient({ inputs, upstreams: { y: dy }, attributes }) {
    const { transposeA, transposeB } = attributes;
    const { batch, M, N, K } = sizesOf(inputs.a, inputs.b, attributes);
    const a = reshaped(inputs.a, inputs.a.shape.length === 1 ? [1, K] : inputs.a.shape);
    const b = reshaped(inputs.b, inputs.b.shape.length === 1 ? [K, 1] : inputs.b.shape);
    const dc = reshaped(dy, [...batch, M, N]);
    const da = transposeA
      ? matmul(b, dc, { transposeA: transposeB, transposeB: true })
      : matmul(dc, b, { transposeB: !transposeB });
    return { a: reshaped(sumTo(da, a.shape), inputs.a.shape), b: reshaped(rightGradient(), inputs.b.shape) };

    function rightGradient(): Value {
      const isOneForAll = sizeOf(b.shape.slice(0, -2)) === 1 && !transposeA;
      // One product, whose rows are those of all, sums as it goes.
      const rows = M * sizeOf(batch);
      const [left, upstream] = isOneForAll ? [reshaped(a, [rows, K]), reshaped(dc, [rows, N])] : [a, dc];
      const db = transposeB
        ? matmul(upstream, left, { transposeA: true, transposeB: transposeA })
        : matmul(left, upstream, { transposeA: !transposeA });
      return isOneForAll ? reshaped(db, b.shape) : sumTo(db, b.shape);
    }
  },
  rules: [packRight],
});

/**
 * The matrix product op(a)·op(b), where op transposes if asked, as NumPy's and PyTorch's: of matrices, of stacks of them, whose
 * batch axes (all but the last two) broadcast, and of vectors [K], which are a row on the left and a column on the right.
 *
 * @param a [..., M, K], or [..., K, M] with `transposeA`, or [K]
 * @param b [..., K, N], or [..., N, K] with `transposeB`, or [K]
 * @returns [..., M, N], without the axis of an operand that is a vector
 * @throws ShapeError unless both have an axis, agree in K and their batch axes broadcast; and for a vector to be transposed
 */
export function matmul(a: Value, b: Value, options: Partial<MatmulAttributes> = {}): Value {
  return matmulOperation.call({ a, b }, options).y;
}

function productOf({ inputs: { a, b }, attributes }: Application<"a" | "b", MatmulAttributes, "y">): Product {
  return { ...sizesOf(a, b, attributes), a, b, ...attributes };
}

/** The sizes of a product. Throws ShapeError for operands that do not fit together. */
function sizesOf(
  a: Value,
  b: Value,
  { transposeA, transposeB }: MatmulAttributes,
): Pick<Product, "batch" | "M" | "N" | "K"> {
  const [M, K] = matrixOf("a", a, transposeA) ?? [1, a.shape[0]!];
  const [inner, N] = matrixOf("b", b, transposeB) ?? [b.shape[0]!, 1];
  const fail = (why: string): never => {
    const shown = (value: Value, isTransposed: boolean): string =>
      formatShape(value.shape) + (isTransposed ? " transposed" : "");
    throw new ShapeError(`matmul: a is ${shown(a, transposeA)} and b is ${shown(b, transposeB)}; ${why}`);
  };
  if (K !== inner) fail(`the ${K} columns of a must be the rows of b, which are ${inner}`);
  return {
    batch:
      batchOf(a.shape.slice(0, -2), b.shape.slice(0, -2)) ??
      fail("all axes but the last two must be equal or 1, counted from the end"),
    M,
    N,
    K,
  };
}

/** Rows and columns of an operand's matrices; undefined for a vector. */
function matrixOf(name: string, value: Value, isTransposed: boolean): readonly [number, number] | undefined {
  const { shape } = value;
  if (shape.length === 0) {
    throw new ShapeError(`matmul: ${name} is ${formatValue(value)}, want a vector, a matrix or a stack of matrices`);
  }
  if (shape.length === 1) {
    if (!isTransposed) return undefined;
    const option = `transpose${name.toUpperCase()}`;
    throw new ShapeError(
      `matmul: ${name} is ${formatValue(value)}, a vector, which has no transpose; leave out ${option}`,
    );
  }
  const [rows, columns] = shape.slice(-2) as [number, number];
  return isTransposed ? [columns, rows] : [rows, columns];
}

/** What the batch axes of two operands of a product broadcast to; undefined if they do not. */
export function batchOf(left: Shape, right: Shape): Shape | undefined {
  const axes = Math.max(left.length, right.length);
  const batch: number[] = [];
  for (let axis = -axes; axis < 0; axis++) {
    const [x, y] = [left.at(axis) ?? 1, right.at(axis) ?? 1];
    if (x !== y && x !== 1 && y !== 1) return undefined;
    batch.push(x === 1 ? y : x);
  }
  return batch;
}
