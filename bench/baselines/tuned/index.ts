import { type BatchNormStatistics, type Conv2dShape, convolvedLength, type Kernels } from "../kernels.js";
import { naiveKernels } from "../naive/index.js";
import { RowwiseBatchNorm } from "./batchNorm.js";
import * as depthwiseConv2d from "./depthwiseConv2d.js";
import { rowMajor, TiledGemm, transposed } from "./gemm.js";
import { maxPool2d } from "./maxPool2d.js";
import { gatherPatches, scatterPatches } from "./patches.js";

function addBias(bias: Float32Array, y: Float32Array): void {
  for (let row = 0; row < y.length; row += bias.length) {
    for (let c = 0; c < bias.length; c++) y[row + c]! += bias[c]!;
  }
}

function sumRows(dy: Float32Array, dbias: Float32Array): void {
  dbias.fill(0);
  for (let row = 0; row < dy.length; row += dbias.length) {
    for (let c = 0; c < dbias.length; c++) dbias[c]! += dy[row + c]!;
  }
}

/**
 * The fastest forms in plain JavaScript: a register-tiled GEMM over packed panels, on which linear layers and (through
 * the matrix of patches) convolutions stand. Where the naive loop is already the best there is, it is that one.
 */
export function createTunedKernels(): Kernels {
  const gemm = new TiledGemm();
  const norm = new RowwiseBatchNorm();
  let patches = new Float32Array(0);

  /** Reserves the matrix of patches of one image and gives its sizes. */
  const preparePatches = (shape: Conv2dShape): { pixels: number; patchLength: number } => {
    const pixels = convolvedLength(shape.height, shape) * convolvedLength(shape.width, shape);
    const patchLength = shape.kernelSize * shape.kernelSize * shape.inChannels;
    if (patches.length < pixels * patchLength) patches = new Float32Array(pixels * patchLength);
    return { pixels, patchLength };
  };

  return {
    ...naiveKernels,
    ...depthwiseConv2d,
    maxPool2d,
    batchNorm(x, gamma, beta, y, statistics: BatchNormStatistics) {
      norm.forward(x, gamma, beta, y, statistics);
    },
    batchNormBackward(x, gamma, dy, dx, dgamma, dbeta, statistics: BatchNormStatistics) {
      norm.backward(x, gamma, dy, dx, dgamma, dbeta, statistics);
    },
    gemm(a, b, c, M, N, K) {
      gemm.multiply(rowMajor(a, K), rowMajor(b, N), c, 0, M, N, K, false);
    },
    linear(x, w, bias, y, batch, inFeatures, outFeatures) {
      gemm.multiply(rowMajor(x, inFeatures), rowMajor(w, outFeatures), y, 0, batch, outFeatures, inFeatures, false);
      addBias(bias, y);
    },
    linearWeightGradient(x, dy, dw, dbias, batch, inFeatures, outFeatures) {
      const xTransposed = transposed(rowMajor(x, inFeatures));
      gemm.multiply(xTransposed, rowMajor(dy, outFeatures), dw, 0, inFeatures, outFeatures, batch, false);
      sumRows(dy, dbias);
    },
    linearInputGradient(dy, w, dx, batch, inFeatures, outFeatures) {
      const wTransposed = transposed(rowMajor(w, outFeatures));
      gemm.multiply(rowMajor(dy, outFeatures), wTransposed, dx, 0, batch, inFeatures, outFeatures, false);
    },
    conv2d(x, w, bias, y, shape) {
      const { batch, outChannels } = shape;
      const { pixels, patchLength } = preparePatches(shape);
      for (let n = 0; n < batch; n++) {
        gatherPatches(x, n, shape, patches);
        const start = n * pixels * outChannels;
        const patchRows = rowMajor(patches, patchLength);
        gemm.multiply(patchRows, rowMajor(w, outChannels), y, start, pixels, outChannels, patchLength, false);
      }
      addBias(bias, y);
    },
    conv2dWeightGradient(x, dy, dw, dbias, shape) {
      const { batch, outChannels } = shape;
      const { pixels, patchLength } = preparePatches(shape);
      for (let n = 0; n < batch; n++) {
        gatherPatches(x, n, shape, patches);
        const patchColumns = transposed(rowMajor(patches, patchLength));
        const dyOfImage = rowMajor(dy, outChannels, n * pixels * outChannels);
        gemm.multiply(patchColumns, dyOfImage, dw, 0, patchLength, outChannels, pixels, n > 0);
      }
      sumRows(dy, dbias);
    },
    conv2dInputGradient(dy, w, dx, shape) {
      const { batch, outChannels } = shape;
      const { pixels, patchLength } = preparePatches(shape);
      const wTransposed = transposed(rowMajor(w, outChannels));
      dx.fill(0);
      for (let n = 0; n < batch; n++) {
        const dyOfImage = rowMajor(dy, outChannels, n * pixels * outChannels);
        gemm.multiply(dyOfImage, wTransposed, patches, 0, pixels, patchLength, outChannels, false);
        scatterPatches(patches, n, shape, dx);
      }
    },
  };
}
