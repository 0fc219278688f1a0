import type { PoolShape } from "../kernels.js";
import { maxPool2d as maxPool2dOfAnySize } from "../naive/maxPool2d.js";

/** The maximum of 2×2 windows without inner loops; other sizes by the general form. */
export function maxPool2d(x: Float32Array, y: Float32Array, argmax: Int32Array, shape: PoolShape): void {
  const { batch, height, width, channels, kernelSize } = shape;
  if (kernelSize !== 2) return maxPool2dOfAnySize(x, y, argmax, shape);
  const outHeight = height >> 1;
  const outWidth = width >> 1;
  const rowLength = width * channels;
  let out = 0;
  for (let n = 0; n < batch; n++) {
    for (let outY = 0; outY < outHeight; outY++) {
      let at = (n * height + 2 * outY) * rowLength;
      for (let outX = 0; outX < outWidth; outX++, at += channels) {
        for (let c = 0; c < channels; c++, at++, out++) {
          let best = at;
          let maximum = x[at]!;
          const right = x[at + channels]!;
          if (right > maximum) {
            maximum = right;
            best = at + channels;
          }
          const below = x[at + rowLength]!;
          if (below > maximum) {
            maximum = below;
            best = at + rowLength;
          }
          const diagonal = x[at + rowLength + channels]!;
          if (diagonal > maximum) {
            maximum = diagonal;
            best = at + rowLength + channels;
          }
          y[out] = maximum;
          argmax[out] = best;
        }
      }
    }
  }
}
