/** A convolution of channels-last images in which each channel has its own kernel, by its definition. */
export interface Depthwise {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  /** At the end of each axis. Default: as at its beginning. */
  readonly paddingAfter?: readonly [number, number] | undefined;
  readonly dilation: readonly [number, number];
}

type Numbers = ArrayLike<number>;

export function outputSize(c: Depthwise): [height: number, width: number] {
  const { paddingAfter = c.padding } = c;
  const along = (size: number, axis: 0 | 1): number =>
    Math.floor(
      (size + c.padding[axis] + paddingAfter[axis] - c.dilation[axis] * (c.kernel[axis] - 1) - 1) / c.stride[axis],
    ) + 1;
  return [along(c.height, 0), along(c.width, 1)];
}

/** Calls `visit` with the indices of every product x · weight that goes into an element of y. */
function eachTerm(c: Depthwise, visit: (x: number, weight: number, y: number) => void): void {
  const [outHeight, outWidth] = outputSize(c);
  for (let y = 0; y < c.batch * outHeight * outWidth * c.channels; y++) {
    const channel = y % c.channels;
    const pixel = (y - channel) / c.channels;
    const [i, j] = [Math.floor(pixel / outWidth) % outHeight, pixel % outWidth];
    const image = Math.floor(pixel / (outHeight * outWidth));
    for (let p = 0; p < c.kernel[0]; p++) {
      for (let q = 0; q < c.kernel[1]; q++) {
        const row = i * c.stride[0] - c.padding[0] + p * c.dilation[0];
        const column = j * c.stride[1] - c.padding[1] + q * c.dilation[1];
        if (row < 0 || row >= c.height || column < 0 || column >= c.width) continue;
        const x = ((image * c.height + row) * c.width + column) * c.channels + channel;
        visit(x, (p * c.kernel[1] + q) * c.channels + channel, y);
      }
    }
  }
}

/** y in float64, after ReLU if asked. */
export function naiveDepthwise(c: Depthwise, x: Numbers, weight: Numbers, bias?: Numbers, relu = false): Float64Array {
  const [outHeight, outWidth] = outputSize(c);
  const y = new Float64Array(c.batch * outHeight * outWidth * c.channels);
  eachTerm(c, (ix, iw, iy) => (y[iy]! += x[ix]! * weight[iw]!));
  return y.map((sum, i) => {
    const value = sum + (bias ? bias[i % c.channels]! : 0);
    return relu && value < 0 ? 0 : value;
  });
}

/** Gradients of Σ dy · y with respect to x, weight and bias, in float64. */
export function naiveDepthwiseGradients(c: Depthwise, x: Numbers, weight: Numbers, dy: Numbers) {
  const dx = new Float64Array(c.batch * c.height * c.width * c.channels);
  const dw = new Float64Array(c.kernel[0] * c.kernel[1] * c.channels);
  const db = new Float64Array(c.channels);
  eachTerm(c, (ix, iw, iy) => {
    dx[ix]! += weight[iw]! * dy[iy]!;
    dw[iw]! += x[ix]! * dy[iy]!;
  });
  for (let i = 0; i < dy.length; i++) db[i % c.channels]! += dy[i]!;
  return { dx, dw, db };
}
