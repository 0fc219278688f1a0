import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  compile,
  createEngine,
  gradients,
  Graph,
  ops,
  ShapeError,
  StateError,
} from "../../src/index.js";
import { type Value, valueAndGradient } from "../../src/index.js";
import { expectClose } from "../expect.js";
import { randomFloats } from "../random.js";

describe("compile", async () => {
  const engine = await createEngine({ seed: 4 });

  it("takes numbers, typed arrays, nested arrays and tensors, and returns tensors", () => {
    const double = compile(engine, (x: Value) => ops.scale(x, 2));
    expect(double(3)).toEqual({ shape: [1], data: Float32Array.of(6) });
    expect(double(Float64Array.of(1, 2))).toEqual({ shape: [2], data: Float32Array.of(2, 4) });
    expect(double(Uint8Array.of(255))).toEqual({ shape: [1], data: Float32Array.of(510) });
    expect(double([1, 2, 3])).toEqual({ shape: [3], data: Float32Array.of(2, 4, 6) });
    const matrix = { shape: [2, 2], data: Float32Array.of(2, 4, 6, 8) };
    expect(double([[1, 2], [3, 4]])).toEqual(matrix); // prettier-ignore
    expect(double({ shape: [2, 2], data: [1, 2, 3, 4] })).toEqual(matrix);
    expect(double(double([1, 2]))).toEqual({ shape: [2], data: Float32Array.of(4, 8) });
    expect(double([])).toEqual({ shape: [0], data: new Float32Array() });
  });

  it("returns values in the structure in which the function does", () => {
    const both = compile(engine, (a: Value, b: Value) => ({ sum: ops.add(a, b), product: ops.multiply(a, b) }));
    const { sum, product } = both([1, 2], [3, 4]);
    expect([sum.data, product.data]).toEqual([Float32Array.of(4, 6), Float32Array.of(3, 8)]);
    const places = compile(engine, (a: Value, b: Value) => [ops.argMax(a, { axis: 1 }), ops.less(a, b)] as const);
    const [place, isLess] = places([[1, 3, 2]], [[2, 2, 2]]);
    expect([...place.data, ...isLess.data]).toEqual([1, 1, 0, 0]);
    const large = compile(engine, (a: Value) => ops.add(a, 1));
    expect(() => large(Int32Array.of(2 ** 24))).toThrow(/holds 16777217, which float32 does not/);
    const list = compile(engine, (a: Value) => [a, ops.relu(a)] as const);
    const [same, positive] = list([-1, 1]);
    expect([same.data, positive.data]).toEqual([Float32Array.of(-1, 1), Float32Array.of(0, 1)]);
  });

  it("takes integers from an Int32Array", () => {
    const accuracy = compile(engine, (scores: Value, labels: Value) => ops.accuracy(scores, labels));
    const scores = [[0, 1], [1, 0]]; // prettier-ignore
    expect([...accuracy(scores, Int32Array.of(1, 1)).data]).toEqual([1]);
    expect([...accuracy(scores, { shape: [2], data: Int32Array.of(1, 0) }).data]).toEqual([2]);
    expect(() => accuracy(scores, [1, 1])).toThrow(ShapeError);
  });

  it("traces a function once for each combination of shapes and types", () => {
    let traces = 0;
    const f = compile(engine, (x: Value) => {
      traces++;
      return ops.exp(x);
    });
    for (const x of [[1], [2], 3, [1, 2], [[1, 2]], [3, 4]]) f(x);
    expect(traces).toBe(3);
  });

  it("fuses as a trainer does, unless told otherwise", () => {
    const layer = (x: Value, w: Value): Value => ops.relu(ops.linear(x, w));
    const given = [[[1, -2]], [[1], [2]]] as const;
    const [fused, plain] = [compile(engine, layer), compile(engine, layer, { fuse: false })];
    expect(fused(...given)).toEqual(plain(...given));
  });

  it("draws other random numbers in every call, the same from the same seed", async () => {
    const draw = async (): Promise<number[][]> => {
      const drop = compile(await createEngine({ seed: 9 }), (x: Value) => ops.dropout(x, 0.5));
      const ones = new Float32Array(64).fill(1);
      return [[...drop(ones).data], [...drop(ones).data]];
    };
    const [first, second] = await draw();
    expect(first).not.toEqual(second);
    expect(await draw()).toEqual([first, second]);
  });

  it("differentiates inside the function, twice if asked", () => {
    // y = Σ (x·x)·x / 3 by hand: y′ = x², y″ = 2x.
    const second = compile(engine, (x: Value) => {
      const y = ops.scale(ops.multiply(ops.multiply(x, x), x), 1 / 3);
      const [first] = gradients(y, [x]);
      return gradients(first!, [x])[0]!;
    });
    expectClose(second([1, 2, -3]).data, [2, 4, -6], { relative: 1e-6 });
  });

  it("gives its memory back, by dispose or using", () => {
    const before = engine.memory.allocatedBytes;
    const f = compile(engine, (x: Value) => ops.exp(x));
    f([1, 2]);
    expect(engine.memory.allocatedBytes).toBeGreaterThan(before);
    f.dispose();
    f.dispose();
    expect(engine.memory.allocatedBytes).toBeLessThanOrEqual(before);
    expect(() => f([1, 2])).toThrow(StateError);
    expect(Symbol.for("Symbol.dispose") in f || (Symbol as { dispose?: symbol }).dispose! in f).toBe(true);
  });

  it("is refused inside an operation that a run calls", () => {
    const inner = compile(engine, (x: Value) => ops.exp(x));
    inner([1]);
    const outer = compile(engine, (x: Value) =>
      ops.custom([x], { name: "inside", shape: [1], forward: () => void inner([1]) }),
    );
    expect(() => outer([1])).toThrow(StateError);
  });

  it("says what is wrong with a call", () => {
    const call = compile as unknown as (...given: unknown[]) => (...given: unknown[]) => unknown;
    for (const engine of [undefined, null, {}, 3]) expect(() => call(engine, ops.exp)).toThrow(/wants an engine/);
    for (const f of [undefined, null, {}, 3]) expect(() => call(engine, f)).toThrow(/must be a function/);
    expect(() => call(engine, ops.exp, { fused: true })).toThrow("did you mean fuse?");
    expect(() => call(engine, ops.exp, { fuse: 1 })).toThrow(ArgumentError);
    const stray = new Graph().input([1], "stray");
    for (const wrong of [undefined, 3, [], {}, [3], { y: undefined }, Promise.resolve(3), "y"]) {
      expect(() => call(engine, () => wrong)(1)).toThrow(ArgumentError);
    }
    expect(() => call(engine, async () => Promise.resolve(3))(1)).toThrow("must not be async");
    expect(() => call(engine, () => stray)(1)).toThrow("stray, a value of another graph");
    expect(() => valueAndGradient(engine, (x: Value) => x)(Int32Array.of(1))).toThrow("holds integers");
    const f = call(engine, ops.exp);
    for (const wrong of [undefined, null, "1", true, {}, { shape: [1] }, stray, () => 1, [["1"]], [[1], [1, 2]]]) {
      expect(() => f(wrong)).toThrow(ArgumentError);
    }
    expect(() => f({ shape: [2], data: [1] })).toThrow("wants 2 numbers, got 1");
    expect(() => f({ shape: [-1], data: [1] })).toThrow(ShapeError);
    expect(() => f({ shape: [2, 1], data: [[1, 2]] })).toThrow(ArgumentError);
    expect(() => f()).toThrow(ArgumentError);
  });
});

describe("valueAndGradient", async () => {
  const engine = await createEngine({ seed: 4 });
  const loss = (x: Value, w: Value, t: Value): Value => ops.meanSquaredError(ops.linear(x, w), t);
  const [x, w, t] = [
    { shape: [3, 2], data: randomFloats(6, 1) },
    { shape: [2, 1], data: randomFloats(2, 2) },
    { shape: [3, 1], data: randomFloats(3, 3) },
  ] as const;

  it("returns a value and its gradients in the shapes of the arguments", () => {
    const { value, gradients } = valueAndGradient(engine, loss)(x, w, t);
    const residual = [0, 1, 2].map((i) => x.data[2 * i]! * w.data[0]! + x.data[2 * i + 1]! * w.data[1]! - t.data[i]!);
    expectClose([value], [residual.reduce((sum, r) => sum + (r * r) / 3, 0)], { relative: 1e-5 });
    expect(gradients.map(({ shape }) => shape)).toEqual([[3, 2], [2, 1], [3, 1]]); // prettier-ignore
    const dw = [0, 1].map((j) => residual.reduce((sum, r, i) => sum + (2 / 3) * r * x.data[2 * i + j]!, 0));
    expectClose(gradients[1]!.data, dw, { relative: 1e-5, absolute: 1e-6 });
    const [only, ...rest] = valueAndGradient(engine, loss, { withRespectTo: [1] })(x, w, t).gradients;
    expect(rest).toEqual([]);
    expect(only).toEqual(gradients[1]);
  });

  it("learns: descends along its own gradient", () => {
    const step = valueAndGradient(engine, loss, { withRespectTo: [1] });
    let weight = { shape: [2, 1] as readonly number[], data: Float32Array.of(0, 0) };
    const first = step(x, weight, t).value;
    for (let i = 0; i < 50; i++) {
      const [dw] = step(x, weight, t).gradients;
      weight = { ...weight, data: weight.data.map((value, j) => value - 0.3 * dw!.data[j]!) };
    }
    expect(step(x, weight, t).value).toBeLessThan(first);
  });

  it("leaves integers out, and says what has no gradient", () => {
    const crossEntropy = valueAndGradient(engine, (logits: Value, labels: Value) =>
      ops.softmaxCrossEntropy(logits, labels),
    );
    expect(crossEntropy([[0, 0]], Int32Array.of(1)).gradients).toEqual([
      { shape: [1, 2], data: Float32Array.of(0.5, -0.5) },
    ]);
    const labelled = valueAndGradient(engine, (a: Value, b: Value) => ops.softmaxCrossEntropy(a, b), {
      withRespectTo: [1],
    });
    expect(() => labelled([[0, 0]], Int32Array.of(1))).toThrow("argument 1 holds integers");
    expect(() => valueAndGradient(engine, ops.exp, { withRespectTo: [2] })(1)).toThrow("none of the 1");
    expect(() => valueAndGradient(engine, (...[a]: [Value, Value]) => ops.exp(a))(1, 2)).toThrow(
      "no gradient reaches argument 1",
    );
    expect(() => valueAndGradient(engine, ops.exp)([1, 2])).toThrow(ShapeError);
    const call = valueAndGradient as unknown as (...given: unknown[]) => (...given: unknown[]) => unknown;
    for (const withRespectTo of [[], 1, ["0"], [-1], [0.5], null]) {
      expect(() => call(engine, ops.exp, { withRespectTo })).toThrow(ArgumentError);
    }
    expect(() => call(engine, () => [ops.exp])(1)).toThrow(ArgumentError);
  });
});
