import { describe, expect, it } from "vitest";
import { expectClose, expectIdentical } from "../../expect.js";
import { Output, runKernel, testedBuilds, testEngine } from "../../kernel.js";
import { crossEntropies, hits, softmax } from "../../oracle/loss.js";
import { randomFloats, randomIntegers } from "../../random.js";
import { rowsApart } from "../../rowsApart.js";

const sizes = [
  [0, 3],
  [1, 1],
  [5, 1],
  [3, 2],
  [4, 4],
  [7, 5],
  [33, 10],
  [13, 12],
  [2, 17],
  [3, 1000],
] as const;

function labelsFor(rows: number, classes: number): Int32Array {
  return Int32Array.from({ length: rows }, (_, row) => (row * 7 + classes - 1) % classes);
}

describe.each(testedBuilds)("softmax and cross-entropy (%s)", async (build) => {
  const engine = await testEngine(build);
  const forward = (logits: Float32Array, labels: Int32Array, classes: number, threads = 1, keep = true) => {
    const rows = labels.length;
    const logitsRow = classes + threads - 1;
    const kept = keep
      ? { exponentials: new Output(rows * classes), inverseSums: new Output(rows) }
      : { exponentials: 0, inverseSums: 0 };
    return runKernel(
      engine,
      "softmaxCrossEntropy",
      {
        logits: rowsApart(logits, classes, logitsRow),
        labels,
        loss: new Output(rows),
        ...kept,
        rows,
        classes,
        logitsRow,
      },
      { threads },
    );
  };
  const backward = (kept: ReturnType<typeof forward>, labels: Int32Array, classes: number, threads = 1): Float32Array =>
    runKernel(
      engine,
      "softmaxCrossEntropyBackward",
      {
        exponentials: kept.exponentials!,
        inverseSums: kept.inverseSums!,
        labels,
        dLoss: Float32Array.of(-1.5),
        dx: new Output(labels.length * classes),
        rows: labels.length,
        classes,
        dLossRow: 0,
        divisor: labels.length,
      },
      { threads },
    ).dx!;

  it.each(sizes)("of %i×%i agree with float64 to 1e-6, the same bits for any number of threads", (rows, classes) => {
    const logits = randomFloats(rows * classes, 1, 10);
    const labels = labelsFor(rows, classes);
    const once = forward(logits, labels, classes);
    expectClose(once.loss!, crossEntropies(logits, labels, classes), { relative: 1e-6, absolute: 1e-6 });
    const dx = backward(once, labels, classes);
    const expected = softmax(logits, classes);
    labels.forEach((label, row) => (expected[row * classes + label]! -= 1));
    expectClose(
      dx,
      expected.map((value) => (value * -1.5) / rows),
      { relative: 1e-6, absolute: 1e-6 / Math.max(rows, 1) },
    );
    expectIdentical(forward(logits, labels, classes, 1, false).loss!, once.loss!);
    for (const threads of [2, 3, 7]) {
      const again = forward(logits, labels, classes, threads);
      for (const name of ["loss", "exponentials", "inverseSums"]) expectIdentical(again[name]!, once[name]!);
      expectIdentical(backward(once, labels, classes, threads), dx);
    }
  });

  it("takes extreme logits where separate softmax and logarithm give NaN", () => {
    const logits = Float32Array.of(-800, 0, 0, 1e4, 0, 0, NaN, 1, 2, Infinity, 0, 0);
    const labels = Int32Array.of(0, 0, 1, 0);
    const kept = forward(logits, labels, 3);
    expectClose(kept.loss!.subarray(0, 2), [800 + Math.LN2, 0], { relative: 1e-6 });
    expect(kept.loss!.subarray(2).every(Number.isNaN)).toBe(true);
    const dx = backward(kept, labels, 3);
    expectClose(dx.subarray(0, 6), [0.375, -0.1875, -0.1875, 0, 0, 0], { absolute: 1e-7 });
    expect(dx.subarray(6).every(Number.isNaN)).toBe(true);
  });

  it("gives NaN for a label that is no class, and touches nothing outside its rows", () => {
    const logits = randomFloats(6);
    for (const label of [3, -1, 2 ** 31 - 1]) {
      const labels = Int32Array.of(1, label);
      if (build === "debug") expect(() => forward(logits, labels, 3)).toThrow();
      else {
        const kept = forward(logits, labels, 3);
        expect(Array.from(kept.loss!, Number.isNaN)).toEqual([false, true]);
        expect(backward(kept, labels, 3).every(Number.isFinite)).toBe(true);
      }
    }
  });
});

describe.each(testedBuilds)("accuracy (%s)", async (build) => {
  const engine = await testEngine(build);

  it.each(sizes)("marks rows of %i×%i whose first largest score is that of the label", (rows, classes) => {
    const scores = randomIntegers(rows * classes, 1, 3);
    if (rows > 2) scores[classes * 2] = NaN;
    for (const shift of [0, 1, 2]) {
      const labels = labelsFor(rows, classes).map((label) => (label + shift) % classes);
      labels.forEach((label, row) => {
        if (row % 3 === 0) scores[row * classes + label] = 9;
      });
      for (const threads of [1, 2, 3]) {
        const scoresRow = classes + threads - 1;
        const apart = rowsApart(scores, classes, scoresRow);
        const fields = { scores: apart, labels, hits: new Output(rows), rows, classes, scoresRow };
        expectIdentical(runKernel(engine, "accuracy", fields, { threads }).hits!, hits(scores, labels, classes));
      }
    }
  });
});
