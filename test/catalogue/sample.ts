import { randomFloats } from "../random.js";
import { Graph, isFloating, type Node, type Program, type Shape, sizeOf, type Value } from "../../src/graph/index.js";

/** What an operation is tested on: one application of it, with inputs that the tests can vary. */
export interface Sample {
  /** The operation and what is particular: "conv2d, its stride 2". */
  readonly title: string;
  readonly inputs: readonly Tensor[];
  /** Makes the node in the graph of the values, which stand for `inputs`. @param graph if there are none. Default: a new one */
  readonly apply: (values: readonly Value[], graph?: Graph) => Node;
  /** Each element of the output follows from the elements at the same place alone. */
  readonly isElementwise: boolean;
  /** Too many elements for differences of each: judged by values, and by gradients that the interpreter computes. */
  readonly isLarge: boolean;
}

/** Elements of float32. */
export interface Tensor {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** What a written sample says of an input: a shape, filled at random; or elements; integers and `fixed` ones do not vary. */
export type Given = Shape | Tensor | Fixed;

export interface Fixed {
  readonly shape: Shape;
  /** Bytes are truth values. */
  readonly data: Float32Array | Int32Array | Uint8Array;
  readonly isFixed: true;
}

/** In [−1, 1) but not near 0, where steps of a difference would cross the corner of a ReLU. */
export function generic(shape: Shape, seed = 1): Tensor {
  return { shape, data: randomFloats(sizeOf(shape), seed).map((x) => 0.98 * x + 0.02 * Math.sign(x)) };
}

/** In [0.5, 2.5): for logarithms, divisors and variances. */
export function positive(shape: Shape, seed = 1): Tensor {
  return { shape, data: randomFloats(sizeOf(shape), seed).map((x) => 1.5 + x) };
}

/** All different, and so far from each other and from 0 that no step of a difference changes which is largest or positive. */
export function apart(shape: Shape): Tensor {
  const size = sizeOf(shape);
  return { shape, data: Float32Array.from({ length: size }, (_, i) => (((i * 37) % size) - size / 2 + 0.25) / 8) };
}

/** One number everywhere. */
export function filled(shape: Shape, number: number): Tensor {
  return { shape, data: new Float32Array(sizeOf(shape)).fill(number) };
}

/** Of class labels, or of anything else that has no gradient. */
export function fixed({ shape, data }: Omit<Fixed, "isFixed">): Fixed {
  return { shape, data, isFixed: true };
}

/** Truth values, some of each. */
export function truth(shape: Shape): Fixed {
  return fixed({ shape, data: Uint8Array.from({ length: sizeOf(shape) }, (_, i) => Number(i % 3 === 1)) });
}

export function labels(count: number, classes: number): Fixed {
  return fixed({ shape: [count], data: Int32Array.from({ length: count }, (_, i) => (2 * i + 1) % classes) });
}

/** The values of a graph that stand for the inputs of a sample. */
export function inputsOf(sample: Sample, graph = new Graph()): readonly Value[] {
  return sample.inputs.map(({ shape }, i) => graph.input(shape, `input ${i}`, "f32", true));
}

/** The outputs of a node but for what is kept for its gradient. */
export function resultsOf({ operation, outputs }: Node): readonly Value[] {
  return operation.outputNames.filter((name) => !operation.kept.has(name)).map((name) => outputs[name]!);
}

export function isEmpty(sample: Sample): boolean {
  if (sample.inputs.length === 0) return resultsOf(sample.apply([])).some(({ size }) => size === 0);
  return sample.inputs.some(({ data }) => data.length === 0);
}

/** An output of a program, whatever its type. */
export function readNumbers(program: Program, value: Value): Float32Array {
  return isFloating(value.dataType) ? program.read(value) : Float32Array.from(program.readIntegers(value));
}

/** Whether a gradient flows back through it. */
export function isDifferentiable(node: Node): boolean {
  const { operation } = node;
  const hasGradient = !operation.isConstant && (operation.gradient ?? operation.compose) !== undefined;
  return hasGradient && resultsOf(node).every(({ dataType }) => isFloating(dataType));
}
