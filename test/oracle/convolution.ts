import type { Shape } from "../../src/graph/index.js";

/** A convolution of channels-last signals, images or volumes in groups, by its definition: arrays have one number for each axis. */
export interface GroupedConvolution {
  /** [batch, …, channels] */
  readonly x: Shape;
  /** [kernel…, channels / groups, outChannels] */
  readonly weight: Shape;
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly paddingAfter: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
}

type Numbers = ArrayLike<number>;

const product = (numbers: readonly number[]): number => numbers.reduce((a, b) => a * b, 1);

/** All indices of a shape, in row-major order. */
function* indices(shape: readonly number[]): Generator<readonly number[]> {
  for (let i = 0; i < product(shape); i++) {
    let rest = i;
    const index = new Array<number>(shape.length);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = rest % shape[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    yield index;
  }
}

const placeOf = (index: readonly number[], shape: readonly number[]): number =>
  index.reduce((place, i, axis) => place * shape[axis]! + i, 0);

/** [batch, …, outChannels] */
export function outputShape(c: GroupedConvolution): Shape {
  const lengths = c.stride.map((stride, axis) => {
    const reach = c.dilation[axis]! * (c.weight[axis]! - 1) + 1;
    return Math.floor((c.padding[axis]! + c.x[axis + 1]! + c.paddingAfter[axis]! - reach) / stride) + 1;
  });
  return [c.x[0]!, ...lengths, c.weight.at(-1)!];
}

/** Calls `visit` with the places of every product x · weight that goes into an element of y. */
function eachTerm(c: GroupedConvolution, visit: (x: number, weight: number, y: number) => void): void {
  const rank = c.stride.length;
  const y = outputShape(c);
  const [seen, outChannels] = [c.weight[rank]!, c.weight[rank + 1]!];
  for (const out of indices(y)) {
    const group = Math.floor((out.at(-1)! * c.groups) / outChannels);
    for (const tap of indices(c.weight.slice(0, rank))) {
      const at = tap.map((k, axis) => out[axis + 1]! * c.stride[axis]! + k * c.dilation[axis]! - c.padding[axis]!);
      if (at.some((position, axis) => position < 0 || position >= c.x[axis + 1]!)) continue;
      for (let k = 0; k < seen; k++) {
        const x = placeOf([out[0]!, ...at, group * seen + k], c.x);
        visit(x, placeOf([...tap, k, out.at(-1)!], c.weight), placeOf(out, y));
      }
    }
  }
}

/** y in float64, plus bias, then ReLU. */
export function convolution(
  c: GroupedConvolution,
  x: Numbers,
  weight: Numbers,
  bias?: Numbers,
  relu = false,
): Float64Array {
  const y = new Float64Array(product(outputShape(c)));
  eachTerm(c, (ix, iw, iy) => (y[iy]! += x[ix]! * weight[iw]!));
  const channels = c.weight.at(-1)!;
  return y.map((sum, i) => {
    const value = sum + (bias ? bias[i % channels]! : 0);
    return relu && value < 0 ? 0 : value;
  });
}

/** The gradient of Σ dy · y with respect to x. */
export function convolutionInputGradient(c: GroupedConvolution, weight: Numbers, dy: Numbers): Float64Array {
  const dx = new Float64Array(product(c.x));
  eachTerm(c, (ix, iw, iy) => (dx[ix]! += weight[iw]! * dy[iy]!));
  return dx;
}

/** The gradient of Σ dy · y with respect to the weight. */
export function convolutionWeightGradient(c: GroupedConvolution, x: Numbers, dy: Numbers): Float64Array {
  const dw = new Float64Array(product(c.weight));
  eachTerm(c, (ix, iw, iy) => (dw[iw]! += x[ix]! * dy[iy]!));
  return dw;
}
