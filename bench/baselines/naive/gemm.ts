/** c[M, N] = a[M, K] · b[K, N], walking along the rows of b and c: down the columns of b it is half as fast once b is large. */
export function gemm(a: Float32Array, b: Float32Array, c: Float32Array, M: number, N: number, K: number): void {
  c.fill(0);
  for (let i = 0; i < M; i++) {
    const row = i * N;
    for (let k = 0; k < K; k++) {
      const factor = a[i * K + k]!;
      const from = k * N;
      for (let j = 0; j < N; j++) c[row + j]! += factor * b[from + j]!;
    }
  }
}
