import { Opcode } from "./opcode";
import { KernelRecord } from "./record";
import { hostCall, HostCallRecord } from "./hostCall";
import { copy, CopyRecord } from "./elementwise/copy";
import { add, AddRecord } from "./elementwise/add";
import { biasGradient, BiasGradientRecord } from "./gemm/biasGradient";
import { gemm, GemmRecord } from "./gemm/gemm";
import { gemmPack, GemmPackRecord } from "./gemm/pack";
import { gemmReduce, GemmReduceRecord } from "./gemm/reduce";
import { sgd, SgdRecord } from "./optim/sgd";
import { adagrad, AdagradRecord } from "./optim/adagrad";
import { adam, AdamRecord } from "./optim/adam";
import {
  gatherByteLabels,
  GatherByteLabelsRecord,
  gatherBytes,
  GatherBytesRecord,
  gatherWords,
  GatherWordsRecord,
} from "./data/gather";
import { dropout, DropoutRecord } from "./dropout/dropout";
import { conv2d, Conv2dRecord } from "./conv/forward";
import { depthwiseConv2d, DepthwiseConv2dRecord } from "./conv/depthwise";
import { depthwiseConv2dWeightGradient, DepthwiseConv2dWeightGradientRecord } from "./conv/depthwiseWeightGradient";
import { convPackFlipped, ConvPackFlippedRecord } from "./conv/packFlipped";
import { convPad, ConvPadRecord } from "./conv/pad";
import { conv2dWeightGradient, Conv2dWeightGradientRecord } from "./conv/weightGradient";
import {
  divide,
  DivideRecord,
  multiply,
  MultiplyRecord,
  scale,
  ScaleRecord,
  subtract,
  SubtractRecord,
} from "./elementwise/arithmetic";
import { batchNormPool, BatchNormPoolRecord } from "./norm/poolForward";
import {
  batchNormPoolBackwardApply,
  BatchNormPoolBackwardApplyRecord,
  batchNormPoolBackwardReduce,
  BatchNormPoolBackwardReduceRecord,
} from "./norm/poolBackward";
import { relu, reluBackward, ReluBackwardRecord, ReluRecord } from "./activation/relu";
import {
  erf,
  erfBackward,
  ErfBackwardRecord,
  ErfRecord,
  exp,
  ExpRecord,
  log,
  LogRecord,
} from "./elementwise/transcendental";
import { sigmoid, sigmoidBackward, SigmoidBackwardRecord, SigmoidRecord } from "./activation/sigmoid";
import { tanh, tanhBackward, TanhBackwardRecord, TanhRecord } from "./activation/tanh";
import { softmax, softmaxBackward, SoftmaxBackwardRecord, SoftmaxRecord } from "./softmax/softmax";
import { logSoftmax, logSoftmaxBackward, LogSoftmaxBackwardRecord, LogSoftmaxRecord } from "./softmax/logSoftmax";
import {
  softmaxCrossEntropy,
  softmaxCrossEntropyBackward,
  SoftmaxCrossEntropyBackwardRecord,
  SoftmaxCrossEntropyRecord,
} from "./loss/softmaxCrossEntropy";
import { accuracy, AccuracyRecord } from "./loss/accuracy";
import { sum, SumRecord } from "./loss/sum";
import {
  squaredError,
  squaredErrorBackward,
  SquaredErrorBackwardRecord,
  SquaredErrorRecord,
} from "./loss/squaredError";
import { batchNormStatistics, BatchNormStatisticsRecord } from "./norm/statistics";
import { batchNormFinish, BatchNormFinishRecord, batchNormFold, BatchNormFoldRecord } from "./norm/finish";
import { batchNormApply, BatchNormApplyRecord } from "./norm/apply";
import {
  batchNormBackwardApply,
  BatchNormBackwardApplyRecord,
  batchNormBackwardFinish,
  BatchNormBackwardFinishRecord,
  batchNormBackwardReduce,
  BatchNormBackwardReduceRecord,
} from "./norm/backward";
import { maxPool, MaxPoolRecord } from "./pool/maxPool";
import { maxPoolBackward, MaxPoolBackwardRecord } from "./pool/maxPoolBackward";

/** Executes one thread's share of one record. */
export function execute(record: KernelRecord, thread: i32, threads: i32): void {
  const at = changetype<usize>(record);
  switch (record.opcode) {
    case Opcode.hostCall:
      return hostCall(changetype<HostCallRecord>(at), thread, threads);
    case Opcode.copy:
      return copy(changetype<CopyRecord>(at), thread, threads);
    case Opcode.add:
      return add(changetype<AddRecord>(at), thread, threads);
    case Opcode.subtract:
      return subtract(changetype<SubtractRecord>(at), thread, threads);
    case Opcode.multiply:
      return multiply(changetype<MultiplyRecord>(at), thread, threads);
    case Opcode.divide:
      return divide(changetype<DivideRecord>(at), thread, threads);
    case Opcode.scale:
      return scale(changetype<ScaleRecord>(at), thread, threads);
    case Opcode.relu:
      return relu(changetype<ReluRecord>(at), thread, threads);
    case Opcode.reluBackward:
      return reluBackward(changetype<ReluBackwardRecord>(at), thread, threads);
    case Opcode.gemmPack:
      return gemmPack(changetype<GemmPackRecord>(at), thread, threads);
    case Opcode.gemm:
      return gemm(changetype<GemmRecord>(at), thread, threads);
    case Opcode.gemmReduce:
      return gemmReduce(changetype<GemmReduceRecord>(at), thread, threads);
    case Opcode.biasGradient:
      return biasGradient(changetype<BiasGradientRecord>(at), thread, threads);
    case Opcode.sgd:
      return sgd(changetype<SgdRecord>(at), thread, threads);
    case Opcode.adagrad:
      return adagrad(changetype<AdagradRecord>(at), thread, threads);
    case Opcode.adam:
      return adam(changetype<AdamRecord>(at), thread, threads);
    case Opcode.gatherBytes:
      return gatherBytes(changetype<GatherBytesRecord>(at), thread, threads);
    case Opcode.gatherWords:
      return gatherWords(changetype<GatherWordsRecord>(at), thread, threads);
    case Opcode.gatherByteLabels:
      return gatherByteLabels(changetype<GatherByteLabelsRecord>(at), thread, threads);
    case Opcode.dropout:
      return dropout(changetype<DropoutRecord>(at), thread, threads);
    case Opcode.convPad:
      return convPad(changetype<ConvPadRecord>(at), thread, threads);
    case Opcode.convPackFlipped:
      return convPackFlipped(changetype<ConvPackFlippedRecord>(at), thread, threads);
    case Opcode.conv2d:
      return conv2d(changetype<Conv2dRecord>(at), thread, threads);
    case Opcode.conv2dWeightGradient:
      return conv2dWeightGradient(changetype<Conv2dWeightGradientRecord>(at), thread, threads);
    case Opcode.depthwiseConv2d:
      return depthwiseConv2d(changetype<DepthwiseConv2dRecord>(at), thread, threads);
    case Opcode.depthwiseConv2dWeightGradient:
      return depthwiseConv2dWeightGradient(changetype<DepthwiseConv2dWeightGradientRecord>(at), thread, threads);
    case Opcode.exp:
      return exp(changetype<ExpRecord>(at), thread, threads);
    case Opcode.log:
      return log(changetype<LogRecord>(at), thread, threads);
    case Opcode.erf:
      return erf(changetype<ErfRecord>(at), thread, threads);
    case Opcode.erfBackward:
      return erfBackward(changetype<ErfBackwardRecord>(at), thread, threads);
    case Opcode.sigmoid:
      return sigmoid(changetype<SigmoidRecord>(at), thread, threads);
    case Opcode.sigmoidBackward:
      return sigmoidBackward(changetype<SigmoidBackwardRecord>(at), thread, threads);
    case Opcode.tanh:
      return tanh(changetype<TanhRecord>(at), thread, threads);
    case Opcode.tanhBackward:
      return tanhBackward(changetype<TanhBackwardRecord>(at), thread, threads);
    case Opcode.softmax:
      return softmax(changetype<SoftmaxRecord>(at), thread, threads);
    case Opcode.softmaxBackward:
      return softmaxBackward(changetype<SoftmaxBackwardRecord>(at), thread, threads);
    case Opcode.logSoftmax:
      return logSoftmax(changetype<LogSoftmaxRecord>(at), thread, threads);
    case Opcode.logSoftmaxBackward:
      return logSoftmaxBackward(changetype<LogSoftmaxBackwardRecord>(at), thread, threads);
    case Opcode.softmaxCrossEntropy:
      return softmaxCrossEntropy(changetype<SoftmaxCrossEntropyRecord>(at), thread, threads);
    case Opcode.softmaxCrossEntropyBackward:
      return softmaxCrossEntropyBackward(changetype<SoftmaxCrossEntropyBackwardRecord>(at), thread, threads);
    case Opcode.accuracy:
      return accuracy(changetype<AccuracyRecord>(at), thread, threads);
    case Opcode.sum:
      return sum(changetype<SumRecord>(at), thread, threads);
    case Opcode.squaredError:
      return squaredError(changetype<SquaredErrorRecord>(at), thread, threads);
    case Opcode.squaredErrorBackward:
      return squaredErrorBackward(changetype<SquaredErrorBackwardRecord>(at), thread, threads);
    case Opcode.batchNormStatistics:
      return batchNormStatistics(changetype<BatchNormStatisticsRecord>(at), thread, threads);
    case Opcode.batchNormFinish:
      return batchNormFinish(changetype<BatchNormFinishRecord>(at), thread, threads);
    case Opcode.batchNormFold:
      return batchNormFold(changetype<BatchNormFoldRecord>(at), thread, threads);
    case Opcode.batchNormApply:
      return batchNormApply(changetype<BatchNormApplyRecord>(at), thread, threads);
    case Opcode.batchNormBackwardReduce:
      return batchNormBackwardReduce(changetype<BatchNormBackwardReduceRecord>(at), thread, threads);
    case Opcode.batchNormBackwardFinish:
      return batchNormBackwardFinish(changetype<BatchNormBackwardFinishRecord>(at), thread, threads);
    case Opcode.batchNormBackwardApply:
      return batchNormBackwardApply(changetype<BatchNormBackwardApplyRecord>(at), thread, threads);
    case Opcode.maxPool:
      return maxPool(changetype<MaxPoolRecord>(at), thread, threads);
    case Opcode.maxPoolBackward:
      return maxPoolBackward(changetype<MaxPoolBackwardRecord>(at), thread, threads);
    case Opcode.batchNormPool:
      return batchNormPool(changetype<BatchNormPoolRecord>(at), thread, threads);
    case Opcode.batchNormPoolBackwardReduce:
      return batchNormPoolBackwardReduce(changetype<BatchNormPoolBackwardReduceRecord>(at), thread, threads);
    case Opcode.batchNormPoolBackwardApply:
      return batchNormPoolBackwardApply(changetype<BatchNormPoolBackwardApplyRecord>(at), thread, threads);
    default:
      unreachable();
  }
}
