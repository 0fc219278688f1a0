import type { KernelCall, KernelName } from "../engine/index.js";
import { MemoryRange } from "./memoryRange.js";

/** Products of fields of its record that are multiplications with an addition each, for kernels that are sums of products. */
const multiplyAdds: { readonly [K in KernelName]?: string } = {
  gemm: "M N K",
  gemmBatch: "batches M N K",
  conv2d: "groups groupPixels pieceCount pieceLength channelGroups outChannels",
  conv2dWeightGradient: "groups groupPixels pieceCount pieceLength channelGroups outChannels",
  depthwiseConv2d: "batch outHeight outWidth channels tapRows tapColumns",
  depthwiseConv2dWeightGradient: "batch outHeight outWidth channels kernelHeight kernelWidth",
};

/** The same for kernels of one operation a product, and "" for those that only move data. */
const single: { readonly [K in KernelName]?: string } = {
  ...{ relu: "count", reluBackward: "count", sum: "count", biasGradient: "rows columns", gemmReduce: "chunks M N" },
  ...{
    copy: "",
    gemmPack: "",
    gemmPackBatch: "",
    convPackFlipped: "",
    convPad: "",
    gatherWords: "",
    gatherByteLabels: "",
  },
};

/**
 * Floating-point operations of a record: those of its product, sum or elementwise operation, as its shape tells; padding counts
 * like other numbers. Undefined for kernels whose arithmetic the shape alone does not tell.
 */
export function flopsOf({ kernel, fields }: KernelCall): number | undefined {
  const names = multiplyAdds[kernel] ?? single[kernel];
  if (names === "" || names === undefined) return names === "" ? 0 : undefined;
  return names.split(" ").reduce((product, name) => product * Number(fields[name]), multiplyAdds[kernel] ? 2 : 1);
}

/** Bytes of the memory that a record reads or writes, each once; of a data set, what a batch takes of it. */
export function bytesOf({ fields, uses = [] }: KernelCall): number {
  const { source, y } = fields;
  const buffers = new Set([...Object.values(fields), ...uses].filter((value) => value instanceof MemoryRange));
  let bytes = 0;
  for (const buffer of buffers) {
    bytes += buffer === source && y instanceof MemoryRange ? Math.min(buffer.bytes, y.bytes) : buffer.bytes;
  }
  return bytes;
}
