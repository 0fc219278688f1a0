import { type Conv2dShape, convolvedLength } from "../kernels.js";

/** Calls `visit` with the offsets of the pixels and the kernel tap of every product of a convolution. */
function eachTap(shape: Conv2dShape, visit: (pixel: number, weight: number, out: number) => void): void {
  const { batch, height, width, inChannels: channels, kernelSize, stride, padding } = shape;
  const outHeight = convolvedLength(height, shape);
  const outWidth = convolvedLength(width, shape);
  let out = 0;
  for (let n = 0; n < batch; n++) {
    for (let outY = 0; outY < outHeight; outY++) {
      for (let outX = 0; outX < outWidth; outX++, out += channels) {
        for (let kernelY = 0; kernelY < kernelSize; kernelY++) {
          const inY = outY * stride - padding + kernelY;
          if (inY < 0 || inY >= height) continue;
          for (let kernelX = 0; kernelX < kernelSize; kernelX++) {
            const inX = outX * stride - padding + kernelX;
            if (inX < 0 || inX >= width) continue;
            visit(((n * height + inY) * width + inX) * channels, (kernelY * kernelSize + kernelX) * channels, out);
          }
        }
      }
    }
  }
}

/** y = x ⋆ w + bias, each channel with its own kernel: NHWC images, weights [kernelSize, kernelSize, channels]. */
export function depthwiseConv2d(
  x: Float32Array,
  w: Float32Array,
  bias: Float32Array,
  y: Float32Array,
  shape: Conv2dShape,
): void {
  const channels = shape.inChannels;
  for (let out = 0; out < y.length; out += channels) y.set(bias, out);
  eachTap(shape, (pixel, weight, out) => {
    for (let c = 0; c < channels; c++) y[out + c]! += x[pixel + c]! * w[weight + c]!;
  });
}

/** dw and dbias of `depthwiseConv2d`. */
export function depthwiseConv2dWeightGradient(
  x: Float32Array,
  dy: Float32Array,
  dw: Float32Array,
  dbias: Float32Array,
  shape: Conv2dShape,
): void {
  const channels = shape.inChannels;
  dw.fill(0);
  dbias.fill(0);
  for (let out = 0; out < dy.length; out += channels) {
    for (let c = 0; c < channels; c++) dbias[c]! += dy[out + c]!;
  }
  eachTap(shape, (pixel, weight, out) => {
    for (let c = 0; c < channels; c++) dw[weight + c]! += x[pixel + c]! * dy[out + c]!;
  });
}

/** dx of `depthwiseConv2d`. */
export function depthwiseConv2dInputGradient(
  dy: Float32Array,
  w: Float32Array,
  dx: Float32Array,
  shape: Conv2dShape,
): void {
  const channels = shape.inChannels;
  dx.fill(0);
  eachTap(shape, (pixel, weight, out) => {
    for (let c = 0; c < channels; c++) dx[pixel + c]! += w[weight + c]! * dy[out + c]!;
  });
}
