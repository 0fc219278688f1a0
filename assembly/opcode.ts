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
  divide,
  scale,
  relu,
  reluBackward,
  exp,
  log,
  erf,
  erfBackward,
  sigmoid,
  sigmoidBackward,
  tanh,
  tanhBackward,
  softmax,
  softmaxBackward,
  logSoftmax,
  logSoftmaxBackward,
  softmaxCrossEntropy,
  softmaxCrossEntropyBackward,
  accuracy,
  sum,
  squaredError,
  squaredErrorBackward,
}
