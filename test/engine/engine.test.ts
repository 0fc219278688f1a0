import { readFileSync } from "node:fs";
import { describe, expect, expectTypeOf, it, vi } from "vitest";
import { recordLayouts } from "../../src/engine/recordLayouts.js";
import {
  type FieldValues,
  type Placed,
  ArgumentError,
  type EngineOptions,
  kernelCall,
  KernelError,
  LinkedProgram,
  probeHost,
  StateError,
} from "../../src/engine/index.js";
import type { Emitter } from "../../src/graph/index.js";
import { createEngine } from "../../src/index.js";
import { testEngine } from "../kernel.js";

describe("createEngine", () => {
  it("takes the fastest build the host can run and says why", async () => {
    const { info } = await createEngine();
    expect(info.build).toBe(probeHost().relaxed ? "relaxed" : "simd");
    expect(info.buildReason).toMatch(/relaxed SIMD/);
    expect((await createEngine({ reproducible: true })).info.build).toBe("simd");
    expect((await createEngine({ build: "simd" })).info.build).toBe("simd");
  });

  it("refuses a build the host cannot run, saying which to use", async () => {
    if (probeHost().relaxed) expect((await createEngine({ build: "relaxed" })).info.build).toBe("relaxed");
    else await expect(createEngine({ build: "relaxed" })).rejects.toThrow(/use build "simd"/);
  });

  it.each([
    [{ build: "fast" }, /build must be "simd" or "relaxed", got "fast"/],
    [{ build: "relaxed", reproducible: true }, /"relaxed" is not reproducible/],
  ])("refuses %j", async (options, message) => {
    const refused = expect(createEngine(options as EngineOptions)).rejects;
    await refused.toThrow(message);
    await refused.toThrow(ArgumentError);
  });

  it.each([
    ["WebAssembly", /^this host has no WebAssembly: wasmgrad needs a browser of 2023 or later, or Node/],
    ["DecompressionStream", /^this host has no DecompressionStream: wasmgrad needs/],
    ["FinalizationRegistry", /^this host has no FinalizationRegistry/],
  ])("says what is missing on a host without %s", async (name, message) => {
    vi.stubGlobal(name, undefined);
    try {
      const refused = expect(createEngine()).rejects;
      await refused.toThrow(message);
      await refused.toThrow(StateError);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it("takes a precompiled module, as the package exports it", async () => {
    const wasm = readFileSync(new URL("../../build/simd.wasm", import.meta.url));
    const engine = await createEngine({ module: await WebAssembly.compile(wasm) });
    expect(engine.info).toMatchObject({ build: "custom", buildReason: "a module was given" });
    const block = engine.memory.allocate(64, "test");
    engine.memory.f32(block.address, 2).set([-1, 2]);
    engine.run(new LinkedProgram(engine.memory, [kernelCall("relu", { x: block, y: block, count: 2 })]));
    expect([...engine.memory.f32(block.address, 2)]).toEqual([0, 2]);
  });

  it("keeps to the memory it was allowed, naming the bytes that do not fit", async () => {
    const engine = await createEngine({ maximumMemory: 1 << 20 });
    expect(() => engine.memory.allocate(2 << 20, "too much")).toThrow(/2097152 bytes for too much/);
    await expect(createEngine({ maximumMemory: NaN })).rejects.toThrow(ArgumentError);
  });

  it.each([NaN, -1, 0.5])("rejects the seed %d", async (seed) => {
    await expect(createEngine({ seed })).rejects.toThrow(ArgumentError);
  });
});

describe("Engine.run", async () => {
  const engine = await testEngine("debug");

  it("executes only the records asked for", () => {
    const block = engine.memory.allocate(64, "test");
    const values = engine.memory.f32(block.address, 12);
    values.set([-1, -2, -3, -4, -5, -6, -7, -8, -9, -10, -11, -12]);
    const calls = [0, 16, 32].map((offset) => {
      const x = { address: block.address + offset };
      return kernelCall("relu", { x, y: x, count: 4 });
    });
    const program = new LinkedProgram(engine.memory, calls);
    engine.run(program, 1, 1);
    expect([...values]).toEqual([-1, -2, -3, -4, 0, 0, 0, 0, -9, -10, -11, -12]);
    expect(() => engine.run(program, 2, 2)).toThrow(ArgumentError);
  });

  it("names the record and its layer when a kernel traps", () => {
    const good = kernelCall("relu", { x: 0, y: 0, count: 0 });
    const misaligned = kernelCall("relu", { x: { address: 2 }, y: 0, count: 1 }, "2 relu: relu");
    const program = new LinkedProgram(engine.memory, [good, misaligned]);
    expect(() => engine.run(program)).toThrow(KernelError);
    expect(() => engine.run(program)).toThrow(/record 1 \(relu\) of 2 relu: relu failed/);
  });

  it("calls host functions in order, and names the record when one throws", () => {
    const seen: string[] = [];
    const first = (): void => void seen.push("first");
    const fails = (): void => {
      throw new Error("no disk");
    };
    const ids = [first, fails].map((call) => engine.registerHostCall(call));
    const program = new LinkedProgram(
      engine.memory,
      ids.map((id) => kernelCall("hostCall", { id }, "my layer")),
    );
    expect(() => engine.run(program)).toThrow(/record 1 \(hostCall\) of my layer failed: no disk/);
    expect(seen).toEqual(["first"]);
  });

  it("takes the number of a host function again that was garbage-collected", async () => {
    const engine = await createEngine({ threads: 1 });
    let calls = 0;
    const kept = (): void => {
      calls++;
    };
    const ids = [engine.registerHostCall(kept)];
    for (let i = 0; i < 20; i++) {
      ids.push(engine.registerHostCall(() => i));
      await new Promise((resolve) => setImmediate(resolve));
      globalThis.gc!();
      // The host tells of what it collected in a later turn of the event loop.
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(ids.filter((id) => id === ids[0])).toHaveLength(1);
    expect(Math.max(...ids)).toBeLessThan(10);
    kept();
    expect(calls).toBe(1);
  });

  it("refuses to run after close", async () => {
    const closed = await testEngine();
    const program = new LinkedProgram(closed.memory, []);
    closed.run(program);
    await closed.close();
    expect(() => closed.run(program)).toThrow(StateError);
  });
});

describe("record layouts", () => {
  it("are those that the compiler chose", () => {
    const { opcodeOffset, kernels } = JSON.parse(
      readFileSync(new URL("../../build/layouts.json", import.meta.url), "utf8"),
    ) as { opcodeOffset: number; kernels: unknown };
    expect(opcodeOffset).toBe(0);
    expect(recordLayouts).toEqual(kernels);
  });

  it("tell pointers, numbers and booleans apart in the types of records", () => {
    expectTypeOf<FieldValues<"relu">>().toEqualTypeOf<{
      readonly x: Placed | 0;
      readonly y: Placed | 0;
      readonly count: number;
    }>();
    expectTypeOf<FieldValues<"adam">["decoupled"]>().toEqualTypeOf<boolean>();
    expectTypeOf<FieldValues<"adam">["epsilon"]>().toEqualTypeOf<number>();
  });

  it("do not take a number for a pointer, nor lack a field", () => {
    const emit = (emitter: Emitter): void => {
      // @ts-expect-error: a number is no pointer, and y and count are missing
      emitter.record("relu", { x: 1.5 });
      // @ts-expect-error: a number is no pointer
      emitter.record("relu", { x: 1.5, y: 0, count: 1 });
      // @ts-expect-error: relu has no field z
      emitter.record("relu", { x: 0, y: 0, count: 1, z: 0 });
      emitter.record("relu", { x: 0, y: 0, count: 1 });
    };
    expect(emit).toBeTypeOf("function");
  });
});
