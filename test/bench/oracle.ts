import type { Conv2dShape } from "../../bench/baselines/index.js";

/** Float64 forward passes by their definitions; gradients come from central differences. They share no code with what they check. */
export type Numbers = ArrayLike<number>;

export function linear(x: Numbers, w: Numbers, bias: Numbers, inFeatures: number): Float64Array {
  const outFeatures = bias.length;
  return Float64Array.from({ length: (x.length / inFeatures) * outFeatures }, (_, index) => {
    const [n, o] = [Math.floor(index / outFeatures), index % outFeatures];
    let sum = bias[o]!;
    for (let i = 0; i < inFeatures; i++) sum += x[n * inFeatures + i]! * w[i * outFeatures + o]!;
    return sum;
  });
}

export function conv2d(x: Numbers, w: Numbers, bias: Numbers, shape: Conv2dShape): Float64Array {
  const { batch, height, width, inChannels, outChannels, kernelSize, stride, padding } = shape;
  const y: number[] = [];
  for (let n = 0; n < batch; n++) {
    for (let top = -padding; top + kernelSize <= height + padding; top += stride) {
      for (let left = -padding; left + kernelSize <= width + padding; left += stride) {
        for (let o = 0; o < outChannels; o++) {
          let sum = bias[o]!;
          for (let at = 0; at < kernelSize * kernelSize * inChannels; at++) {
            const [i, kernelX] = [at % inChannels, Math.floor(at / inChannels) % kernelSize];
            const [row, column] = [top + Math.floor(at / inChannels / kernelSize), left + kernelX];
            const isInside = row >= 0 && row < height && column >= 0 && column < width;
            if (isInside) sum += x[((n * height + row) * width + column) * inChannels + i]! * w[at * outChannels + o]!;
          }
          y.push(sum);
        }
      }
    }
  }
  return Float64Array.from(y);
}

/** Each channel with its own kernel: a convolution whose other weights are zero. */
export function depthwiseConv2d(x: Numbers, w: Numbers, bias: Numbers, shape: Conv2dShape): Float64Array {
  const channels = bias.length;
  const full = new Float64Array(w.length * channels);
  for (let i = 0; i < w.length; i++) full[i * channels + (i % channels)] = w[i]!;
  return conv2d(x, full, bias, shape);
}

export function batchNorm(x: Numbers, gamma: Numbers, beta: Numbers, epsilon: number): Float64Array {
  const channels = gamma.length;
  const values = Array.from(x);
  return Float64Array.from(values, (value, at) => {
    const c = at % channels;
    const column = values.filter((_, i) => i % channels === c);
    const mean = column.reduce((sum, each) => sum + each, 0) / column.length;
    const variance = column.reduce((sum, each) => sum + (each - mean) ** 2, 0) / column.length;
    return (gamma[c]! * (value - mean)) / Math.sqrt(variance + epsilon) + beta[c]!;
  });
}

export function maxPool2d(x: Numbers, size: number, channels: number): Float64Array {
  const half = Math.floor(size / 2);
  const batch = x.length / (size * size * channels);
  return Float64Array.from({ length: batch * half * half * channels }, (_, index) => {
    const c = index % channels;
    const pixel = Math.floor(index / channels);
    const [outX, outY, n] = [pixel % half, Math.floor(pixel / half) % half, Math.floor(pixel / half / half)];
    const at = (dy: number, dx: number): number =>
      x[((n * size + 2 * outY + dy) * size + 2 * outX + dx) * channels + c]!;
    return Math.max(at(0, 0), at(0, 1), at(1, 0), at(1, 1));
  });
}

export function softmaxCrossEntropy(logits: Numbers, labels: Numbers): number {
  const classes = logits.length / labels.length;
  let loss = 0;
  for (let n = 0; n < labels.length; n++) {
    const row = Array.from({ length: classes }, (_, c) => logits[n * classes + c]!);
    const maximum = Math.max(...row);
    const sum = row.reduce((total, logit) => total + Math.exp(logit - maximum), 0);
    loss -= row[labels[n]!]! - maximum - Math.log(sum);
  }
  return loss / labels.length;
}

/** d f / d x by central differences; `f` reads x. */
export function differentiate(f: () => number, x: Float64Array, step = 1e-5): Float64Array {
  return x.map((center, i) => {
    x[i] = center + step;
    const above = f();
    x[i] = center - step;
    const below = f();
    x[i] = center;
    return (above - below) / (2 * step);
  });
}
