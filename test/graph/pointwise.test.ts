import { describe, expect, it } from "vitest";
import { Graph, Program, type Value } from "../../src/graph/index.js";
import { ops } from "../../src/index.js";
import { expectIdentical } from "../expect.js";
import { testedBuilds, testEngine } from "../kernel.js";
import { randomFloats } from "../random.js";

/** GELU by its tanh formula (Hendrycks and Gimpel, 2016, §2), of the simplest operations. */
function gelu(x: Value): Value {
  const cube = ops.multiply(ops.multiply(x, x), x);
  const inner = ops.scale(ops.add(x, ops.scale(cube, 0.044715)), Math.sqrt(2 / Math.PI));
  return ops.multiply(ops.scale(x, 0.5), ops.add(x.graph.constant([], 1), ops.tanh(inner)));
}

function kernelsOf(program: Program, section: "forward" | "backward"): string[] {
  const { records } = program.explain();
  return records.filter((record) => record.section === section).map(({ kernel }) => kernel);
}

describe.each(testedBuilds)("elementwise operations in one pass (%s)", async (build) => {
  const engine = await testEngine(build);

  /** The outputs and gradients of a graph that `make` builds from inputs of some shapes, fused and not. */
  function compare(
    shapes: readonly (readonly number[])[],
    make: (...inputs: Value[]) => readonly Value[],
    differentiates = true,
  ): Program {
    const graph = new Graph();
    const inputs = shapes.map((shape, i) => graph.input(shape, `input ${i}`));
    const outputs = make(...inputs);
    const from = outputs[0]!;
    const gradient = graph.input(from.shape, "upstream");
    const options = differentiates ? { outputs, backward: { from, gradient }, gradients: inputs } : { outputs };
    const [fused, plain] = [true, false].map((fuse) => new Program(engine, graph, { ...options, fuse })) as [
      Program,
      Program,
    ];
    for (const program of [fused, plain]) {
      graph.inputs.forEach((input, i) => program.write(input, randomFloats(input.size, i + 1)));
      program.run();
    }
    for (const output of outputs) expectIdentical(fused.read(output), plain.read(output));
    if (differentiates) for (const x of inputs) expectIdentical(fused.readGradient(x), plain.readGradient(x));
    return fused;
  }

  it("a composed GELU is one record forward and one backward, with the bits of its parts", () => {
    for (const size of [1, 15, 16, 17, 1023, 1024, 1025, 5000]) {
      const program = compare([[size]], (x) => [gelu(x)]);
      expect([kernelsOf(program, "forward"), kernelsOf(program, "backward")]).toEqual([["pointwise"], ["pointwise"]]);
    }
  });

  it("computes again in the backward pass what is cheap, and nothing expensive", () => {
    const { records } = compare([[2000]], (x) => [gelu(x)]).explain();
    const instructions = records.map((record) => record.instructions!.join("\n"));
    expect(instructions[0]).toMatch(/tanh\(\w+\), written/);
    expect(instructions[0]!.match(/written/g)).toHaveLength(2);
    expect(instructions[1]).not.toMatch(/tanh\(/);
    expect(instructions[1]).toMatch(/multiply\(v0, v0\)/);
  });

  it("the sum of a residual block and its ReLU are one", () => {
    const program = compare(
      [
        [7, 9],
        [9, 9],
        [7, 9],
      ],
      (x, w, r) => [ops.relu(ops.add(ops.linear(x, w), r))],
    );
    expect(kernelsOf(program, "forward")).toEqual(["gemm", "pointwise"]);
  });

  it("nodes that read the same large value run together, and write several results", () => {
    const program = compare([[3000], [3000]], (a, b) => [ops.multiply(a, b), ops.add(a, b)]);
    expect(kernelsOf(program, "forward")).toEqual(["pointwise"]);
    expect(kernelsOf(program, "backward")).toEqual(["pointwise"]);
  });

  it("a node that needs what another computes of the group's results stays outside", () => {
    // b is read by the product, whose result the last sum reads, with b: they cannot be one.
    const program = compare([[6, 6]], (a) => {
      const b = ops.scale(a, 2);
      return [ops.add(ops.matmul(b, b), b)];
    });
    expect(kernelsOf(program, "forward")).toEqual(["pointwise", "gemm", "pointwise"]);
  });

  it("a node stays outside a group that it needs by way of another group, which ends after it", () => {
    const along = { axis: 0 };
    compare(
      [[7], [7]],
      (x, y) => {
        const early = ops.exp(x);
        const ofEarly = ops.cumulativeSum(early, along);
        const other = ops.tanh(y);
        // One group with `early`: so what reads that one waits for what this one needs.
        const late = ops.add(early, ops.cumulativeSum(other, along));
        return [ops.add(other, ofEarly), late];
      },
      false,
    );
  });

  it("a node stays outside, too, where the way leads through a group that began before what it reads", () => {
    // `last` reads late, and a product of early; with early goes sum, which reads a product of late.
    compare(
      [
        [6, 6],
        [6, 6],
      ],
      (x, w) => {
        const early = ops.tanh(x);
        const product = ops.matmul(early, w);
        const late = ops.sigmoid(w);
        const sum = ops.add(early, ops.matmul(late, w));
        const last = ops.multiply(product, late);
        return [last, sum];
      },
    );
  });

  it("reads broadcast and repeated operands as they lie", () => {
    const shapes = [
      [3, 1, 50],
      [7, 1],
      [1, 7, 50],
    ];
    const program = compare(shapes, (a, b, c) => [ops.multiply(ops.add(a, b), c), ops.subtract(ops.exp(a), b)]);
    expect(kernelsOf(program, "forward").every((kernel) => kernel === "pointwise")).toBe(true);
  });

  it("takes numbers, constants and counted integers without state", () => {
    const graph = new Graph();
    const x = graph.input([2, 3], "x");
    const mask = ops.less(graph.iota(3), 2);
    const y = ops.where(mask, ops.add(ops.multiply(x, 2), graph.constant([3], [1, 2, 3])), -1);
    const program = new Program(engine, graph, { outputs: [y] });
    program.write(x, [1, 2, 3, 4, 5, 6]);
    program.run();
    expect([...program.read(y)]).toEqual([3, 6, -1, 9, 12, -1]);
  });

  it("naming a result changes no bits", () => {
    const bits = (named: boolean): Float32Array => {
      const graph = new Graph();
      const [x, y] = [graph.input([1000], "x"), graph.input([1000], "y")];
      const product = ops.multiply(x, y);
      const sum = ops.add(product, x);
      const program = new Program(engine, graph, { outputs: named ? [sum, product] : [sum] });
      [x, y].forEach((input, i) => program.write(input, randomFloats(1000, i)));
      program.run();
      return program.read(sum);
    };
    expectIdentical(bits(false), bits(true));
  });

  it("keeps more than one record's worth of operations and arrays in several", () => {
    const long = compare([[100]], (x) => {
      let y = x;
      for (let i = 0; i < 200; i++) y = ops.add(ops.scale(y, 0.9), x);
      return [y];
    });
    expect(kernelsOf(long, "forward").length).toBeGreaterThan(4);
    const wide = compare(
      Array.from({ length: 40 }, () => [64]),
      (...inputs) => [inputs.reduce((a, b) => ops.add(a, b))],
    );
    expect(kernelsOf(wide, "forward").length).toBeGreaterThan(2);
  });

  it("counts the scalars of random numbers among the arrays of a record", () => {
    for (const arrays of [11, 12, 13, 14, 15, 16]) {
      const graph = new Graph();
      const inputs = Array.from({ length: arrays }, (_, i) => graph.input([40], `input ${i}`));
      const total = inputs.reduce((sum, x) => ops.add(sum, ops.dropout(x, 0.5)));
      const [fused, plain] = [true, false].map((fuse) => new Program(engine, graph, { outputs: [total], fuse }));
      for (const program of [fused!, plain!]) {
        inputs.forEach((input, i) => program.write(input, randomFloats(40, i + 1)));
        program.run();
      }
      expectIdentical(fused!.read(total), plain!.read(total));
    }
  });

  it("reads operands of any number of axes, however they broadcast", () => {
    for (const axes of [15, 16, 17, 20]) {
      const graph = new Graph();
      const [a, b] = [0, 1].map((odd) => {
        return graph.input(
          Array.from({ length: axes }, (_, axis) => (axis % 2 === odd ? 2 : 1)),
          "an operand",
        );
      }) as [Value, Value];
      const sum = ops.add(ops.multiply(a, 2), b);
      const program = new Program(engine, graph, { outputs: [sum] });
      [a, b].forEach((input, i) =>
        program.write(
          input,
          Float32Array.from({ length: input.size }, (_, at) => at * (i === 0 ? 1 : 4096)),
        ),
      );
      program.run();
      // The bits of a place, the last axis lowest, are by turns those of the places in a and b.
      const placeIn = (place: number, odd: number): number => {
        let index = 0;
        for (let axis = odd; axis < axes; axis += 2) index = 2 * index + ((place >> (axes - 1 - axis)) & 1);
        return index;
      };
      const expected = Float32Array.from({ length: 2 ** axes }, (_, at) => 2 * placeIn(at, 0) + 4096 * placeIn(at, 1));
      expectIdentical(program.read(sum), expected);
      program.dispose();
    }
  });
});
