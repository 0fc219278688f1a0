/** A convolution of channels-last images, by its definition. */
export interface Convolution {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly outChannels: number;
  readonly stride?: readonly [number, number];
  readonly padding?: readonly [number, number];
  /** At the end of each axis. Default: as at its beginning. */
  readonly paddingAfter?: readonly [number, number] | undefined;
  readonly dilation?: readonly [number, number];
}

type Numbers = ArrayLike<number>;

export function outputSize(c: Convolution): [height: number, width: number] {
  const { stride = [1, 1], padding = [0, 0], paddingAfter = padding, dilation = [1, 1] } = c;
  const along = (size: number, kernel: number, axis: 0 | 1): number =>
    Math.floor((size + padding[axis] + paddingAfter[axis] - dilation[axis] * (kernel - 1) - 1) / stride[axis]) + 1;
  return [along(c.height, c.kernelHeight, 0), along(c.width, c.kernelWidth, 1)];
}

/** Calls `visit` with the indices of every product x · weight that goes into an element of y. */
function eachTerm(c: Convolution, visit: (x: number, weight: number, y: number) => void): void {
  const { stride = [1, 1], padding = [0, 0], dilation = [1, 1] } = c;
  const [outHeight, outWidth] = outputSize(c);
  for (let b = 0; b < c.batch; b++) {
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        for (let p = 0; p < c.kernelHeight; p++) {
          const row = i * stride[0] + p * dilation[0] - padding[0];
          if (row < 0 || row >= c.height) continue;
          for (let q = 0; q < c.kernelWidth; q++) {
            const column = j * stride[1] + q * dilation[1] - padding[1];
            if (column < 0 || column >= c.width) continue;
            for (let n = 0; n < c.outChannels; n++) {
              for (let k = 0; k < c.channels; k++) {
                visit(
                  ((b * c.height + row) * c.width + column) * c.channels + k,
                  ((p * c.kernelWidth + q) * c.channels + k) * c.outChannels + n,
                  ((b * outHeight + i) * outWidth + j) * c.outChannels + n,
                );
              }
            }
          }
        }
      }
    }
  }
}

/** y = convolution of x with weight, plus bias, then ReLU, in float64. */
export function naiveConv(c: Convolution, x: Numbers, weight: Numbers, bias?: Numbers, relu = false): Float64Array {
  const [outHeight, outWidth] = outputSize(c);
  const y = new Float64Array(c.batch * outHeight * outWidth * c.outChannels);
  eachTerm(c, (ix, iw, iy) => (y[iy]! += x[ix]! * weight[iw]!));
  return y.map((sum, i) => {
    const value = sum + (bias ? bias[i % c.outChannels]! : 0);
    return relu && value < 0 ? 0 : value;
  });
}

/** Gradients of Σ dy · y with respect to x, weight and bias, in float64. */
export function naiveConvGradients(
  c: Convolution,
  x: Numbers,
  weight: Numbers,
  dy: Numbers,
): { dx: Float64Array; dw: Float64Array; db: Float64Array } {
  const dx = new Float64Array(c.batch * c.height * c.width * c.channels);
  const dw = new Float64Array(c.kernelHeight * c.kernelWidth * c.channels * c.outChannels);
  const db = new Float64Array(c.outChannels);
  eachTerm(c, (ix, iw, iy) => {
    dx[ix]! += weight[iw]! * dy[iy]!;
    dw[iw]! += x[ix]! * dy[iy]!;
  });
  for (let i = 0; i < dy.length; i++) db[i % c.outChannels]! += dy[i]!;
  return { dx, dw, db };
}
