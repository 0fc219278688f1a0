/**
 * Reverse-mode differentiation of scalars in float64 (Griewank and Walther, "Evaluating Derivatives", 2008, ch. 3): every
 * number is an index into a tape that holds its value and the local derivatives by its parents. Slow, and independent of
 * the kernels in every way: networks are written out as their defining formulas, gradients follow from the tape.
 */
export class Tape {
  readonly values: number[] = [];
  private readonly parents: number[][] = [];
  private readonly derivatives: number[][] = [];

  constant(value: number): number {
    return this.push(value, [], []);
  }
  add(a: number, b: number): number {
    return this.push(this.values[a]! + this.values[b]!, [a, b], [1, 1]);
  }
  multiply(a: number, b: number): number {
    return this.push(this.values[a]! * this.values[b]!, [a, b], [this.values[b]!, this.values[a]!]);
  }
  /** Σ a[i]·b[i] */
  dot(a: readonly number[], b: readonly number[]): number {
    let sum = 0;
    const derivatives: number[] = [];
    a.forEach((left, i) => {
      sum += this.values[left]! * this.values[b[i]!]!;
    });
    for (const right of b) derivatives.push(this.values[right]!);
    for (const left of a) derivatives.push(this.values[left]!);
    return this.push(sum, [...a, ...b], derivatives);
  }
  sum(terms: readonly number[]): number {
    return this.push(
      terms.reduce((sum, term) => sum + this.values[term]!, 0),
      [...terms],
      terms.map(() => 1),
    );
  }
  scale(a: number, factor: number): number {
    return this.push(this.values[a]! * factor, [a], [factor]);
  }
  /** f(a), given the value of f and of its derivative. */
  apply(a: number, f: (x: number) => number, derivative: (x: number) => number): number {
    const x = this.values[a]!;
    return this.push(f(x), [a], [derivative(x)]);
  }
  maximum(candidates: readonly number[]): number {
    const winner = candidates.reduce((best, at) => (this.values[at]! > this.values[best]! ? at : best));
    return this.push(this.values[winner]!, [winner], [1]);
  }

  /** The derivative of `output` by every number on the tape. */
  gradient(output: number): Float64Array {
    const gradient = new Float64Array(this.values.length);
    gradient[output] = 1;
    for (let at = output; at >= 0; at--) {
      this.parents[at]!.forEach((parent, i) => {
        gradient[parent]! += gradient[at]! * this.derivatives[at]![i]!;
      });
    }
    return gradient;
  }

  private push(value: number, parents: number[], derivatives: number[]): number {
    this.parents.push(parents);
    this.derivatives.push(derivatives);
    return this.values.push(value) - 1;
  }
}
