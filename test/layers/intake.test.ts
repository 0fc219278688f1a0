import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import * as safetensors from "../../src/formats/safetensors.js";
import { ArgumentError, createEngine, FormatError, Graph, type Model, nn, ops, Program } from "../../src/index.js";
import { serializeSafetensors } from "../../src/formats/safetensorsFile.js";
import { detached, inOtherRealm, outOfBounds } from "../arrays.js";
import { temporaryFolder } from "../data/idx.js";

const engine = await createEngine({ seed: 5, threads: 1 });
const identity = (inputShape: readonly number[]): Model =>
  nn.sequential(nn.lambda((x) => x)).build(engine, { inputShape });
const linear = (): Model => nn.sequential(nn.linear({ outFeatures: 2 })).build(engine, { inputShape: [3] });

describe("predict", () => {
  const model = identity([2]);
  it.each([
    ["a Float32Array with an offset", Float32Array.of(9, 1, 2, 3, 4).subarray(1)],
    ["a Float64Array", Float64Array.of(1, 2, 3, 4)],
    ["an Int32Array", Int32Array.of(1, 2, 3, 4)],
    ["a Uint16Array", Uint16Array.of(1, 2, 3, 4)],
    ["a plain array", [1, 2, 3, 4]],
    [
      "an array of samples",
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ["an array of typed samples", [Float32Array.of(1, 2), Float32Array.of(3, 4)]],
    ["a Float32Array of another realm", inOtherRealm(() => Float32Array.of(1, 2, 3, 4))],
    [
      "arrays of another realm",
      inOtherRealm(() => [
        [1, 2],
        [3, 4],
      ]),
    ],
    ["shared memory", sharedFloats(1, 2, 3, 4)],
  ])("takes %s for the numbers in it", (_, inputs) => {
    expect(model.predict(inputs)).toEqual(Float32Array.of(1, 2, 3, 4));
    expect(model.predict(inputs, { batchSize: 1 })).toEqual(Float32Array.of(1, 2, 3, 4));
  });

  it.each([
    ["a Uint8Array", Uint8Array.of(0, 255, 51, 102)],
    ["a Uint8ClampedArray", Uint8ClampedArray.of(0, 255, 51, 102)],
    ["a Node Buffer", Buffer.from([9, 0, 255, 51, 102]).subarray(1)],
    ["an array of bytes", [Uint8Array.of(0, 255), Buffer.of(51, 102)]],
    ["bytes of another realm", inOtherRealm(() => Uint8Array.of(0, 255, 51, 102))],
  ])("takes %s for bytes that stand for value/255", (_, inputs) => {
    const found = model.predict(inputs);
    [0, 1, 0.2, 0.4].forEach((value, i) => expect(found[i]).toBeCloseTo(value, 6));
  });

  it("takes one sample, and images nested as they are", () => {
    expect(model.predict([1, 2])).toEqual(Float32Array.of(1, 2));
    expect(model.predict([[1, 2]])).toEqual(Float32Array.of(1, 2));
    const images = identity([1, 2, 1]);
    for (const inputs of [[[[[1], [2]]]], [[[1], [2]]], [[1, 2]], [1, 2]]) {
      expect(images.predict(inputs)).toEqual(Float32Array.of(1, 2));
    }
    expect(model.predict([]).length).toBe(0);
  });

  it.each([
    ["samples in columns", [[1], [2]], "inputs must be nested as [1, 2], got [2, 1]"],
    ["samples of other lengths", [[1, 2], [3]], "inputs must be nested regularly"],
    ["no whole number of samples", [1, 2, 3], "2 numbers each; got 3"],
    ["text", "12", 'inputs must be numbers: a typed array such as a Float32Array, or an array of numbers; got "12"'],
    ["numbers in text", ["1", "2"], 'got "1" at [0]'],
    ["a missing number", [1, null], "got null at [1]"],
    ["bigints", BigInt64Array.of(1n, 2n), "got bigints in a BigInt64Array"],
    ["a buffer that does not say what it holds", new ArrayBuffer(8), "inputs must be numbers"],
    ["a number too large for a float32", [1e300, 0], "got 1e+300 at [0]"],
    ["nothing", undefined, "got undefined"],
    ["a detached array", detached(Float32Array.of(1, 2)), "inputs must still have its memory"],
    ["an array that its buffer no longer holds", outOfBounds(), "inputs must still have its memory"],
  ])("refuses %s", (_, inputs, message) => {
    expect(() => model.predict(inputs as never)).toThrow(ArgumentError);
    expect(() => model.predict(inputs as never)).toThrow(message);
  });

  it("says so if an operation of one's own hands the inputs over to somebody else", () => {
    const inputs = new Float32Array(4);
    const greedy = nn.lambda((x) =>
      ops.custom([x], { name: "greedy", shape: x.shape, forward: () => void detached(inputs) }),
    );
    const model = nn.sequential(greedy).build(engine, { inputShape: [2] });
    expect(() => model.predict(inputs, { batchSize: 1 })).toThrow("inputs must still have its memory");
  });

  it("leaves what it is given as it was", () => {
    const inputs = Float32Array.of(1, 2);
    model.predict(inputs).fill(0);
    expect(inputs).toEqual(Float32Array.of(1, 2));
  });
});

describe("load", () => {
  const parent = temporaryFolder();

  it("takes a file wherever it is, and leaves its bytes as they were", async () => {
    const saved = linear();
    const bytes = safetensors.toBytes(saved);
    const path = join(mkdtempSync(join(parent, "load-")), "model.safetensors");
    await safetensors.save(saved, pathToFileURL(path));
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    const sources = [
      path,
      pathToFileURL(path),
      bytes,
      bytes.buffer,
      Buffer.concat([Buffer.of(1, 2, 3), bytes]).subarray(3),
      new DataView(bytes.buffer),
      shared,
      shared.buffer,
      new Blob([bytes]),
      new File([bytes], "model.safetensors"),
    ];
    const before = bytes.slice();
    for (const source of sources) {
      const model = linear();
      await safetensors.load(model, source);
      expect(model.state()).toEqual(saved.state());
    }
    expect(bytes).toEqual(before);
  });

  it("names what it was given in its errors, and changes nothing", async () => {
    const model = linear();
    const before = model.state();
    const path = join(mkdtempSync(join(parent, "load-")), "no model");
    writeFileSync(path, "no model");
    const files: [unknown, string][] = [
      [path, path],
      [pathToFileURL(path), path],
      [new File(["no model"], "dropped"), "dropped"],
      [Buffer.from("no model"), "the given bytes"],
    ];
    for (const [source, name] of files) {
      await expect(safetensors.load(model, source as string)).rejects.toThrow(FormatError);
      await expect(safetensors.load(model, source as string)).rejects.toThrow(`${name}: expected a header`);
    }
    for (const wrong of [undefined, 5, [1, 2], new Response(""), detached(new Uint8Array(1))]) {
      await expect(safetensors.load(model, wrong as never)).rejects.toThrow(ArgumentError);
    }
    expect(model.state()).toEqual(before);
  });

  it("says shortly what a file holds that the model does not", async () => {
    const zero = Float32Array.of(0);
    const shape = Array<number>(60).fill(1);
    const wanted = linear().state();
    const files = [
      new Map([...wanted, ["x".repeat(1e6), { shape: [1], data: zero }]]),
      new Map([...wanted, ["0.bias", { shape, data: zero }]]),
    ];
    for (const tensors of files) {
      const loading = safetensors.load(linear(), serializeSafetensors(tensors), "file");
      await expect(loading).rejects.toThrow(FormatError);
      await expect(loading).rejects.toThrow(/^file.{1,300}$/);
    }
  });
});

describe("an initializer", () => {
  const build = (data: unknown): Model =>
    nn
      .sequential(nn.linear({ outFeatures: 2, bias: false, initializer: () => data as Float32Array }))
      .build(engine, { inputShape: [2] });

  it.each([
    ["a Float64Array", Float64Array.of(1, 2, 3, 4)],
    ["a plain array", [1, 2, 3, 4]],
    [
      "rows",
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ["a Float32Array of another realm", inOtherRealm(() => Float32Array.of(1, 2, 3, 4))],
  ])("may give %s", (_, data) => {
    expect(build(data).state().get("0.weight")!.data).toEqual(Float32Array.of(1, 2, 3, 4));
  });

  it.each([
    ["nothing", undefined],
    ["text", ["1", "2", "3", "4"]],
    ["bigints", BigInt64Array.of(1n, 2n, 3n, 4n)],
    ["too large numbers", [1, 2, 3, 1e39]],
    ["a detached array", detached(new Float32Array(4))],
    ["an array that claims to be longer", Object.defineProperty(new Float32Array(2), "length", { value: 4 })],
  ])("is refused with %s", (_, data) => {
    expect(() => build(data)).toThrow(/0\.weight/);
  });
});

describe("a program's input", () => {
  const graph = new Graph();
  const x = graph.input([2, 2], "x");
  const labels = graph.input([2], "labels", "i32");
  const loss = ops.softmaxCrossEntropy(x, labels);
  const program = new Program(engine, graph, { outputs: [loss] });

  it.each([
    ["a Float64Array", Float64Array.of(1, 2, 3, 4)],
    ["a plain array", [1, 2, 3, 4]],
    [
      "rows",
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ["bytes, which are numbers here", Uint8Array.of(1, 2, 3, 4)],
    ["a Float32Array of another realm", inOtherRealm(() => Float32Array.of(1, 2, 3, 4))],
  ])("takes %s", (_, data) => {
    program.write(x, data);
    expect(program.read(x)).toEqual(Float32Array.of(1, 2, 3, 4));
  });

  it.each([
    ["a plain array", [0, 1]],
    ["bytes", Uint8Array.of(0, 1)],
    ["floats", Float32Array.of(0, 1)],
  ])("of integers takes %s", (_, data) => {
    program.write(labels, data);
    expect(program.readIntegers(labels)).toEqual(Int32Array.of(0, 1));
  });

  it.each([
    ["an array-like object", { length: 4, 0: 1, 1: 2, 2: 3, 3: 4 }],
    ["an object that claims a length", { length: 4 }],
    ["an array that claims to be longer", Object.defineProperty(new Float32Array(2), "length", { value: 4 })],
    ["an array that claims to be shorter", Object.defineProperty(new Float32Array(9000), "length", { value: 4 })],
    ["columns of another shape", [[1, 2, 3, 4]]],
    ["text", ["1", "2", "3", "4"]],
    ["a hole", Object.assign([1, 2, 3], { length: 4 })],
    ["a detached array", detached(new Float32Array(4))],
  ])("refuses %s, and stays as it was", (_, data) => {
    program.write(x, [5, 6, 7, 8]);
    expect(() => program.write(x, data as never)).toThrow(ArgumentError);
    expect(program.read(x)).toEqual(Float32Array.of(5, 6, 7, 8));
  });

  it("of integers refuses fractions", () => {
    program.write(labels, [1, 0]);
    expect(() => program.write(labels, [0.5, 0])).toThrow("whole numbers that an int32 can hold, got 0.5 at [0]");
    expect(program.readIntegers(labels)).toEqual(Int32Array.of(1, 0));
  });
});

function sharedFloats(...numbers: number[]): Float32Array {
  const floats = new Float32Array(new SharedArrayBuffer(4 * numbers.length));
  floats.set(numbers);
  return floats;
}
