/**
 * One number for each kernel. `name` stands for the kernel function `name(record: NameRecord, thread, threads)`;
 * the build checks that the record class exists and gives TypeScript its layout under the same name.
 */
export const enum Opcode {
  hostCall,
  copy,
  add,
  relu,
  reluBackward,
  gemmPack,
  gemm,
  gemmReduce,
  biasGradient,
  convPad,
  convPackFlipped,
  conv2d,
  conv2dWeightGradient,
}
