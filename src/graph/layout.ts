import type { MemoryRange } from "./memoryRange.js";
import type { Shape } from "./shape.js";

/**
 * Where the elements of a value lie: element (i₀, i₁, …) is Σ iₖ·strides[k] elements behind the beginning of `data`. A stride is 0
 * along an axis that is expanded, and negative along one that is flipped.
 */
export interface Strided {
  readonly data: MemoryRange;
  readonly strides: readonly number[];
}

/** Strides of a value whose elements lie one after another, the last axis innermost. */
export function denseStrides(shape: Shape): readonly number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/** Whether elements lie one after another in row-major order. Along an axis of length 1 any stride will do. */
export function isDense(shape: Shape, strides: readonly number[]): boolean {
  const dense = denseStrides(shape);
  return shape.includes(0) || shape.every((length, axis) => length === 1 || strides[axis] === dense[axis]);
}

/** An axis that is walked along: how many steps, and how far each is in every operand. */
export interface Run {
  readonly length: number;
  readonly strides: readonly number[];
}

/**
 * The axes of a shape over which operands are walked in row-major order, as few as will do: an axis of length 1 goes, and one that
 * continues the axis within it, in every operand, becomes one with that.
 * @param operands the strides of each
 * @returns outermost first; none for one element
 */
export function coalesce(shape: Shape, operands: readonly (readonly number[])[]): readonly Run[] {
  const runs: Run[] = [];
  shape.forEach((length, axis) => {
    if (length === 1) return;
    const strides = operands.map((operand) => operand[axis]!);
    const outer = runs.at(-1);
    if (outer && outer.strides.every((stride, i) => stride === strides[i]! * length)) {
      runs[runs.length - 1] = { length: outer.length * length, strides };
    } else runs.push({ length, strides });
  });
  return runs;
}

/** Strides that read a value of `shape` as one of `wanted`, to which it broadcasts: 0 along the axes that are repeated. */
export function broadcastStrides(shape: Shape, strides: readonly number[], wanted: Shape): readonly number[] {
  const missing = wanted.length - shape.length;
  return wanted.map((length, axis) => {
    const own = axis - missing;
    return own < 0 || (shape[own] === 1 && length !== 1) ? 0 : strides[own]!;
  });
}

/** Strides that read a value of `shape` as one of `wanted` with as many elements in the same order; undefined if none do. */
export function reshapedStrides(
  shape: Shape,
  strides: readonly number[],
  wanted: Shape,
): readonly number[] | undefined {
  if (isDense(shape, strides)) return denseStrides(wanted);
  const runs = [...coalesce(shape, [strides])];
  const result = new Array<number>(wanted.length).fill(0);
  // From the innermost axis outwards: each wanted axis takes its length from the run at hand.
  let run = runs.pop();
  let rest = run?.length ?? 1;
  let stride = run?.strides[0] ?? 1;
  for (let axis = wanted.length - 1; axis >= 0; axis--) {
    const length = wanted[axis]!;
    if (length === 1) continue;
    if (rest === 1) {
      run = runs.pop();
      rest = run?.length ?? 1;
      stride = run?.strides[0] ?? 1;
    }
    if (rest % length !== 0) return undefined;
    result[axis] = stride;
    stride *= length;
    rest /= length;
  }
  return result;
}
