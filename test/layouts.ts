import { define, type Graph, type Shape, sizeOf, type Value } from "../src/graph/index.js";

/** How the elements of a value lie in memory: an array of `length` floats, and where in it. */
export interface Layout {
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
  readonly length: number;
}

const nothing: Layout = { shape: [], strides: [], offset: 0, length: 0 };

const lieOperation = define({
  name: "lie",
  inputs: ["x"],
  attributes: nothing,
  gradient: () => ({}),
  shape: (_, { shape }) => ({ y: shape }),
  view: (_, { attributes: { offset, strides } }) => ({ offset, strides }),
});

/** A value whose elements lie so in an input of a graph, which is returned, too. */
export function lying(graph: Graph, layout: Layout): readonly [value: Value, memory: Value] {
  const memory = graph.input([layout.length], "memory");
  return [lieOperation.apply({ x: memory }, layout).y, memory];
}

/**
 * Axes in another order, outermost first, each with a gap after its elements.
 * @param order of the axes, outermost first
 * @param step between elements of the innermost axis
 * @param gap floats between the end of an innermost run and the next
 */
export function ordered(shape: Shape, order: readonly number[], step = 1, gap = 0): Layout {
  const strides = shape.map(() => 0);
  let stride = step;
  [...order].reverse().forEach((axis, i) => {
    strides[axis] = stride;
    stride = stride * shape[axis]! + (i === 0 ? gap : 0);
  });
  return { shape, strides, offset: 0, length: Math.max(stride, 1) };
}

/** Every other element, backwards along every axis. */
export function backwards(shape: Shape): Layout {
  const { strides, length } = ordered(shape, [...shape.keys()], 2);
  const offset = shape.reduce((sum, side, axis) => sum + Math.max(side - 1, 0) * strides[axis]!, 0);
  return { shape, strides: strides.map((stride) => -stride), offset, length };
}

/** The array that holds `data` so, with NaN everywhere else. */
export function layOut({ shape, strides, offset, length }: Layout, data: ArrayLike<number>): Float32Array {
  const memory = new Float32Array(length).fill(NaN);
  for (let i = 0; i < sizeOf(shape); i++) {
    let [rest, at] = [i, offset];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += (rest % shape[axis]!) * strides[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    memory[at] = data[i]!;
  }
  return memory;
}
