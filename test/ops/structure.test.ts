import { describe, expect, it } from "vitest";
import { ArgumentError, KernelError, Random, ShapeError } from "../../src/engine/index.js";
import { type DataType, Graph, isFloating, Program, type Shape, sizeOf, type Value } from "../../src/graph/index.js";
import { ops } from "../../src/index.js";
import { checkGradient } from "../gradient.js";
import { testEngine } from "../kernel.js";

const engine = await testEngine();

/** The shape and the elements of what is made of 0, 1, 2, … in x. */
function computed(shape: Shape, make: (x: Value) => Value, dataType: DataType = "f32"): readonly [Shape, number[]] {
  const graph = new Graph();
  const x = graph.input(shape, "x", dataType);
  const y = make(x);
  const program = new Program(engine, graph, { outputs: [y] });
  program.write(
    x,
    Array.from({ length: sizeOf(shape) }, (_, i) => (dataType === "bool" ? i % 2 : i)),
  );
  program.run();
  const elements = [...(isFloating(y.dataType) ? program.read(y) : program.readIntegers(y))];
  program.dispose();
  return [y.shape, elements];
}

const range = (start: number, end: number, step = 1): number[] =>
  Array.from({ length: Math.max(Math.ceil((end - start) / step), 0) }, (_, i) => start + i * step);

describe("slice", () => {
  it.each([
    [[[1, 4]], [1, 2, 3]],
    [[[-3, null]], [7, 8, 9]],
    [[[-3]], [7, 8, 9]],
    [[[null, null, 3]], [0, 3, 6, 9]],
    [[[null, null, -3]], [9, 6, 3, 0]],
    [[[7, 2, -2]], [7, 5, 3]],
    [[[7, -20, -2]], [7, 5, 3, 1]],
    [[[-100, 100]], range(0, 10)],
    [[[5, 2]], []],
    [[null], range(0, 10)],
    [[], range(0, 10)],
    [[[undefined, 2]], [0, 1]],
  ] as [ops.SliceRange[], number[]][])("%j takes what Python does", (ranges, elements) => {
    expect(computed([10], (x) => ops.slice(x, ranges))).toEqual([[elements.length], elements]);
  });

  it("takes an index away with its axis", () => {
    expect(computed([2, 3, 4], (x) => ops.slice(x, [-1, null, 1]))).toEqual([[3], [13, 17, 21]]);
    expect(computed([2, 3], (x) => ops.slice(x, [1, 2]))).toEqual([[], [5]]);
  });

  it("refuses what is no range and an index that is not there, and says what to write", () => {
    const x = new Graph().input([2, 3], "x");
    for (const ranges of [[[0, 1, 0]], [[0.5]], ["1:2"], [[1, 2, 3, 4]], [null, null, null], 3]) {
      expect(() => ops.slice(x, ranges as never)).toThrow(ArgumentError);
    }
    expect(() => ops.slice(x, [["a" as never]])).toThrow(/write \[start, end, step\]/);
    expect(() => ops.slice(x, [2])).toThrow(ShapeError);
    expect(() => ops.slice(x, [2])).toThrow(/no index 2 along axis 0 of x, \[2, 3\]/);
  });

  it("runs no record for a part that lies together, nor for its gradient's slice", () => {
    const graph = new Graph();
    const x = graph.input([6, 4], "x");
    const program = new Program(engine, graph, { outputs: [ops.slice(x, [[2, 5]])] });
    expect(program.linked.length).toBe(0);
    program.dispose();
  });
});

describe("views of views", () => {
  const random = new Random(7);
  const cases = Array.from({ length: 30 }, (_, i) => [i, random.below(2 ** 30)] as const);

  it.each(cases)("read the elements that views of arrays name: chain %i", (_, seed) => {
    const random = new Random(seed);
    const shape = range(0, 1 + random.below(4)).map(() => 1 + random.below(6));
    let elements = new Map(range(0, sizeOf(shape)).map((place) => [place, place]));
    let current: Shape = shape;
    const positionOf = (shape: Shape, place: number): number[] =>
      shape.reduceRight<number[]>(([...rest], length) => {
        rest.unshift(place % length);
        place = Math.floor(place / length);
        return rest;
      }, []);
    const placeOf = (shape: Shape, position: readonly number[]): number =>
      position.reduce((place, at, axis) => place * shape[axis]! + at, 0);
    const moved = (to: Shape, from: (position: number[]) => number[]): void => {
      const before = current;
      const read = (place: number): number => elements.get(placeOf(before, from(positionOf(to, place))))!;
      elements = new Map(range(0, sizeOf(to)).map((place) => [place, read(place)]));
      current = to;
    };
    const steps = range(0, 4).map((): ((x: Value) => Value) => {
      const kind = random.below(4);
      const shape = current;
      if (kind === 0) {
        const axes = range(0, shape.length);
        const order = shape.map(() => axes.splice(random.below(axes.length), 1)[0]!);
        moved(
          order.map((axis) => shape[axis]!),
          (position) => shape.map((_, axis) => position[order.indexOf(axis)]!),
        );
        return (x) => ops.permute(x, order);
      }
      if (kind === 1) {
        const starts = shape.map((length) => random.below(length));
        const step = shape.map(() => [1, 1, 2, -1, -2][random.below(5)]!);
        const lengths = shape.map((length, axis) => {
          return Math.ceil((step[axis]! > 0 ? length - starts[axis]! : starts[axis]! + 1) / Math.abs(step[axis]!));
        });
        moved(lengths, (position) => position.map((at, axis) => starts[axis]! + at * step[axis]!));
        return (x) =>
          ops.slice(
            x,
            starts.map((start, axis) => [start, null, step[axis]!]),
          );
      }
      if (kind === 2) {
        moved([2, ...shape], (position) => position.slice(1));
        return (x) => ops.expand(x, [2, ...shape]);
      }
      const [last = 1, ...rest] = [...shape].reverse();
      const flat = [...rest.reverse().slice(0, -1), (rest.at(-1) ?? 1) * last];
      moved(flat, (position) => positionOf(shape, placeOf(flat, position)));
      return (x) => ops.reshape(x, [...flat.slice(0, -1), -1]);
    });
    const found = computed(shape, (x) => steps.reduce((y, step) => step(y), x));
    expect(found).toEqual([current, range(0, sizeOf(current)).map((place) => elements.get(place)!)]);
  });
});

describe("axes", () => {
  it("of length 1 come and go", () => {
    const x = new Graph().input([1, 3, 1], "x");
    expect(ops.squeeze(x).shape).toEqual([3]);
    expect(ops.squeeze(x, -1).shape).toEqual([1, 3]);
    expect(ops.squeeze(x, [0, 2]).shape).toEqual([3]);
    expect(ops.unsqueeze(x, 1).shape).toEqual([1, 1, 3, 1]);
    expect(ops.unsqueeze(x, -1).shape).toEqual([1, 3, 1, 1]);
    expect(ops.squeeze(x, 1).shape).toEqual([1, 3, 1]);
    expect(ops.squeeze(x, [1, 2]).shape).toEqual([1, 3]);
    expect(() => ops.unsqueeze(x, 4)).toThrow(ShapeError);
  });

  it("change places", () => {
    expect(computed([2, 3], (x) => ops.transpose(x))).toEqual([
      [3, 2],
      [0, 3, 1, 4, 2, 5],
    ]);
    expect(computed([2, 1, 3], (x) => ops.transpose(x, 0, -1))).toEqual([
      [3, 1, 2],
      [0, 3, 1, 4, 2, 5],
    ]);
    expect(computed([2, 3], (x) => ops.flip(x))).toEqual([
      [2, 3],
      [5, 4, 3, 2, 1, 0],
    ]);
    expect(computed([2, 3], (x) => ops.flip(x, 1))).toEqual([
      [2, 3],
      [2, 1, 0, 5, 4, 3],
    ]);
    const x = new Graph().input([2, 3], "x");
    expect(() => ops.permute(x, [0])).toThrow(/wants each of the 2 axes of x, \[2, 3\] once/);
    expect(() => ops.permute(x, [0, 0])).toThrow(ShapeError);
    expect(() => ops.transpose(new Graph().input([2], "x"))).toThrow(ShapeError);
  });

  it("are inferred by reshape and kept by expand where −1 stands", () => {
    const x = new Graph().input([4, 6], "x");
    expect(ops.reshape(x, [-1]).shape).toEqual([24]);
    expect(ops.reshape(x, [3, -1, 2]).shape).toEqual([3, 4, 2]);
    for (const shape of [
      [-1, -1],
      [5, -1],
      [0, -1],
      [-2, 12],
    ])
      expect(() => ops.reshape(x, shape)).toThrow(ShapeError);
    expect(ops.expand(x, [3, -1, -1]).shape).toEqual([3, 4, 6]);
    expect(() => ops.expand(x, [-1, 4, 6])).toThrow(ShapeError);
  });
});

describe("parts and wholes", () => {
  it.each(["f32", "f16", "i32", "u8", "bool"] as const)(
    "of %s are joined, taken apart, padded, picked and turned",
    (type) => {
      const of = (element: number): number => (type === "bool" ? element % 2 : element);
      const all = (elements: readonly number[]): number[] => elements.map(of);
      const join = (x: Value): Value => ops.concat([ops.slice(x, [null, [2]]), x], -1);
      expect(computed([2, 3], join, type)).toEqual([[2, 4], all([2, 0, 1, 2, 5, 3, 4, 5])]);
      expect(computed([2, 3], (x) => ops.stack([x, ops.flip(x)], 1), type)).toEqual([
        [2, 2, 3],
        all([0, 1, 2, 5, 4, 3, 3, 4, 5, 2, 1, 0]),
      ]);
      expect(computed([2, 3], (x) => ops.transpose(x), type)[1]).toEqual(all([0, 3, 1, 4, 2, 5]));
      expect(computed([3], (x) => ops.pad(x, { padding: [[1, 2]], value: 1 }), type)[1]).toEqual([
        1,
        ...all([0, 1, 2]),
        1,
        1,
      ]);
      const reflected = (x: Value): Value => ops.pad(x, { padding: 2, mode: "reflect" });
      expect(computed([3], reflected, type)[1]).toEqual(all([2, 1, 0, 1, 2, 1, 0]));
      const replicated = (x: Value): Value => ops.pad(x, { padding: [[2, 0]], mode: "replicate" });
      expect(computed([3], replicated, type)[1]).toEqual(all([0, 0, 0, 1, 2]));
      const picked = (x: Value): Value => ops.take(x, x.graph.constant([2], Int32Array.of(-1, 1), "indices"), 1);
      expect(computed([2, 3], picked, type)).toEqual([[2, 2], all([2, 1, 5, 4])]);
      const gathered = (x: Value): Value => ops.gather(x, x.graph.constant([1, 2], Int32Array.of(1, 0), "indices"), 0);
      expect(computed([2, 3], gathered, type)).toEqual([[1, 2], all([3, 1])]);
      expect(computed([2, 2], (x) => ops.tile(x, [2, 1, 2]), type)).toEqual([
        [2, 2, 4],
        all([0, 1, 0, 1, 2, 3, 2, 3, 0, 1, 0, 1, 2, 3, 2, 3]),
      ]);
    },
  );

  it("of split and chunk are those of PyTorch", () => {
    const x = new Graph().input([2, 7], "x");
    const lengths = (parts: readonly Value[]): number[] => parts.map(({ shape }) => shape[1]!);
    expect(lengths(ops.split(x, 3, 1))).toEqual([3, 3, 1]);
    expect(lengths(ops.split(x, [2, 0, 5], -1))).toEqual([2, 0, 5]);
    expect(lengths(ops.chunk(x, 3, 1))).toEqual([3, 3, 1]);
    expect(lengths(ops.chunk(x, 4, 1))).toEqual([2, 2, 2, 1]);
    expect(lengths(ops.chunk(x, 6, 1))).toEqual([2, 2, 2, 1]);
    expect(computed([2, 7], (x) => ops.split(x, 3, 1)[1]!)[1]).toEqual([3, 4, 5, 10, 11, 12]);
    expect(() => ops.split(x, [2, 2], 1)).toThrow(/do not add up to axis 1 of x, \[2, 7\]/);
    expect(() => ops.split(x, 0, 1)).toThrow(ArgumentError);
    expect(() => ops.chunk(x, 0, 1)).toThrow(ArgumentError);
  });

  it("are joined whatever their number, and their gradients come apart again", () => {
    checkGradient(
      engine,
      [{ shape: [70, 2] }],
      ([x]) => {
        const rows = ops.split(x!, 1);
        return ops.multiply(ops.concat(rows), ops.concat([...rows].reverse()));
      },
      ([x]) => x!.map((element, i) => element * x![(69 - Math.floor(i / 2)) * 2 + (i % 2)]!),
    );
  });

  it("must be alike", () => {
    const graph = new Graph();
    const [a, b, integers] = [graph.input([2, 3], "a"), graph.input([3, 3], "b"), graph.input([2, 3], "c", "i32")];
    expect(ops.concat([a, b]).shape).toEqual([5, 3]);
    expect(() => ops.concat([a, b], 1)).toThrow(/the same but for axis 1; got a, \[2, 3\] and b, \[3, 3\]/);
    expect(() => ops.stack([a, b])).toThrow(ShapeError);
    expect(() => ops.concat([a, integers])).toThrow(/cast/);
    expect(() => ops.concat([])).toThrow(ArgumentError);
    expect(() => ops.concat(a as never)).toThrow(/Write concat\(\[a, b\], axis\)/);
  });
});

describe("pad", () => {
  it("refuses a reflection as long as the axis, and more padding than there are axes", () => {
    const x = new Graph().input([3, 2], "x");
    expect(() => ops.pad(x, { padding: [0, 2], mode: "reflect" })).toThrow(/must be shorter than the axis/);
    expect(() => ops.pad(x, [1, 1, 1])).toThrow(ShapeError);
    expect(() => ops.pad(x, [[-2, -2]])).toThrow(ShapeError);
    expect(() => ops.pad(x, { padding: 1, mode: "circular" as never })).toThrow(/must be one of/);
  });
});

describe("indices", () => {
  const run = (index: number, make: (x: Value, indices: Value) => Value): void => {
    const graph = new Graph();
    const [x, indices] = [graph.input([3], "x"), graph.input([1], "indices", "i32")];
    const program = new Program(engine, graph, { outputs: [make(x, indices)] });
    program.write(indices, [index]);
    try {
      program.run();
    } finally {
      program.dispose();
    }
  };

  it.each([
    ["take", (x: Value, indices: Value) => ops.take(x, indices)],
    ["gather", (x: Value, indices: Value) => ops.gather(x, indices)],
    ["scatterAdd", (x: Value, indices: Value) => ops.scatterAdd(x, indices, x)],
  ])("out of range end a run of %s with an error that says so", (name, make) => {
    for (const index of [3, -4]) {
      expect(() => run(index, make)).toThrow(KernelError);
      expect(() => run(index, make)).toThrow(new RegExp(`${name}.*: an index is out of range`));
    }
    for (const index of [2, -3]) run(index, make);
  });

  it("that are known beforehand are looked at when the graph is made", () => {
    const graph = new Graph();
    const x = graph.input([3], "x");
    expect(() => ops.take(x, graph.constant([2], Int32Array.of(0, 3), "i"))).toThrow(
      /no index 3 along axis 0 of x, \[3\]/,
    );
    expect(() => ops.take(x, graph.input([2], "i"))).toThrow(/cast\(indices, "i32"\)/);
    expect(() => ops.take(graph.input([0], "empty"), graph.input([2], "i", "i32"))).toThrow(ShapeError);
  });

  it("add up in scatterAdd, floats and integers, and leave the rest", () => {
    for (const type of ["f32", "i32"] as const) {
      const make = (x: Value): Value => {
        const indices = x.graph.constant([2, 3], Int32Array.of(0, 0, -1, 1, 1, 1), "indices");
        return ops.scatterAdd(x, indices, ops.slice(x, [null, [0, 3]]), 1);
      };
      expect(computed([2, 4], make, type)[1]).toEqual([0 + 0 + 1, 1, 2, 3 + 2, 4, 5 + 4 + 5 + 6, 6, 7]);
    }
    const x = new Graph().input([2], "x", "u8");
    expect(() => ops.scatterAdd(x, x.graph.input([1], "i", "i32"), x)).toThrow(/adds float32 or int32/);
  });
});

describe("cumulativeSum", () => {
  it("adds along the last axis by default, or another, or backwards; integers too", () => {
    expect(computed([2, 3], (x) => ops.cumulativeSum(x))[1]).toEqual([0, 1, 3, 3, 7, 12]);
    expect(computed([2, 3], (x) => ops.cumulativeSum(x, 0), "i32")[1]).toEqual([0, 1, 2, 3, 5, 7]);
    expect(computed([2, 3], (x) => ops.cumulativeSum(x, { reverse: true }))[1]).toEqual([3, 3, 2, 12, 9, 5]);
    expect(() => ops.cumulativeSum(new Graph().input([2], "x", "u8"))).toThrow(/cast\(x, "f32"\)/);
    expect(ops.cumulativeSum(new Graph().input([], "x")).shape).toEqual([]);
  });
});
