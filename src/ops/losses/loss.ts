import { type Numbers, oneOf, optional, type OptionsRead, type Reader, ShapeError } from "../../engine/index.js";
import {
  broadcastsTo,
  checkEqualShapes,
  define,
  formatShape,
  formatValue,
  type Inputs,
  reshaped,
  type Shape,
  type Value,
} from "../../graph/index.js";
import { divide } from "../elementwise/divide.js";
import { multiply } from "../elementwise/multiply.js";
import { carrying } from "../publicFunction.js";
import { mean, sum } from "../reductions/sum.js";

// What a loss is: a rule for each element, or each sample. The reduction and the weights are the same for all.

/** What becomes of the losses of all elements: their mean, their sum, or nothing. */
export type LossReduction = "mean" | "sum" | "none";

/** What every loss takes. */
export interface LossOptions {
  /** "mean" and "sum" give one number, of shape [1]; "none" the loss of each element. Default "mean". */
  readonly reduction?: LossReduction;
  /**
   * A factor for each sample [B], or each place along the first axes up to every element; axes of length 1 are repeated. The mean
   * is Σ weight·loss, divided as without weights. Default: none.
   */
  readonly weights?: Value | Numbers;
}

/** A loss of a prediction and its target. */
export type PairLoss<Options extends LossOptions = LossOptions> = (
  prediction: Value,
  target: Value,
  options?: Options,
) => Value;

/** The losses of a batch before weights and reduction. */
interface Elements {
  readonly losses: Value;
  /** What "mean" divides their sum by. Default: how many there are. */
  readonly divisor?: Value | number | undefined;
}

type AnyReaders = Readonly<Record<string, Reader<unknown>>>;

/** Everything that is known of a loss. */
export interface LossDefinition<I extends string, R extends AnyReaders> {
  readonly name: string;
  /** What the function takes, in order, and after that, marked by "?", what it takes among its options. */
  readonly inputs: readonly I[];
  readonly otherTypes?: readonly (I extends `${infer Name}?` ? Name : I)[];
  /** The options beside `reduction` and `weights`, each with what reads it. Default: none. */
  readonly options?: () => R;
  /** Reductions beside those of every loss. */
  readonly reductions?: readonly string[];
  /** The shape of the losses. Throws ShapeError, ArgumentError. Default: that of all inputs, which must be equal. */
  shape?(inputs: Inputs<I>, options: OptionsRead<R>): Shape;
  /** The loss of each element, with what their mean divides by if that is not their number. */
  readonly each: (inputs: Inputs<I>, options: OptionsRead<R> & { readonly reduction: string }) => Value | Elements;
}

/** The public function of a loss. It takes values, then an object of options. */
export function lossFunction<const I extends string, R extends AnyReaders = AnyReaders>(
  definition: LossDefinition<I, R>,
): (...given: readonly unknown[]) => Value {
  const { name, inputs, otherTypes = [], reductions = [], options, each } = definition;
  const own = inputs.filter((input) => !input.endsWith("?"));
  const optionInputs = [...inputs.slice(own.length).map((input) => input.slice(0, -1)), "weights"];
  type All = OptionsRead<R> & { readonly reduction: string };
  const shapeOf = (values: Inputs<I>, attributes: All): Shape => {
    if (definition.shape) return definition.shape(values, attributes);
    const [first, ...others] = own.map((input) => (values as Readonly<Record<string, Value>>)[input]!);
    for (const other of others) checkEqualShapes(name, first!, other);
    return first!.shape;
  };
  const operation = define<string, All, "y", never, AnyReaders>({
    name,
    inputs: [...inputs, "weights?"],
    otherTypes: otherTypes,
    optionInputs,
    attributes: { reduction: "mean" } as All,
    options: () => ({
      ...options?.(),
      reduction: optional(oneOf(["mean", "sum", "none", ...reductions]), "mean"),
    }),
    shape(values, attributes) {
      const shape = shapeOf(values as Inputs<I>, attributes);
      if (values["weights"]) alignedWeights(name, values["weights"], shape);
      return { y: attributes.reduction === "none" ? shape : [1] };
    },
    compose(values, attributes) {
      const found = each(values as Inputs<I>, attributes);
      const { losses, divisor }: Elements = "losses" in found ? found : { losses: found };
      const { weights } = values;
      const weighted = weights ? multiply(losses, alignedWeights(name, weights, losses.shape)) : losses;
      const { reduction } = attributes;
      if (reduction === "none") return { y: weighted };
      if (reduction !== "sum" && divisor === undefined) return { y: reshaped(mean(weighted), [1]) };
      const total = reshaped(sum(weighted), [1]);
      return { y: reduction === "sum" ? total : divide(total, divisor!) };
    },
  });
  return carrying(operation, (...given: readonly unknown[]): Value => {
    const values = Object.fromEntries(own.map((input, i) => [input, given[i] as Value]));
    return operation.call(values, given[own.length] as object | undefined).y;
  });
}

/** Weights of the first axes with axes of length 1 for the others. Throws ShapeError if they do not fit. */
function alignedWeights(operation: string, weights: Value, shape: Shape): Value {
  const missing = shape.length - weights.shape.length;
  if (missing >= 0) {
    const aligned = [...weights.shape, ...shape.slice(weights.shape.length).map(() => 1)];
    if (broadcastsTo(aligned, shape)) return reshaped(weights, aligned);
  }
  throw new ShapeError(
    `${operation}: weights are ${formatValue(weights)}; want one for each sample, or for each place along the first axes ` +
      `of the losses ${formatShape(shape)}`,
  );
}
