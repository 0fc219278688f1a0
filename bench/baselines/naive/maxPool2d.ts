import type { PoolShape } from "../kernels.js";

/** Maximum of every window; `argmax[i]` is where in x the maximum y[i] was, of equal values the first. */
export function maxPool2d(x: Float32Array, y: Float32Array, argmax: Int32Array, shape: PoolShape): void {
  const { batch, height, width, channels, kernelSize } = shape;
  const outHeight = Math.floor(height / kernelSize);
  const outWidth = Math.floor(width / kernelSize);
  let out = 0;
  for (let n = 0; n < batch; n++) {
    for (let outY = 0; outY < outHeight; outY++) {
      for (let outX = 0; outX < outWidth; outX++) {
        const corner = ((n * height + outY * kernelSize) * width + outX * kernelSize) * channels;
        for (let c = 0; c < channels; c++, out++) {
          let best = corner + c;
          for (let kernelY = 0; kernelY < kernelSize; kernelY++) {
            for (let kernelX = 0; kernelX < kernelSize; kernelX++) {
              const at = corner + (kernelY * width + kernelX) * channels + c;
              if (x[at]! > x[best]!) best = at;
            }
          }
          y[out] = x[best]!;
          argmax[out] = best;
        }
      }
    }
  }
}

/** Each output's gradient goes to where its maximum was. */
export function maxPool2dBackward(dy: Float32Array, argmax: Int32Array, dx: Float32Array): void {
  dx.fill(0);
  for (let i = 0; i < dy.length; i++) dx[argmax[i]!] = dy[i]!;
}
