import type { Dataset } from "wasmgrad";
import { classes, indexOfLargest, type Inspection, type Misread, pixels, softmax } from "./digits.js";

const mostMisread = 12;

/** What the logits of held-out digits say: who is taken for whom, and the mistakes made with most confidence. */
export function inspect(digits: Dataset, logits: Float32Array): Inspection {
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const wrong: { index: number; label: number; prediction: number; confidence: number }[] = [];
  for (let index = 0; index < digits.length; index++) {
    const probabilities = softmax(logits.subarray(index * classes, (index + 1) * classes));
    const prediction = indexOfLargest(probabilities);
    const label = digits.targets[index]!;
    matrix[label]![prediction]!++;
    if (prediction !== label) wrong.push({ index, label, prediction, confidence: probabilities[prediction]! });
  }
  const misread = wrong
    .sort((a, b) => b.confidence - a.confidence)
    .slice(0, mostMisread)
    .map(({ index, ...mistake }): Misread => ({
      ...mistake,
      pixels: Uint8Array.from(digits.inputs.subarray(index * pixels, (index + 1) * pixels)),
    }));
  return { matrix, misread, misreadCount: wrong.length, accuracy: 1 - wrong.length / digits.length };
}
