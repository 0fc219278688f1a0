/** c[M, N] = a[M, K] · b[K, N] */
export function gemm(a: Float32Array, b: Float32Array, c: Float32Array, M: number, N: number, K: number): void {
  for (let i = 0; i < M; i++) {
    for (let j = 0; j < N; j++) {
      let sum = 0;
      for (let k = 0; k < K; k++) sum += a[i * K + k]! * b[k * N + j]!;
      c[i * N + j] = sum;
    }
  }
}
