import type { Value } from "../../src/graph/index.js";
import { Interpreter, nodesBefore } from "../oracle/interpreter.js";
import { generic, inputsOf, resultsOf, type Sample, type Tensor } from "./sample.js";

/** Random directions for second derivatives, one for each input. */
export function directionsOf({ inputs }: Sample): readonly Tensor[] {
  return inputs.map(({ shape }, i) => generic(shape, i + 51));
}

/** The upstream gradients of the results. */
export function upstreamsOf(sample: Sample): readonly Tensor[] {
  return resultsOf(sample.apply(inputsOf(sample))).map(({ shape }, i) => generic(shape, i + 17));
}

/**
 * Σ u·y over the results y of a sample as a function of its inputs in float64, which knows nothing of gradients. It is the
 * objective without its squares, whose derivatives are known.
 */
export class FloatObjective {
  private readonly points: readonly Float64Array[];
  private readonly interpreter: Interpreter;
  private readonly given: readonly (readonly [Value, Float64Array])[];
  private readonly results: readonly Value[];
  private readonly upstreams: readonly Tensor[];

  constructor(sample: Sample) {
    const values = inputsOf(sample);
    this.results = resultsOf(sample.apply(values));
    this.upstreams = upstreamsOf(sample);
    this.points = sample.inputs.map(({ data }) => Float64Array.from(data));
    this.given = values.map((value, i) => [value, this.points[i]!]);
    this.interpreter = new Interpreter(nodesBefore(values[0]!.graph.nodes, this.results));
  }

  /** The gradient by central differences. */
  gradient(step = 1e-5): readonly Float64Array[] {
    return this.eachElement(step, () => this.at());
  }

  /** The gradient of the derivative along `directions`, by central differences of central differences. */
  secondGradient(directions: readonly Tensor[], step = 1e-4): readonly Float64Array[] {
    const move = (factor: number): void => {
      this.points.forEach((point, i) => point.forEach((_, at) => (point[at]! += factor * directions[i]!.data[at]!)));
    };
    return this.eachElement(step, () => {
      move(step);
      const above = this.at();
      move(-2 * step);
      const below = this.at();
      move(step);
      return (above - below) / (2 * step);
    });
  }

  private at(): number {
    const contents = this.interpreter.run(this.given);
    let total = 0;
    this.results.forEach((result, i) => {
      const y = contents.get(result)!;
      this.upstreams[i]!.data.forEach((u, at) => (total += u * y[at]!));
    });
    return total;
  }

  private eachElement(step: number, f: () => number): readonly Float64Array[] {
    return this.points.map((point) =>
      Float64Array.from(point, (_, i) => {
        const center = point[i]!;
        point[i] = center + step;
        const above = f();
        point[i] = center - step;
        const below = f();
        point[i] = center;
        return (above - below) / (2 * step);
      }),
    );
  }
}
