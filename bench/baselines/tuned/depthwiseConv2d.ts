import { type Conv2dShape, convolvedLength } from "../kernels.js";
import * as naive from "../naive/depthwiseConv2d.js";

/**
 * Visits the rows of a 3×3 kernel at each output pixel: with three taps where all lie inside, else tap by tap. Sums then
 * stay in registers over a row of the kernel.
 */
function eachKernelRow(
  shape: Conv2dShape,
  visit: {
    three(pixel: number, weight: number, out: number): void;
    one(pixel: number, weight: number, out: number): void;
  },
): void {
  const { batch, height, width, inChannels: channels, stride, padding } = shape;
  const outHeight = convolvedLength(height, shape);
  const outWidth = convolvedLength(width, shape);
  let out = 0;
  for (let n = 0; n < batch; n++) {
    for (let outY = 0; outY < outHeight; outY++) {
      for (let outX = 0; outX < outWidth; outX++, out += channels) {
        const left = outX * stride - padding;
        for (let kernelY = 0; kernelY < 3; kernelY++) {
          const inY = outY * stride - padding + kernelY;
          if (inY < 0 || inY >= height) continue;
          const pixel = ((n * height + inY) * width + left) * channels;
          const weight = 3 * kernelY * channels;
          if (left >= 0 && left + 2 < width) visit.three(pixel, weight, out);
          else {
            for (let kernelX = 0; kernelX < 3; kernelX++) {
              const isInside = left + kernelX >= 0 && left + kernelX < width;
              if (isInside) visit.one(pixel + kernelX * channels, weight + kernelX * channels, out);
            }
          }
        }
      }
    }
  }
}

export function depthwiseConv2d(
  x: Float32Array,
  w: Float32Array,
  bias: Float32Array,
  y: Float32Array,
  shape: Conv2dShape,
): void {
  if (shape.kernelSize !== 3) return naive.depthwiseConv2d(x, w, bias, y, shape);
  const channels = shape.inChannels;
  for (let out = 0; out < y.length; out += channels) y.set(bias, out);
  eachKernelRow(shape, {
    three: (pixel, weight, out) => {
      const [pixel1, pixel2] = [pixel + channels, pixel + 2 * channels];
      const [weight1, weight2] = [weight + channels, weight + 2 * channels];
      for (let c = 0; c < channels; c++) {
        y[out + c]! +=
          x[pixel + c]! * w[weight + c]! + x[pixel1 + c]! * w[weight1 + c]! + x[pixel2 + c]! * w[weight2 + c]!;
      }
    },
    one: (pixel, weight, out) => {
      for (let c = 0; c < channels; c++) y[out + c]! += x[pixel + c]! * w[weight + c]!;
    },
  });
}

export function depthwiseConv2dWeightGradient(
  x: Float32Array,
  dy: Float32Array,
  dw: Float32Array,
  dbias: Float32Array,
  shape: Conv2dShape,
): void {
  if (shape.kernelSize !== 3) return naive.depthwiseConv2dWeightGradient(x, dy, dw, dbias, shape);
  const channels = shape.inChannels;
  dw.fill(0);
  dbias.fill(0);
  for (let out = 0; out < dy.length; out += channels) {
    for (let c = 0; c < channels; c++) dbias[c]! += dy[out + c]!;
  }
  eachKernelRow(shape, {
    three: (pixel, weight, out) => {
      const [pixel1, pixel2] = [pixel + channels, pixel + 2 * channels];
      const [weight1, weight2] = [weight + channels, weight + 2 * channels];
      for (let c = 0; c < channels; c++) {
        const gradient = dy[out + c]!;
        dw[weight + c]! += x[pixel + c]! * gradient;
        dw[weight1 + c]! += x[pixel1 + c]! * gradient;
        dw[weight2 + c]! += x[pixel2 + c]! * gradient;
      }
    },
    one: (pixel, weight, out) => {
      for (let c = 0; c < channels; c++) dw[weight + c]! += x[pixel + c]! * dy[out + c]!;
    },
  });
}

/** For stride 1 the gradient is a convolution of dy with the kernel turned by 180°. */
export function depthwiseConv2dInputGradient(
  dy: Float32Array,
  w: Float32Array,
  dx: Float32Array,
  shape: Conv2dShape,
): void {
  const { height, width, inChannels: channels, kernelSize, stride, padding } = shape;
  if (kernelSize !== 3 || stride !== 1) return naive.depthwiseConv2dInputGradient(dy, w, dx, shape);
  const turned = new Float32Array(w.length);
  for (let tap = 0; tap < 9; tap++) {
    turned.set(w.subarray(tap * channels, (tap + 1) * channels), (8 - tap) * channels);
  }
  depthwiseConv2d(dy, turned, new Float32Array(channels), dx, {
    ...shape,
    height: convolvedLength(height, shape),
    width: convolvedLength(width, shape),
    padding: 2 - padding,
  });
}
