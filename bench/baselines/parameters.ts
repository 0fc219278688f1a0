import type { Random } from "../../src/engine/index.js";

/** Shapes of a model's parameters by their names, in the order of the layers. */
export type ParameterShapes = Readonly<Record<string, readonly number[]>>;

/**
 * Parameters, their gradients and the two moments of Adam. Each kind lies in one array, in which every parameter is a
 * view, so that an optimizer is one loop.
 */
export class Parameters {
  readonly values: Float32Array;
  readonly gradients: Float32Array;
  readonly firstMoments: Float32Array;
  readonly secondMoments: Float32Array;
  private readonly ranges = new Map<string, readonly [start: number, end: number]>();

  constructor(shapes: ParameterShapes) {
    let count = 0;
    for (const [name, shape] of Object.entries(shapes)) {
      const start = count;
      count += shape.reduce((product, length) => product * length, 1);
      this.ranges.set(name, [start, count]);
    }
    this.values = new Float32Array(count);
    this.gradients = new Float32Array(count);
    this.firstMoments = new Float32Array(count);
    this.secondMoments = new Float32Array(count);
  }

  get names(): string[] {
    return [...this.ranges.keys()];
  }

  value(name: string): Float32Array {
    return this.values.subarray(...this.range(name));
  }

  gradient(name: string): Float32Array {
    return this.gradients.subarray(...this.range(name));
  }

  private range(name: string): readonly [start: number, end: number] {
    const range = this.ranges.get(name);
    if (!range) throw new Error(`no parameter is named ${name}`);
    return range;
  }
}

/** Fills with normal numbers of deviation √(gain/fanIn): gain 2 for what ReLU follows (He et al. 2015), else 1. */
export function initialize(weights: Float32Array, fanIn: number, gain: number, random: Random): void {
  const deviation = Math.sqrt(gain / fanIn);
  for (let i = 0; i < weights.length; i++) weights[i] = deviation * random.normal();
}
