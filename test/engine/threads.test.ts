import { execFile } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { coreCount } from "../../src/engine/host.js";
import { type Block, type Engine, kernelCall, KernelError, LinkedProgram, StateError } from "../../src/engine/index.js";
import { createEngine, MemoryError } from "../../src/index.js";
import { instructionFields } from "../instruction.js";
import { type KernelArgument, Output, testEngine } from "../kernel.js";

const wide = 1 << 16;

/** A block of floats, 1, 2, 3 … negated, and programs over it. */
function operands(engine: Engine, count = wide): { x: Block; y: Block; relu: (times: number) => LinkedProgram } {
  const x = engine.memory.allocate(4 * count, "x");
  const y = engine.memory.allocate(4 * count, "y");
  engine.memory.f32(x.address, count).forEach((_, i, all) => (all[i] = i % 2 === 0 ? i : -i));
  const call = kernelCall("relu", { x, y, count }, "my layer: relu");
  return { x, y, relu: (times) => new LinkedProgram(engine.memory, Array<typeof call>(times).fill(call)) };
}

/** Fields of a record with memory for what is an array. */
function placed(
  { memory }: Engine,
  fields: Readonly<Record<string, KernelArgument>>,
): Readonly<Record<string, number | boolean>> {
  const entries = Object.entries(fields).map(([name, field]) => {
    if (typeof field !== "object") return [name, field] as const;
    const block = memory.allocate(4 * field.length, name);
    if (!(field instanceof Output)) memory.i32(block.address, field.length).set(new Int32Array(field.buffer));
    return [name, block.address] as const;
  });
  return Object.fromEntries(entries);
}

function expectRelu(engine: Engine, y: Block, count = wide): void {
  const wrong = engine.memory.f32(y.address, count).findIndex((value, i) => value !== (i % 2 === 0 ? i : 0));
  expect(wrong).toBe(-1);
}

describe("createEngine({ threads })", () => {
  afterEach(() => vi.unstubAllGlobals());

  it('takes all cores up to 8 by default and for "auto"', async () => {
    for (const options of [{}, { threads: "auto" as const }]) {
      const engine = await createEngine(options);
      expect(engine.info.threads).toBe(Math.min(coreCount(), 8));
      expect(engine.info.threadsReason).toMatch(/cores|one core/);
      await engine.close();
    }
  });

  it("takes one thread, with unshared memory, or any number that is asked for, with shared memory", async () => {
    for (const threads of [1, 2, 5]) {
      const engine = await createEngine({ threads });
      expect(engine.info).toMatchObject({
        threads,
        threadsReason: "the threads option asked for it",
        sharedMemory: threads > 1,
        maximumMemory: 2 ** 32,
        memoryReason: "the largest that WebAssembly allows",
      });
      await engine.close();
    }
  });

  it.each([0, -1, 1.5, NaN, 65, "all" as "auto"])("refuses %s threads", async (threads) => {
    await expect(createEngine({ threads })).rejects.toThrow(/threads must be/);
  });

  it("falls back to one thread on a page that is not cross-origin isolated, and says so", async () => {
    vi.stubGlobal("crossOriginIsolated", false);
    for (const threads of ["auto", 4] as const) {
      const { info } = await createEngine({ threads });
      expect(info).toMatchObject({ threads: 1, sharedMemory: false });
      expect(info.threadsReason).toMatch(/not cross-origin isolated/);
    }
  });

  it("falls back to one thread where there is no SharedArrayBuffer, and says so", async () => {
    vi.stubGlobal("SharedArrayBuffer", undefined);
    const engine = await createEngine({ threads: 2 });
    expect(engine.info).toMatchObject({ threads: 1, threadsReason: "this host has no shared memory" });
    const { y, relu } = operands(engine);
    engine.run(relu(1));
    expectRelu(engine, y);
  });

  it("falls back to one thread where workers cannot be started, and says so", async () => {
    vi.stubGlobal("process", { ...process, getBuiltinModule: undefined });
    vi.stubGlobal("Worker", undefined);
    const { info } = await createEngine({ threads: 2 });
    expect(info).toMatchObject({ threads: 1, sharedMemory: false });
    expect(info.threadsReason).toMatch(/workers could not be started: this host has no workers/);
  });

  it.each([1, 2])("uses all of 4 GiB on %i threads, and names the bytes that do not fit", async (threads) => {
    const engine = await createEngine({ threads });
    // Nothing writes to it: no memory is taken from the host.
    const filler = engine.memory.allocate(4 * 2 ** 30 - 8 * 2 ** 20, "a data set");
    const { y, relu } = operands(engine);
    expect(y.address).toBeGreaterThan(4 * 2 ** 30 - 8 * 2 ** 20);
    engine.run(relu(3));
    expectRelu(engine, y);
    expect(() => engine.memory.allocate(16 * 2 ** 20, "more")).toThrow(MemoryError);
    expect(() => engine.memory.allocate(16 * 2 ** 20, "more")).toThrow(/16777216 bytes for more/);
    expect(() => engine.memory.allocate(5 * 2 ** 30, "far more")).toThrow(/5368709120 bytes for far more/);
    engine.memory.release(filler);
    const low = operands(engine);
    expect(low.y.address).toBeLessThan(2 ** 30);
    engine.run(low.relu(3));
    expectRelu(engine, low.y);
    await engine.close();
  });
});

describe.each([2, 3, 8])("an engine of %i threads", (threads) => {
  it("executes every record, of long and short runs, right", async () => {
    const engine = await testEngine("simd", threads);
    const { y, relu } = operands(engine);
    for (const times of [1, 2, 50, 1]) {
      engine.memory.f32(y.address, wide).fill(NaN);
      engine.run(relu(times));
      expectRelu(engine, y);
    }
    engine.run(relu(1), 0, 0);
    await engine.close();
  });

  it("keeps records in step: each sees all that the ones before wrote", async () => {
    const engine = await testEngine("simd", threads);
    const [count, shift, rounds] = [3000, 1024, 20];
    // x(i) + x(i + shift), around the end: shares read what other shares wrote in the round before.
    const rings = [0, 1].map((i) => engine.memory.allocate(4 * (count + shift), `ring ${i}`).address) as [
      number,
      number,
    ];
    const sum = placed(engine, instructionFields("add", [new Float32Array(count), new Float32Array(count)]));
    const calls = Array.from({ length: rounds }, (_, round) => {
      const [x, y] = [rings[round % 2]!, rings[1 - (round % 2)]!];
      const at = (address: number): { address: number } => ({ address });
      return [
        kernelCall("pointwise", { ...sum, array0: at(x), array1: at(x + 4 * shift), array2: at(y) } as never),
        kernelCall("copy", { x: at(y), y: at(y + 4 * count), bytes: 4 * shift }),
      ];
    });
    const program = new LinkedProgram(engine.memory, calls.flat());
    const start = Array.from({ length: count }, (_, i) => i % 7);
    let expected = start;
    for (let round = 0; round < rounds; round++) {
      expected = expected.map((value, i, all) => value + all[(i + shift) % count]!);
    }
    for (let repetition = 0; repetition < 200; repetition++) {
      engine.memory.f32(rings[0], count + shift).forEach((_, i, all) => (all[i] = start[i % count]!));
      engine.run(program);
      const result = engine.memory.f32(rings[rounds % 2]!, count);
      expect(result.findIndex((value, i) => value !== expected[i])).toBe(-1);
    }
    await engine.close();
  });

  it("uses memory that grows between runs, and that a host call grows behind the engine's back", async () => {
    const engine = await testEngine("simd", threads);
    const first = operands(engine);
    engine.run(first.relu(1));
    engine.memory.allocate(40 << 20, "a data set");
    const second = operands(engine);
    const grow = (): void => void engine.memory.memory.grow(16);
    const growth = new LinkedProgram(engine.memory, [
      kernelCall("hostCall", { id: engine.registerHostCall(grow) }),
      ...second.relu(3).calls,
    ]);
    const before = engine.memory.byteLength;
    engine.run(growth);
    expect(engine.memory.byteLength).toBe(before + 16 * 65536);
    engine.memory.allocate(40 << 20, "another");
    const third = operands(engine);
    engine.run(third.relu(2));
    for (const { y } of [first, second, third]) expectRelu(engine, y);
    await engine.close();
  });

  it("names the record in which a thread traps, and goes on", async () => {
    const engine = await testEngine("debug", threads);
    const { y, relu } = operands(engine);
    const misaligned = kernelCall("relu", { x: { address: y.address + 2 }, y, count: 4 }, "2 relu: relu");
    const program = new LinkedProgram(engine.memory, [...relu(2).calls, misaligned, ...relu(2).calls]);
    for (let repetition = 0; repetition < 20; repetition++) {
      expect(() => engine.run(program)).toThrow(KernelError);
      expect(() => engine.run(program)).toThrow(/record 2 \(relu\) of 2 relu: relu failed: .*assertion/);
      engine.run(relu(3));
      expectRelu(engine, y);
    }
    await engine.close();
  });

  it("passes on what a host call throws, on the calling thread, and goes on", async () => {
    const engine = await testEngine("simd", threads);
    const { y, relu } = operands(engine);
    const fails = (): void => {
      throw new Error("no disk");
    };
    const call = kernelCall("hostCall", { id: engine.registerHostCall(fails) }, "my layer");
    const program = new LinkedProgram(engine.memory, [...relu(1).calls, call, ...relu(9).calls]);
    for (let repetition = 0; repetition < 20; repetition++) {
      expect(() => engine.run(program)).toThrow(/record 1 \(hostCall\) of my layer failed: no disk/);
      engine.run(relu(2));
      expectRelu(engine, y);
    }
    await engine.close();
  });

  it("waits for a host call that takes long", async () => {
    const engine = await testEngine("simd", threads);
    const { y, relu } = operands(engine);
    let calls = 0;
    const pause = (): void => {
      calls++;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    };
    const call = kernelCall("hostCall", { id: engine.registerHostCall(pause) });
    engine.run(new LinkedProgram(engine.memory, [...relu(1).calls, call, ...relu(1).calls, call, ...relu(1).calls]));
    expect(calls).toBe(2);
    expectRelu(engine, y);
    await engine.close();
  });

  it("is lost, with an error that says so, when a worker ends", async () => {
    const engine = await testEngine("simd", threads);
    const { relu } = operands(engine);
    engine.run(relu(1));
    const worker = engine["components"].team!["workers"].at(-1)!;
    const end = worker.onEnd!;
    await new Promise<void>((resolve) => {
      worker.onEnd = (reason) => {
        end(reason);
        resolve();
      };
      void worker.terminate();
    });
    expect(() => engine.run(relu(1))).toThrow(StateError);
    expect(() => engine.run(relu(1))).toThrow(/worker thread \d ended: .*; create another/);
    await engine.close();
  });

  it("does not hang when a worker ends unnoticed", async () => {
    const engine = await testEngine("simd", threads);
    const { y, relu } = operands(engine);
    engine.run(relu(1));
    for (const worker of engine["components"].team!["workers"]) void worker.terminate();
    engine.memory.f32(y.address, wide).fill(NaN);
    engine.run(relu(100));
    expectRelu(engine, y);
    await engine.close();
  });
});

describe("an engine of several threads", () => {
  it("is lost, with an error that names the record, when a worker ends inside a kernel", async () => {
    const stallTime = 100;
    const engine = await testEngine("simd", 2, { stallTime });
    const { relu } = operands(engine);
    engine.run(relu(1));
    // The worker's seat says that it took its share of the next turn, as if it had died there.
    const { control, kernels } = engine["components"];
    const seat = (control + 4 * 64) / 4;
    const words = new Int32Array(engine.memory.memory.buffer);
    const turn = Atomics.load(words, seat) + 1;
    Atomics.store(words, seat, turn);
    const start = performance.now();
    expect(() => engine.run(relu(3))).toThrow(/record 0 \(relu\) of my layer: relu failed: a worker thread does not/);
    expect(performance.now() - start).toBeGreaterThan(1.9 * stallTime);
    expect(() => engine.run(relu(3))).toThrow(StateError);
    expect(kernels.currentRecord(control)).toBe(0);
    await engine.close();
  });

  it("refuses a run inside a run", async () => {
    for (const threads of [1, 2]) {
      const engine = await testEngine("simd", threads);
      const { relu } = operands(engine);
      const nested = (): void => engine.run(relu(1));
      const id = engine.registerHostCall(nested);
      expect(() => engine.run(new LinkedProgram(engine.memory, [kernelCall("hostCall", { id })]))).toThrow(StateError);
      engine.run(relu(1));
      await engine.close();
    }
  });

  it("uses no processor time between runs", async () => {
    const engine = await testEngine("simd", 4);
    engine.run(operands(engine).relu(10));
    await delay(50);
    const before = process.cpuUsage();
    await delay(1000);
    const { user, system } = process.cpuUsage(before);
    // Microseconds; a spinning worker would take a million.
    expect(user + system).toBeLessThan(100_000);
    await engine.close();
  });

  it("ends its workers when it is closed, and when it is dropped", async () => {
    const closed = await testEngine("simd", 3);
    await closed.close();
    await closed.close();
    expect(closed["components"].team!.isClosed).toBe(true);
    expect(() => closed.run(operands(closed).relu(1))).toThrow(StateError);

    const team = await (async () => {
      const engine = await testEngine("simd", 3);
      engine.run(operands(engine).relu(1));
      return engine["components"].team!;
    })();
    for (let i = 0; i < 100 && !team.isClosed; i++) {
      globalThis.gc!();
      await delay(10);
    }
    expect(team.isClosed).toBe(true);
  });

  it("keeps no process from exiting when its work is done", async () => {
    const index = fileURLToPath(new URL("../../build/index.js", import.meta.url));
    const script = `
      import { createEngine, nn } from ${JSON.stringify(index)};
      const engine = await createEngine({ threads: 3 });
      const model = nn.sequential(nn.linear({ outFeatures: 2 })).build(engine, { inputShape: [3] });
      console.log(model.predict(new Float32Array(3)).length, engine.info.threads);`;
    const run = promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { timeout: 20_000 });
    expect((await run).stdout).toBe("2 3\n");
  });
});
