export interface PoolGeometry {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly kernelSize: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
}

export function pooledLengths({ height, width, kernelSize, stride, padding }: PoolGeometry): [number, number] {
  const along = (length: number, axis: 0 | 1): number =>
    Math.floor((length + 2 * padding[axis] - kernelSize[axis]) / stride[axis]) + 1;
  return [along(height, 0), along(width, 1)];
}

/** Maxima and, for each, the flat index of the element of x that won: NaN over numbers, the first of equals. */
export function maxPool2dOracle(x: ArrayLike<number>, geometry: PoolGeometry): { y: number[]; winner: number[] } {
  const { batch, height, width, channels, kernelSize, stride, padding } = geometry;
  const [outHeight, outWidth] = pooledLengths(geometry);
  const y: number[] = [];
  const winner: number[] = [];
  for (let n = 0; n < batch; n++) {
    for (let oh = 0; oh < outHeight; oh++) {
      for (let ow = 0; ow < outWidth; ow++) {
        for (let c = 0; c < channels; c++) {
          let best = -1;
          for (let i = 0; i < kernelSize[0]; i++) {
            for (let j = 0; j < kernelSize[1]; j++) {
              const [h, w] = [oh * stride[0] + i - padding[0], ow * stride[1] + j - padding[1]];
              if (h < 0 || h >= height || w < 0 || w >= width) continue;
              const at = ((n * height + h) * width + w) * channels + c;
              if (best < 0 || x[at]! > x[best]! || Number.isNaN(x[at]!)) best = at;
            }
          }
          y.push(x[best]!);
          winner.push(best);
        }
      }
    }
  }
  return { y, winner };
}
