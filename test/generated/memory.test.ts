import { describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/index.js";
import { TracedSample } from "../catalogue/tracedSample.js";
import { elementwiseOperations, elementwiseSample } from "../catalogue/ownSamples.js";
import { allSamples } from "../catalogue/samples.js";
import { readNumbers, type Sample } from "../catalogue/sample.js";
import { randomFloats } from "../random.js";
import { expectIdentical } from "../expect.js";
import { simulateThreads, testedBuilds, testEngine } from "../kernel.js";

const alignment = 64;
const guard = 0xa5;
const lengths = Array.from({ length: 18 }, (_, length) => length);

/**
 * Results and gradients of a sample, computed with every float of the arena and of the outputs NaN before. Fails if a byte
 * behind an output has changed, up to where the next may lie.
 */
function compute(engine: Engine, sample: Sample): readonly Float32Array[] {
  const traced = new TracedSample(sample);
  const program = traced.compile(engine);
  const { memory, arena } = engine;
  memory.f32(arena.block.address, arena.block.bytes / 4).fill(NaN);
  const written = traced.outputs.filter((output) => !traced.isGiven(output));
  const ends = written.map((output) => {
    const buffer = program.bufferOf(output);
    // NaN, of floats.
    memory.u8(buffer.address, output.bytes).fill(0xff);
    // A result may be a part of another: then what lies behind that counts.
    const { address, bytes } = buffer.root;
    return memory.u8(address + bytes, -(address + bytes) & (alignment - 1)).fill(guard);
  });
  program.run();
  expect(ends.every((end) => end.every((byte) => byte === guard))).toBe(true);
  const results = traced.outputs.map((output) => readNumbers(program, output));
  program.dispose();
  return results;
}

describe.each(testedBuilds)("the memory that operations read and write (%s)", async (build) => {
  const engine = await testEngine(build);
  const runAlone = engine.run.bind(engine);

  it.each(allSamples)(
    "for %s is that of inputs and outputs, with the same bits for any number of threads",
    (_, sample) => {
      const alone = compute(engine, sample);
      for (const threads of [2, 3, 7]) {
        simulateThreads(engine, threads);
        const shared = compute(engine, sample);
        engine.run = runAlone;
        alone.forEach((expected, i) => expectIdentical(shared[i]!, expected));
      }
    },
  );

  it.each(elementwiseOperations)(
    "of %s on 0 to 17 elements is theirs, and an element's bits do not depend on how many there are",
    (_, elementwise) => {
      const ofLength = (length: number): readonly Float32Array[] =>
        compute(
          engine,
          elementwiseSample(elementwise, [length], (_, i) =>
            randomFloats(17, i + 1)
              .map(Math.abs)
              .subarray(0, length),
          ),
        );
      const longest = ofLength(17);
      for (const length of lengths) {
        // The upstream gradients do not depend on the length, either.
        ofLength(length).forEach((result, i) => expectIdentical(result, longest[i]!.subarray(0, length)));
      }
    },
  );
});
