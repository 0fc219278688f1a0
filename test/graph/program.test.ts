import { describe, expect, it } from "vitest";
import { ArgumentError, KernelError, ShapeError, StateError } from "../../src/engine/index.js";
import { Graph, Program } from "../../src/graph/index.js";
import { add } from "../../src/ops/elementwise/add.js";
import { custom } from "../../src/ops/custom.js";
import { relu } from "../../src/ops/activations/relu.js";
import { checkGradient } from "../gradient.js";
import { testEngine } from "../kernel.js";

describe("Program", async () => {
  const engine = await testEngine();

  it("computes the outputs it was asked for and refuses to read anything else", () => {
    const graph = new Graph();
    const x = graph.input([3], "x");
    const hidden = add(x, x);
    const y = relu(hidden);
    const program = new Program(engine, graph, { outputs: [y] });
    program.write(x, [-1, 0.5, 2]);
    program.run();
    expect([...program.read(y)]).toEqual([0, 1, 4]);
    expect([...program.read(x)]).toEqual([-1, 0.5, 2]);
    expect(() => program.read(hidden)).toThrow(StateError);
    expect(() => program.write(x, [1, 2])).toThrow(ArgumentError);
  });

  it("computes only what its outputs need", () => {
    const graph = new Graph();
    const x = graph.input([3], "x");
    const y = relu(x);
    relu(add(x, x));
    expect(new Program(engine, graph, { outputs: [y] }).linked.length).toBe(1);
  });

  it("sums the gradients of a value that is used several times", () => {
    // y = relu(x) + (x + x) + x: each use contributes, through passed and through written gradients.
    checkGradient(
      engine,
      [{ shape: [11] }],
      ([x]) => add(add(relu(x!), add(x!, x!)), x!),
      ([x]) => x!.map((value) => Math.max(value, 0) + 3 * value),
    );
  });

  it("gives other programs the same results after the arena has moved", () => {
    const small = new Graph();
    const x = small.input([4], "x");
    const y = relu(add(x, x));
    const program = new Program(engine, small, { outputs: [y] });
    const large = new Graph();
    const big = large.input([1_000_000], "big");
    new Program(engine, large, { outputs: [relu(big)] });
    program.write(x, [1, -2, 3, -4]);
    program.run();
    expect([...program.read(y)]).toEqual([2, 0, 6, 0]);
  });

  it("rejects values of another graph", () => {
    const x = new Graph().input([2], "x");
    const y = new Graph().input([2], "y");
    expect(() => add(x, y)).toThrow(ShapeError);
  });

  it("runs operations written in TypeScript, with gradients", () => {
    checkGradient(
      engine,
      [{ shape: [5] }, { shape: [5] }],
      ([a, b]) =>
        relu(
          custom([a!, b!], {
            name: "product",
            shape: [5],
            forward: ([p, q], y) => y.forEach((_, i) => (y[i] = p![i]! * q![i]!)),
            backward: ([p, q], _y, dy, [dp, dq]) => {
              dy.forEach((gradient, i) => {
                dp![i] = gradient * q![i]!;
                dq![i] = gradient * p![i]!;
              });
            },
          }),
        ),
      ([a, b]) => a!.map((value, i) => Math.max(value * b![i]!, 0)),
    );
  });

  it("names the backward pass of the innermost place where it fails", () => {
    const graph = new Graph();
    const x = graph.input([2], "x", "f32", true);
    const y = graph.within("an outer place", () =>
      graph.within("my place", () =>
        custom([x], {
          name: "broken",
          shape: [2],
          forward: ([input], output) => output.set(input!),
          backward: () => {
            throw new Error("out of ideas");
          },
        }),
      ),
    );
    expect(y.label).toBe("the output of broken in my place");
    const program = new Program(engine, graph, { outputs: [y], backward: { from: y }, gradients: [x] });
    expect(() => program.run()).toThrow(/of the backward pass of broken in my place failed: out of ideas/);
    expect(() => program.read(relu(y))).toThrow("the output of relu was not kept");
  });

  it("names the layer when an operation written in TypeScript throws", () => {
    const graph = new Graph();
    const x = graph.input([1], "x");
    const y = graph.within("layer 3 (mine)", () =>
      custom([x], {
        name: "broken",
        shape: [1],
        forward: () => {
          throw new Error("out of ideas");
        },
      }),
    );
    const program = new Program(engine, graph, { outputs: [y] });
    expect(() => program.run()).toThrow(KernelError);
    expect(() => program.run()).toThrow(/of broken in layer 3 \(mine\) failed: out of ideas/);
  });
});
