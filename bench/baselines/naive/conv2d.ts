import { type Conv2dShape, convolvedLength } from "../kernels.js";

/** y = x ⋆ w + bias: NHWC images, HWIO weights. */
export function conv2d(
  x: Float32Array,
  w: Float32Array,
  bias: Float32Array,
  y: Float32Array,
  shape: Conv2dShape,
): void {
  const { batch, height, width, inChannels, outChannels, kernelSize, stride, padding } = shape;
  const outHeight = convolvedLength(height, shape);
  const outWidth = convolvedLength(width, shape);
  let out = 0;
  for (let n = 0; n < batch; n++) {
    for (let outY = 0; outY < outHeight; outY++) {
      for (let outX = 0; outX < outWidth; outX++, out += outChannels) {
        for (let o = 0; o < outChannels; o++) y[out + o] = bias[o]!;
        for (let kernelY = 0; kernelY < kernelSize; kernelY++) {
          const inY = outY * stride - padding + kernelY;
          if (inY < 0 || inY >= height) continue;
          for (let kernelX = 0; kernelX < kernelSize; kernelX++) {
            const inX = outX * stride - padding + kernelX;
            if (inX < 0 || inX >= width) continue;
            const pixel = ((n * height + inY) * width + inX) * inChannels;
            let weight = (kernelY * kernelSize + kernelX) * inChannels * outChannels;
            for (let i = 0; i < inChannels; i++, weight += outChannels) {
              const factor = x[pixel + i]!;
              for (let o = 0; o < outChannels; o++) y[out + o]! += factor * w[weight + o]!;
            }
          }
        }
      }
    }
  }
}

/** dw and dbias of `conv2d`. */
export function conv2dWeightGradient(
  x: Float32Array,
  dy: Float32Array,
  dw: Float32Array,
  dbias: Float32Array,
  shape: Conv2dShape,
): void {
  const { batch, height, width, inChannels, outChannels, kernelSize, stride, padding } = shape;
  const outHeight = convolvedLength(height, shape);
  const outWidth = convolvedLength(width, shape);
  dw.fill(0);
  dbias.fill(0);
  let out = 0;
  for (let n = 0; n < batch; n++) {
    for (let outY = 0; outY < outHeight; outY++) {
      for (let outX = 0; outX < outWidth; outX++, out += outChannels) {
        for (let o = 0; o < outChannels; o++) dbias[o]! += dy[out + o]!;
        for (let kernelY = 0; kernelY < kernelSize; kernelY++) {
          const inY = outY * stride - padding + kernelY;
          if (inY < 0 || inY >= height) continue;
          for (let kernelX = 0; kernelX < kernelSize; kernelX++) {
            const inX = outX * stride - padding + kernelX;
            if (inX < 0 || inX >= width) continue;
            const pixel = ((n * height + inY) * width + inX) * inChannels;
            let weight = (kernelY * kernelSize + kernelX) * inChannels * outChannels;
            for (let i = 0; i < inChannels; i++, weight += outChannels) {
              const factor = x[pixel + i]!;
              for (let o = 0; o < outChannels; o++) dw[weight + o]! += factor * dy[out + o]!;
            }
          }
        }
      }
    }
  }
}

/** dx of `conv2d`. */
export function conv2dInputGradient(dy: Float32Array, w: Float32Array, dx: Float32Array, shape: Conv2dShape): void {
  const { batch, height, width, inChannels, outChannels, kernelSize, stride, padding } = shape;
  const outHeight = convolvedLength(height, shape);
  const outWidth = convolvedLength(width, shape);
  dx.fill(0);
  let out = 0;
  for (let n = 0; n < batch; n++) {
    for (let outY = 0; outY < outHeight; outY++) {
      for (let outX = 0; outX < outWidth; outX++, out += outChannels) {
        for (let kernelY = 0; kernelY < kernelSize; kernelY++) {
          const inY = outY * stride - padding + kernelY;
          if (inY < 0 || inY >= height) continue;
          for (let kernelX = 0; kernelX < kernelSize; kernelX++) {
            const inX = outX * stride - padding + kernelX;
            if (inX < 0 || inX >= width) continue;
            const pixel = ((n * height + inY) * width + inX) * inChannels;
            let weight = (kernelY * kernelSize + kernelX) * inChannels * outChannels;
            for (let i = 0; i < inChannels; i++, weight += outChannels) {
              let sum = 0;
              for (let o = 0; o < outChannels; o++) sum += w[weight + o]! * dy[out + o]!;
              dx[pixel + i]! += sum;
            }
          }
        }
      }
    }
  }
}
