/** A matrix operand: element (row, column) is data[row · stride + column], or the transposed of that. */
export interface Operand {
  readonly data: ArrayLike<number>;
  readonly stride: number;
  readonly isTransposed: boolean;
}

export interface Product {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly a: Operand;
  readonly b: Operand;
  readonly alpha?: number;
  /** Read only if beta ≠ 0; its rows are `ldc` apart. */
  readonly c?: ArrayLike<number>;
  readonly ldc?: number;
  readonly beta?: number;
  readonly bias?: ArrayLike<number> | undefined;
  readonly relu?: boolean;
}

function element({ data, stride, isTransposed }: Operand, row: number, column: number): number {
  return isTransposed ? data[column * stride + row]! : data[row * stride + column]!;
}

/** alpha · A · B + beta · C + bias, then ReLU, by the definition in float64; M × N without padding. */
export function naiveGemm({ M, N, K, a, b, alpha = 1, c, ldc = N, beta = 0, bias, relu }: Product): Float64Array {
  const result = new Float64Array(M * N);
  for (let m = 0; m < M; m++) {
    for (let n = 0; n < N; n++) {
      let sum = 0;
      for (let k = 0; k < K; k++) sum += element(a, m, k) * element(b, k, n);
      sum *= alpha;
      if (beta !== 0) sum += beta * c![m * ldc + n]!;
      if (bias) sum += bias[n]!;
      result[m * N + n] = relu && sum < 0 ? 0 : sum;
    }
  }
  return result;
}
