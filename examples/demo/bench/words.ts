/** The rows of the benchmark that tell most: what each line begins with, and what it is in plain words. */
export const chosenLines: readonly { readonly line: string; readonly words: string }[] = [
  { line: "GEMM AB 256×256×256", words: "Matrix product, 256 × 256 × 256" },
  { line: "conv2d forward 16→32 3×3 p1 @14²", words: "Convolution, 16 to 32 channels, forward" },
  { line: "conv2d weight gradient 16→32 3×3 p1 @14²", words: "The same, gradient of its weights" },
  { line: "batchNorm forward + backward", words: "Batch norm, forward and backward" },
  { line: "softmax + cross-entropy, loss and gradient 256×1000", words: "Cross-entropy of 1,000 classes" },
  { line: "Adam 10⁶", words: "Adam, a million weights" },
  { line: "training step (b)", words: "Training step of a perceptron, batch of 64" },
  { line: "training step (c)", words: "Training step of this page’s network, batch of 64" },
];
