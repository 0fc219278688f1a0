import { constants } from "../../engine/index.js";
import { type Emitter, type Node, outputOf, type Reduction, type Value } from "../node.js";
import { PointwiseCode } from "../pointwise/code.js";
import { workOf } from "../pointwise/emit.js";
import { type Shape, sizeOf } from "../shape.js";

/** How elements become one. */
const kinds: Readonly<Record<Reduction["kind"], number>> = {
  sum: constants.REDUCE_SUM,
  product: constants.REDUCE_PRODUCT,
  maximum: constants.REDUCE_MAXIMUM,
  minimum: constants.REDUCE_MINIMUM,
  sumOfIntegers: constants.REDUCE_SUM_OF_INTEGERS,
};

/** A reduction along the axis in the middle. */
interface Pass {
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
}

const block = constants.POINTWISE_BLOCK;
/** Parts that keep the threads of a large host busy; with fewer, a long axis is cut. */
const enoughParts = 64;
/** Elements of the shortest part that is worth a partial result. */
const shortestPart = 2 ** 14;
/** Blocks of which one sum is formed: what bounds its error. */
const mostBlocks = 512;

/**
 * Emits the records of a reduction. What they do follows from the shape alone.
 * @param nodes elementwise ones, of which `input`, an output of the last, is what is reduced; none if it is in memory
 * @param stored outputs of nodes that are written to memory
 */
export function emitReduction(
  emit: Emitter,
  reduction: Reduction,
  input: Value,
  result: Value,
  nodes: readonly Node[] = [],
  stored: ReadonlySet<Value> = new Set(),
): void {
  let code = new PointwiseCode(emit, nodes, stored, input.shape, input);
  let operand = code.operand(input);
  let work = workOf(nodes, code, [input, ...stored, result], (nodes.length + 1) * input.size);
  const passes = passesOf(input.shape, reduction.axes);
  passes.forEach((whole, index) => {
    // What is left of an axis that was cut is [parts, outer · inner].
    for (let pass = whole, isCut = true; isCut;) {
      const { outer, length, inner } = pass;
      const chunk = chunkOf(pass);
      const parts = Math.max(Math.ceil(length / chunk), 1);
      isCut = parts > 1;
      const isLast = index === passes.length - 1 && !isCut;
      const count = parts * outer * inner;
      const to = isLast ? emit.data(result) : emit.scratch(4 * count, "partial results");
      emit.record(
        "pointwiseReduce",
        {
          ...code.fields(accumulatorBytes),
          ...{ result: to, chunk, outer, length, inner, operand, accumulators: code.scratchEnd },
          reduction: kinds[reduction.kind],
          divisor: isLast ? (reduction.divisor ?? 1) : 1,
        },
        work,
      );
      [code, operand] = [PointwiseCode.over(emit, to, count), 0];
      work = { bytes: 4 * count, flops: count };
      pass = { outer: 1, length: parts, inner: outer * inner };
    }
  });
}

const accumulatorBytes = 4 * block + 64;

/**
 * The axes of a shape as passes of [outer, length, inner], the first over the innermost axes: neighbours that are treated alike
 * are one. There is one at least.
 */
export function passesOf(shape: Shape, axes: readonly number[]): readonly Pass[] {
  const runs: { length: number; isReduced: boolean }[] = [];
  shape.forEach((length, axis) => {
    if (length === 1) return;
    const isReduced = axes.includes(axis);
    const last = runs.at(-1);
    if (last?.isReduced === isReduced) last.length *= length;
    else runs.push({ length, isReduced });
  });
  const passes: Pass[] = [];
  for (let at = runs.length - 1; at >= 0; at--) {
    if (!runs[at]!.isReduced) continue;
    const outer = sizeOf(runs.slice(0, at).map(({ length }) => length));
    const inner = sizeOf(runs.slice(at + 1).flatMap(({ length, isReduced }) => (isReduced ? [] : [length])));
    passes.push({ outer, length: runs[at]!.length, inner });
  }
  return passes.length > 0 ? passes : [{ outer: sizeOf(shape), length: 1, inner: 1 }];
}

/** Length of the parts in which an axis is reduced. */
function chunkOf({ outer, length, inner }: Pass): number {
  // Rows that are shorter than a block are taken together.
  if (inner === 1 && length <= block) return Math.max(length, 1);
  const units = Math.max(outer * Math.ceil(inner / block), 1);
  const together = inner > block ? 1 : Math.floor(block / Math.max(inner, 1));
  const parts = Math.min(Math.ceil(enoughParts / units), Math.floor((length * Math.min(inner, block)) / shortestPart));
  const wanted = Math.min(Math.ceil(length / Math.max(parts, 1)), mostBlocks * together);
  // Whole blocks, so that only the last one is not full.
  return Math.max(Math.ceil(wanted / together) * together, 1);
}

/** Lowers an operation that is a reduction. */
export function lowerReduction(emit: Emitter, node: Node): void {
  const x = node.inputs[node.operation.inputNames[0]!]!;
  emitReduction(emit, node.operation.reduce!(node), x, outputOf(node));
}
