/**
 * What a training step or an inference must do at least, counted from the network's shapes (docs/performance.md).
 * FLOPs: 2·M·N·K of every matrix product and convolution, forward, weight gradient, and input gradient but for the first
 * layer. Bytes: what the operations between them must move, each input read once and each output written once, with the
 * fusions that save passes: see each line.
 */
export interface StepWork {
  readonly flops: number;
  readonly bytes: number;
}

const float = 4;

/** FLOPs of a linear layer; `isFirst` has no input gradient. */
function linearFlops(
  batch: number,
  inFeatures: number,
  outFeatures: number,
  isTraining: boolean,
  isFirst = false,
): number {
  return 2 * batch * inFeatures * outFeatures * (isTraining ? (isFirst ? 2 : 3) : 1);
}

/** Adam reads and writes weights and both moments and reads the gradient: 7 passes; SGD without momentum: 3. */
const adamPasses = 7;
const sgdPasses = 3;

function mlp(
  features: readonly number[],
  isTraining: boolean,
  batch: number,
  passes: number,
  activationPasses: number,
): StepWork {
  let flops = 0;
  let parameters = 0;
  let activations = 0;
  for (let i = 0; i + 1 < features.length; i++) {
    const [inFeatures, outFeatures] = [features[i]!, features[i + 1]!];
    flops += linearFlops(batch, inFeatures, outFeatures, isTraining, i === 0);
    parameters += (inFeatures + 1) * outFeatures;
    if (i + 2 < features.length) activations += batch * outFeatures;
  }
  const logits = batch * features[features.length - 1]!;
  // The batch is gathered: read and written. Softmax and its gradient read the logits and write theirs.
  const training = passes * parameters + 2 * logits + 2 * batch * features[0]!;
  return { flops, bytes: float * (activationPasses * activations + (isTraining ? training : 0)) };
}

function cnn(isTraining: boolean, batch: number): StepWork {
  const stages = [
    { size: 28, inChannels: 1, outChannels: 16 },
    { size: 14, inChannels: 16, outChannels: 32 },
  ];
  let flops = 0;
  let floats = 0;
  let parameters = 0;
  stages.forEach(({ size, inChannels, outChannels }, i) => {
    const pixels = batch * size * size;
    const outputs = pixels * outChannels;
    flops += 2 * outputs * inChannels * 9 * (isTraining ? (i === 0 ? 2 : 3) : 1);
    parameters += 9 * inChannels * outChannels + 3 * outChannels;
    // Batch norm normalises and pools: reads the convolution's output, writes a quarter of it.
    floats += outputs + outputs / 4;
    // Training first reads it once more for the statistics. Backward reads the pooled gradient and the convolution's
    // output for the sums, and both again to write the gradient.
    if (isTraining) floats += outputs + 2 * (outputs / 4 + outputs) + outputs;
  });
  const head = mlp([1568, 128, 10], isTraining, batch, adamPasses, 0);
  // The first linear layer of the head is not the first of the network: it has an input gradient.
  flops += head.flops + (isTraining ? 2 * batch * 1568 * 128 : 0);
  const training = adamPasses * parameters + 2 * batch * 784 - 2 * batch * 1568;
  return { flops, bytes: head.bytes + float * (floats + (isTraining ? training : 0)) };
}

/** The work of one of the networks of the benchmark. */
export function workOf(letter: "a" | "b" | "c", isTraining: boolean, batch: number): StepWork {
  switch (letter) {
    case "a":
      // The sigmoid reads and writes its activations, and its gradient reads two and writes one.
      return mlp([784, 128, 64, 10], isTraining, batch, sgdPasses, isTraining ? 5 : 2);
    case "b":
      // ReLU is part of the matrix products; its gradient reads two and writes one.
      return mlp([784, 256, 128, 10], isTraining, batch, adamPasses, isTraining ? 3 : 0);
    case "c":
      return cnn(isTraining, batch);
  }
}
