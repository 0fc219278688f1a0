export interface Pool {
  readonly shape: readonly [batch: number, height: number, width: number, channels: number];
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  /** At the end of each axis. Default: as at its beginning. */
  readonly paddingAfter?: readonly [number, number] | undefined;
  /** [outHeight, outWidth]. Default: windows that lie within the padded image. */
  readonly count?: readonly [number, number] | undefined;
  readonly relu?: boolean;
}

/** [outHeight, outWidth]. */
export function pooledSize({ shape, kernel, stride, padding, paddingAfter = padding, count }: Pool): [number, number] {
  if (count) return [...count];
  return [0, 1].map(
    (a) => Math.floor((shape[a + 1]! + padding[a]! + paddingAfter[a]! - kernel[a]!) / stride[a]!) + 1,
  ) as [number, number];
}

/** Largest value of each window, and the index in x of the element it came from (−1 where a ReLU stops the gradient). */
export function maxPool(x: ArrayLike<number>, pool: Pool): { y: number[]; source: number[] } {
  const [batch, height, width, channels] = pool.shape;
  const [outHeight, outWidth] = pooledSize(pool);
  const y: number[] = [];
  const source: number[] = [];
  for (let b = 0; b < batch; b++) {
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++) {
        for (let c = 0; c < channels; c++) {
          let best = -1;
          for (let ky = 0; ky < pool.kernel[0]; ky++) {
            for (let kx = 0; kx < pool.kernel[1]; kx++) {
              const iy = oy * pool.stride[0] + ky - pool.padding[0];
              const ix = ox * pool.stride[1] + kx - pool.padding[1];
              if (iy < 0 || ix < 0 || iy >= height || ix >= width) continue;
              const at = ((b * height + iy) * width + ix) * channels + c;
              if (best < 0 || x[at]! > x[best]! || Number.isNaN(x[at]!)) best = at;
            }
          }
          const isStopped = (pool.relu ?? false) && x[best]! <= 0;
          y.push(isStopped ? 0 : x[best]!);
          source.push(isStopped ? -1 : best);
        }
      }
    }
  }
  return { y, source };
}

/** dx: every dy added at the element its output came from. */
export function maxPoolGradient(length: number, source: readonly number[], dy: ArrayLike<number>): number[] {
  const dx = new Array<number>(length).fill(0);
  source.forEach((at, i) => {
    if (at >= 0) dx[at]! += dy[i]!;
  });
  return dx;
}
