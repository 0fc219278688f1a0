import { describe, expect, it } from "vitest";
import { type Block, type Engine, kernelCall, type KernelCall, LinkedProgram } from "../../../src/engine/index.js";
import { runKernel, testedBuilds, testEngine } from "../../kernel.js";
import { randomFloats } from "../../random.js";

const bad = [NaN, Infinity, -Infinity];
const largest = (2 - 2 ** -23) * 2 ** 127;
const denormal = 2 ** -149;
const threadCounts = [1, 2, 3, 7];

/** Raised or not, after a run over these arrays, which must not change. */
function found(
  engine: Engine,
  fields: { loss?: number; gradients?: Float32Array; buffers?: Float32Array; previous?: Float32Array },
  threads = 1,
): boolean {
  const { loss = 1, gradients = new Float32Array(), buffers = new Float32Array(), previous = buffers } = fields;
  const guard = Int32Array.of(0);
  const result = runKernel(
    engine,
    "checkFinite",
    {
      ...{ loss: Float32Array.of(loss), gradients, buffers, previous, guard },
      ...{ count: gradients.length, bufferCount: buffers.length, control: 0 },
    },
    { inPlace: ["guard"], threads },
  );
  const [word] = new Int32Array(result.bytes("guard").buffer);
  expect([0, 1]).toContain(word);
  return word === 1;
}

/** One array in linear memory between NaNs, which the kernel must not see, and the kernel over its first `count` floats. */
class Field {
  readonly values: Float32Array;
  private readonly word: Int32Array;
  private readonly program: LinkedProgram;

  constructor(
    private readonly engine: Engine,
    count: number,
  ) {
    const { memory } = engine;
    const block = memory.allocate(4 * count + 256, "a field");
    memory.f32(block.address, block.bytes / 4).fill(NaN);
    const place = { address: block.address + 128 };
    const guard = memory.allocate(4, "a word");
    this.values = memory.f32(place.address, count);
    this.values.set(randomFloats(count, 3));
    this.word = memory.i32(guard.address, 1);
    const nothing = { control: 0, loss: 0, buffers: 0, previous: 0, bufferCount: 0 } as const;
    this.program = new LinkedProgram(memory, [
      kernelCall("checkFinite", { ...nothing, gradients: place, guard, count }),
    ]);
  }

  isRaised(threads: number): boolean {
    this.word[0] = 0;
    for (let thread = 0; thread < threads; thread++) this.engine.runShare(this.program, 0, thread, threads);
    return this.word[0] !== 0;
  }
}

describe.each(testedBuilds)("checkFinite (%s)", async (build) => {
  const engine = await testEngine(build);
  // Views of fields stay valid only while memory does not grow.
  engine.memory.release(engine.memory.allocate(1 << 20, "room"));

  it("finds NaN and both infinities at every position, for any number of threads, and nothing outside", () => {
    const counts = [
      ...Array.from({ length: 18 }, (_, i) => i),
      31,
      32,
      33,
      47,
      48,
      63,
      64,
      65,
      96,
      127,
      128,
      129,
      161,
      230,
    ];
    for (const count of counts) {
      const field = new Field(engine, count);
      for (const threads of threadCounts) {
        expect(field.isRaised(threads), `${count} finite floats, ${threads} threads`).toBe(false);
        for (let at = 0; at < count; at++) {
          const value = field.values[at]!;
          for (const wrong of bad) {
            field.values[at] = wrong;
            if (!field.isRaised(threads))
              expect.fail(`${wrong} at ${at} of ${count} was not found by ${threads} threads`);
          }
          field.values[at] = value;
        }
      }
    }
  });

  it("takes zeros, denormals and the largest numbers for finite, also where their sum overflows", () => {
    for (const values of [
      [0, -0],
      [denormal, -denormal],
      [largest, -largest],
      [largest, largest],
      [-largest, 1],
    ]) {
      for (const count of [1, 2, 5, 16, 17, 64, 129, 300]) {
        const gradients = Float32Array.from({ length: count }, (_, i) => values[i % 2]!);
        for (const threads of threadCounts) expect(found(engine, { gradients }, threads)).toBe(false);
        for (const wrong of bad) {
          const spoilt = gradients.slice();
          spoilt[count - 1] = wrong;
          expect(found(engine, { gradients: spoilt }, 3)).toBe(true);
        }
      }
    }
  });

  it("finds infinities that cancel, and any payload of NaN", () => {
    const gradients = new Float32Array(64);
    gradients.set([Infinity, -Infinity], 8);
    expect(found(engine, { gradients })).toBe(true);
    for (const bits of [0x7f800001, 0x7fc00000, 0x7fffffff, 0xff800001, 0xffffffff]) {
      const words = new Uint32Array(64);
      words[40] = bits;
      expect(found(engine, { gradients: new Float32Array(words.buffer) })).toBe(true);
    }
  });

  it("looks at the loss", () => {
    for (const loss of [0, -1, largest, denormal]) expect(found(engine, { loss })).toBe(false);
    for (const loss of bad) for (const threads of threadCounts) expect(found(engine, { loss }, threads)).toBe(true);
  });

  it("finds buffers that have become NaN or infinite, and leaves alone those that were so before", () => {
    for (let count = 1; count <= 35; count++) {
      const finite = randomFloats(count, 5);
      for (let at = 0; at < count; at++) {
        for (const wrong of bad) {
          const spoilt = finite.slice();
          spoilt[at] = wrong;
          for (const threads of [1, 3]) {
            expect(found(engine, { buffers: spoilt, previous: finite }, threads)).toBe(true);
            expect(found(engine, { buffers: spoilt, previous: spoilt }, threads)).toBe(false);
          }
          expect(found(engine, { buffers: finite, previous: spoilt })).toBe(false);
        }
      }
    }
  });

  it("leaves a word alone that was raised before", () => {
    const fields = { loss: Float32Array.of(1), gradients: new Float32Array(4), buffers: 0, previous: 0, control: 0 };
    const guard = Int32Array.of(1);
    const raised = { ...fields, guard, count: 4, bufferCount: 0 };
    const result = runKernel(engine, "checkFinite", raised, { inPlace: ["guard"] });
    expect([...result.bytes("guard")]).toEqual([1, 0, 0, 0]);
  });
});

it("checkFinite asserts that it has a word to raise, aligned arrays and counts that are no less than 0", async () => {
  const engine = await testEngine("debug");
  const right = {
    loss: 0,
    gradients: new Float32Array(4),
    buffers: 0,
    previous: 0,
    count: 4,
    bufferCount: 0,
    control: 0,
  };
  const guard = Int32Array.of(0);
  const run = (fields: object): unknown =>
    runKernel(engine, "checkFinite", { ...right, guard, ...fields }, { inPlace: ["guard"] });
  expect(run({})).toBeDefined();
  for (const wrong of [
    { guard: 0 },
    { count: -1 },
    { bufferCount: -4 },
    { buffers: 1 },
    { previous: 6 },
    { loss: 2 },
  ]) {
    expect(() => run(wrong), JSON.stringify(wrong)).toThrow(/assertion|failed|abort|unreachable/i);
  }
});

describe.each(testedBuilds)("a run whose checkFinite finds something (%s)", (build) => {
  it.each([1, 2, 3])("ends there and leaves the next run whole, on %i threads", async (threads) => {
    const engine = await testEngine(build, threads);
    const { memory } = engine;
    const count = 1000;
    const [gradients, before, after] = [0, 1, 2].map(() => memory.allocate(4 * count, "an array")) as [
      Block,
      Block,
      Block,
    ];
    const guard = memory.allocate(4, "a word");
    const view = ({ address }: Block): Float32Array => memory.f32(address, count);
    const copy = (y: Block): KernelCall => kernelCall("copy", { x: gradients, y, bytes: 4 * count });
    const { control } = engine;
    const rest = { loss: 0, buffers: 0, previous: 0, bufferCount: 0, count } as const;
    const check = kernelCall("checkFinite", { ...rest, gradients, guard, control });
    const program = new LinkedProgram(memory, [copy(before), check, copy(after), copy(after)]);
    for (let run = 1; run <= 60; run++) {
      const isBad = run % 3 !== 0;
      view(gradients).fill(run);
      if (isBad) view(gradients)[(run * 37) % count] = bad[run % bad.length]!;
      memory.i32(guard.address, 1)[0] = 0;
      engine.run(program);
      expect(memory.i32(guard.address, 1)[0]).toBe(Number(isBad));
      expect([...view(before)]).toEqual([...view(gradients)]);
      expect(view(after)[7]).toBe(run - (run % 3));
    }
    // Told nothing of a run, it ends none.
    view(gradients).fill(NaN);
    const alone = kernelCall("checkFinite", { ...rest, gradients, guard, control: 0 });
    engine.run(new LinkedProgram(memory, [alone, copy(after)]));
    expect(view(after)[7]).toBeNaN();
    await engine.close();
  });
});
