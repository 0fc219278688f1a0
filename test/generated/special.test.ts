import { describe, expect, it } from "vitest";
import { TracedSample } from "../catalogue/tracedSample.js";
import { operations } from "../catalogue/operations.js";
import { type Elementwise, elementwiseOperations, elementwiseSample } from "../catalogue/ownSamples.js";
import { isEmpty, type Sample } from "../catalogue/sample.js";
import { allSamples } from "../catalogue/samples.js";
import { testedBuilds, testEngine } from "../kernel.js";

const denormal = 2 ** -149;
const special = [NaN, Infinity, -Infinity, 0, -0, denormal, -denormal, 1e-39, -1e-39, 1, -1, 2.5];

/** An operation on each combination of special values. */
function combinations(elementwise: Elementwise): Sample {
  const size = special.length ** elementwise.operation.inputNames.length;
  return elementwiseSample(elementwise, [size], (_, place) =>
    Float32Array.from({ length: size }, (_, i) => special[Math.floor(i / special.length ** place) % special.length]!),
  );
}

/** A sample with one element of one input replaced by NaN and infinities in turn. */
function variants(sample: Sample): readonly Sample[] {
  return sample.inputs.flatMap((tensor, which) =>
    [NaN, Infinity, -Infinity].map((value) => {
      const data = tensor.data.slice();
      data[Math.floor(data.length / 2)] = value;
      const inputs = sample.inputs.map((input, i) => (i === which ? { shape: input.shape, data } : input));
      return { ...sample, title: `${sample.title}, ${value} in input ${which}`, inputs };
    }),
  );
}

/** Fails unless NaN, infinities, signs and zeros stand where they should; others, denormals too, are right to some bits. */
function expectSameClass(actual: Float32Array, expected: ArrayLike<number>): void {
  actual.forEach((value, i) => {
    const exact = Math.fround(expected[i]!);
    const isExact = exact === 0 || !Number.isFinite(exact);
    const isNear = Math.abs(value - exact) <= 1e-6 * Math.abs(exact) + 2 * denormal;
    const isRight = isExact ? Object.is(value, exact) : Math.sign(value) === Math.sign(exact) && isNear;
    if (!isRight) expect.fail(`element ${i} is ${value}, want ${exact}`);
  });
}

/** Fails unless the elements that should be are finite and near, or at least no others if `mayBeMore`. */
function expectSpoiled(actual: Float32Array, expected: ArrayLike<number>, mayBeMore: boolean, title: string): void {
  actual.forEach((value, i) => {
    const exact = Math.fround(expected[i]!);
    const isNear = Math.abs(value - exact) <= 1e-5 * Math.max(1, Math.abs(exact));
    const isRight = Number.isFinite(exact) ? isNear || (mayBeMore && !Number.isFinite(value)) : !Number.isFinite(value);
    if (!isRight) expect.fail(`${title}: element ${i} is ${value}, want ${exact}`);
  });
}

/** Operations where a NaN or infinity spoils more than the float64 formula says, and why. */
const spoilsMore: Readonly<Record<string, string>> = {
  batchNorm: "x·scale + offset: infinities meet in a channel that one of them spoils anyway",
  ...Object.fromEntries(
    [
      "conv1d",
      "conv2d",
      "conv3d",
      "convTranspose1d",
      "convTranspose2d",
      "convTranspose3d",
      "convolution",
      "packedConvolution",
    ].map((name) => [name, "zeros of the padding are multiplied by the weight like other pixels"]),
  ),
  convolutionInputGradient: "as the convolution, of dy",
  convolutionWeightGradient: "as the convolution, by dy",
  ctcPathsBackward: "its meaning in float64 begins anew from the logarithms, not from the slopes that were kept",
};
/**
 * In gradients of batch norm, a NaN or infinity decides by its place in the sums which elements of its channel win a window or
 * pass a ReLU. test/ops/batchNorm.test.ts holds that it is its own channel that it spoils.
 */
const dependsOnChannel = /batchNorm\w*Backward/;
/** Gradients that read what forward kept, which a sample of theirs has without the NaN: that of the operation itself has it. */
const readsKept = /^(scaledDotProductAttention|lstmSteps)Backward/;

describe.each(testedBuilds)("special values (%s)", async (build) => {
  const engine = await testEngine(build);

  it.each(elementwiseOperations)(
    "of all kinds in all inputs of %s give what float64 gives, rounded",
    (_, elementwise) => {
      const traced = new TracedSample(combinations(elementwise), { withGradients: false });
      const [expected] = traced.interpret({ rounds: true });
      expectSameClass(traced.compute(engine)[0]!, expected!);
    },
  );

  it("differ by name in operations that exist", () => {
    const names = operations.map(({ name }) => name);
    expect(Object.keys(spoilsMore).filter((name) => !names.includes(name))).toEqual([]);
  });

  const others = allSamples.filter(
    ([title, sample]) =>
      !sample.isElementwise &&
      !sample.isLarge &&
      !isEmpty(sample) &&
      !dependsOnChannel.test(title) &&
      !readsKept.test(title),
  );

  it.each(others)("that are not finite spoil, one by one in %s, what they spoil in float64", (_, sample) => {
    for (const variant of variants(sample)) {
      const traced = new TracedSample(variant, { withGradients: false });
      const expected = traced.interpret({ rounds: true });
      const mayBeMore = traced.node.operation.name in spoilsMore;
      traced.compute(engine).forEach((actual, i) => expectSpoiled(actual, expected[i]!, mayBeMore, variant.title));
    }
  });
});
