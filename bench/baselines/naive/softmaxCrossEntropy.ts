/** The mean of −ln softmax(row)[label] over the rows; dlogits = (softmax − one-hot label)/batch. */
export function softmaxCrossEntropy(
  logits: Float32Array,
  labels: Uint8Array | Int32Array,
  dlogits: Float32Array,
  batch: number,
  classes: number,
): number {
  let loss = 0;
  for (let n = 0; n < batch; n++) {
    const row = n * classes;
    let maximum = -Infinity;
    for (let c = 0; c < classes; c++) maximum = Math.max(maximum, logits[row + c]!);
    let sum = 0;
    for (let c = 0; c < classes; c++) {
      const exponential = Math.exp(logits[row + c]! - maximum);
      dlogits[row + c] = exponential;
      sum += exponential;
    }
    const scale = 1 / (sum * batch);
    for (let c = 0; c < classes; c++) dlogits[row + c]! *= scale;
    const label = row + labels[n]!;
    dlogits[label]! -= 1 / batch;
    loss += Math.log(sum) + maximum - logits[label]!;
  }
  return loss / batch;
}
