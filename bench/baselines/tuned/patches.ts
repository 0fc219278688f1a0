import { type Conv2dShape, convolvedLength } from "../kernels.js";

/**
 * im2col of image `image`: one row of kernelSize·kernelSize·inChannels values for every output pixel, with zeros for
 * what lies outside.
 */
export function gatherPatches(x: Float32Array, image: number, shape: Conv2dShape, patches: Float32Array): void {
  const { height, width, inChannels, kernelSize, stride, padding } = shape;
  const outHeight = convolvedLength(height, shape);
  const outWidth = convolvedLength(width, shape);
  const rowLength = kernelSize * inChannels;
  let to = 0;
  for (let outY = 0; outY < outHeight; outY++) {
    for (let outX = 0; outX < outWidth; outX++) {
      const inX = outX * stride - padding;
      const isInside = inX >= 0 && inX + kernelSize <= width;
      for (let kernelY = 0; kernelY < kernelSize; kernelY++, to += rowLength) {
        const inY = outY * stride - padding + kernelY;
        const from = ((image * height + inY) * width + inX) * inChannels;
        if (inY < 0 || inY >= height) {
          for (let i = 0; i < rowLength; i++) patches[to + i] = 0;
        } else if (isInside) {
          for (let i = 0; i < rowLength; i++) patches[to + i] = x[from + i]!;
        } else {
          const first = Math.max(0, -inX) * inChannels;
          const end = Math.min(kernelSize, width - inX) * inChannels;
          for (let i = 0; i < rowLength; i++) patches[to + i] = i >= first && i < end ? x[from + i]! : 0;
        }
      }
    }
  }
}

/** col2im: adds every value of the patches to the pixel of image `image` that it came from. */
export function scatterPatches(patches: Float32Array, image: number, shape: Conv2dShape, dx: Float32Array): void {
  const { height, width, inChannels, kernelSize, stride, padding } = shape;
  const outHeight = convolvedLength(height, shape);
  const outWidth = convolvedLength(width, shape);
  const rowLength = kernelSize * inChannels;
  let from = 0;
  for (let outY = 0; outY < outHeight; outY++) {
    for (let outX = 0; outX < outWidth; outX++) {
      const inX = outX * stride - padding;
      const first = Math.max(0, -inX) * inChannels;
      const end = Math.min(kernelSize, width - inX) * inChannels;
      for (let kernelY = 0; kernelY < kernelSize; kernelY++, from += rowLength) {
        const inY = outY * stride - padding + kernelY;
        if (inY < 0 || inY >= height) continue;
        const to = ((image * height + inY) * width + inX) * inChannels;
        for (let i = first; i < end; i++) dx[to + i]! += patches[from + i]!;
      }
    }
  }
}
