import { describe, expect, it } from "vitest";
import { createEngine, Graph, KernelError, ops, Program, StateError, WasmgradError } from "../../src/index.js";
import { evaluateInAnotherRealm } from "../realm.js";

type Forward = (inputs: readonly Float32Array[], y: Float32Array) => unknown;

/** A program of one custom operation on x = [2, 3]. */
async function programOf(forward: Forward, threads = 1) {
  const engine = await createEngine({ threads });
  const graph = new Graph();
  const x = graph.input([2], "x");
  const y = graph.within("3 mine", () => ops.custom([x], { name: "broken", shape: [2], forward }));
  const program = new Program(engine, graph, { outputs: [y] });
  program.write(x, [2, 3]);
  return { engine, program, y };
}

const fail = (): never => {
  throw new Error("not this either");
};
const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();
const circular: { self?: unknown } = {};
circular.self = circular;

describe("a custom operation", () => {
  it.each<[string, unknown, RegExp]>([
    ["an Error", new Error("out of ideas"), /: out of ideas$/],
    ["an Error of another realm", evaluateInAnotherRealm("new TypeError('far away')"), /: far away$/],
    ["an Error without a message", new RangeError(), /: RangeError$/],
    ["a text", "out of ideas", /: out of ideas$/],
    ["undefined", undefined, /: undefined was thrown$/],
    ["null", null, /: null was thrown$/],
    ["a number", 7, /: 7 was thrown$/],
    ["a symbol", Symbol("s"), /: a symbol was thrown$/],
    ["a bigint", 5n, /: the bigint 5 was thrown$/],
    ["a function", () => 1, /: the function without a name was thrown$/],
    ["an object", { code: 5 }, /: an object of class Object was thrown$/],
    ["an object without a prototype", Object.create(null), /: an object of class unknown was thrown$/],
    ["an object whose toString throws", { toString: fail }, /: an object of class Object was thrown$/],
    [
      "an object whose message throws",
      Object.defineProperty({}, "message", { get: fail }),
      /: an object of class Object was/,
    ],
    ["an object with a message", { message: "no disk" }, /: no disk$/],
    ["a circular object", circular, /: an object of class Object was thrown$/],
    ["a nested array", [[1, [2]], 3], /: an array of 2 was thrown$/],
    ["a revoked proxy", revoked, /: an object that cannot be read was thrown$/],
    [
      "a proxy of traps",
      new Proxy({}, { get: fail, getPrototypeOf: fail }),
      /: an object of class unknown was thrown$/,
    ],
    ["a very long text", "x".repeat(1e6), /: x{100,2000}$/],
  ])("that throws %s gives a KernelError that says so, and the engine goes on", async (_, thrown, message) => {
    for (const threads of [1, 2]) {
      let isWell = false;
      const { engine, program, y } = await programOf(([x], y) => {
        if (!isWell) throw thrown;
        y.set(x!);
      }, threads);
      expect(() => program.run()).toThrow(KernelError);
      expect(() => program.run()).toThrow(/of broken in 3 mine failed: /);
      expect(() => program.run()).toThrow(message);
      expect(() => program.read(y)).toThrow(StateError);
      isWell = true;
      program.run();
      expect([...program.read(y)]).toEqual([2, 3]);
      await engine.close();
    }
  });

  it.each<[string, Forward]>([
    ["is async", async ([x]) => Promise.resolve(x)],
    ["is async and fails", async () => Promise.reject(new Error("too late"))],
    ["returns something with a `then`", () => ({ then: () => undefined })],
  ])("that %s gives a KernelError that says it must not be", async (_, forward) => {
    const { program, y } = await programOf(forward);
    expect(() => program.run()).toThrow(KernelError);
    expect(() => program.run()).toThrow(/of broken in 3 mine failed: it returned a promise: .* must be synchronous/);
    expect(() => program.read(y)).toThrow(StateError);
    // A rejection that nobody handled would end the test with an error.
    await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it("that is async backward gives a KernelError too", async () => {
    const engine = await createEngine({ threads: 1 });
    const graph = new Graph();
    const x = graph.input([1], "x", "f32", true);
    const late: unknown = () => Promise.resolve();
    const y = ops.custom([x], {
      name: "late",
      shape: [1],
      forward: ([x], y) => y.set(x!),
      backward: late as () => void,
    });
    const program = new Program(engine, graph, { outputs: [y], backward: { from: y }, gradients: [x] });
    expect(() => program.run()).toThrow(/the backward pass of late failed: it returned a promise/);
    expect(() => program.readGradient(x)).toThrow(StateError);
  });

  const good = { name: "good", shape: [1], forward: () => undefined };
  it.each<[string, unknown, RegExp]>([
    ["no definition", undefined, /custom wants an object of options .*, got undefined/],
    ["a function", () => undefined, /custom wants an object of options .*, got the function/],
    ["no name", { ...good, name: undefined }, /name must be a text, got undefined/],
    ["an empty name", { ...good, name: "" }, /name must be a text, got ""/],
    ["no forward", { ...good, forward: undefined }, /forward of good must be a function, got undefined/],
    ["a backward that is none", { ...good, backward: null }, /backward of good must be a function, got null/],
    ["no shape", { ...good, shape: undefined }, /good: a shape is an array of lengths, got undefined/],
    ["a shape that is a number", { ...good, shape: 3 }, /good: a shape is an array of lengths, got 3/],
    ["a fraction in its shape", { ...good, shape: [1, 1.5] }, /good: the lengths of a shape are integers .* 1.5/],
    ["a negative side", { ...good, shape: [-1] }, /got -1 in \[-1\]/],
    ["a hole in its shape", { ...good, shape: [1, , 2] }, /got undefined/], // prettier-ignore
    ["a shape too large", { ...good, shape: [65536, 65536] }, /good \[65536, 65536\] takes 17179869184 bytes/],
  ])("is refused with %s", (_, definition, message) => {
    const x = new Graph().input([1], "x");
    expect(() => ops.custom([x], definition as ops.CustomDefinition)).toThrow(WasmgradError);
    expect(() => ops.custom([x], definition as ops.CustomDefinition)).toThrow(message);
  });

  it.each<[string, unknown, RegExp]>([
    ["nothing", undefined, /inputs must be an array of one or more values of a graph, got undefined/],
    ["an empty array", [], /got an array of 0/],
    ["something else", [3], /got 3 in place 0/],
    ["integers", [new Graph().input([1], "labels", "i32")], /good: wants float32 values, labels holds int32/],
  ])("is refused on %s", (_, inputs, message) => {
    expect(() => ops.custom(inputs as never, good)).toThrow(WasmgradError);
    expect(() => ops.custom(inputs as never, good)).toThrow(message);
  });

  it("keeps the definition that it was given", async () => {
    const engine = await createEngine({ threads: 1 });
    const graph = new Graph();
    const x = graph.input([1], "x");
    const shape = [1];
    const definition = { name: "mine", shape, forward: ([x]: readonly Float32Array[], y: Float32Array) => y.set(x!) };
    const y = ops.custom([x], definition);
    shape[0] = 1000;
    definition.forward = () => fail();
    const program = new Program(engine, graph, { outputs: [y] });
    program.write(x, [4]);
    program.run();
    expect([...program.read(y)]).toEqual([4]);
  });
});
