/**
 * One number for each kernel. `name` stands for the kernel function `name(record: NameRecord, thread, threads)`;
 * the build checks that the record class exists and gives TypeScript its layout under the same name.
 */
export const enum Opcode {
  hostCall,
  copy,
  add,
  subtract,
  multiply,
  scale,
  relu,
  reluBackward,
  gemmPack,
  gemm,
  gemmReduce,
  biasGradient,
  sgd,
  adagrad,
  adam,
  gatherBytes,
  gatherWords,
  gatherByteLabels,
  dropout,
  maxPool2d,
  maxPool2dBackward,
  maxPool2x2,
  maxPool2x2Backward,
  convPad,
  convPackFlipped,
  conv2d,
  conv2dWeightGradient,
}
