import { flag, integerFrom, numberBelow, numberFrom, oneOf, optional } from "../engine/index.js";
import type { Value } from "../graph/index.js";
import { add } from "../ops/elementwise/add.js";
import { divide } from "../ops/elementwise/divide.js";
import { maximum } from "../ops/elementwise/extrema.js";
import { multiply } from "../ops/elementwise/multiply.js";
import { matmul } from "../ops/products/matmul.js";
import { norm } from "../ops/reductions/norm.js";
import { transpose } from "../ops/structure/permute.js";
import { adamW } from "./adam.js";
import { mean, stepped } from "./arithmetic.js";
import {
  isMatched,
  type Optimizer,
  optimizer,
  optimizerOption,
  type OptimizerOptions,
  type ParameterDescription,
} from "./optimizer.js";
import { rule } from "./rule.js";

export interface MuonRule {
  /** Decay of the momentum. Default 0.95. */
  readonly momentum?: number;
  /** Whether the direction is the gradient mixed with its momentum. Default true. */
  readonly nesterov?: boolean;
  /** Weights shrink by rate·weightDecay·w. Default 0.1. */
  readonly weightDecay?: number;
  /** Newton-Schulz iterations. Default 5. */
  readonly iterations?: number;
  /** Least norm that the direction is divided by. Default 1e-7. */
  readonly epsilon?: number;
  /**
   * "original" as said below, or "matchAdam": the factor 0.2·√max(in, out), with which a step is as large as one of AdamW, so that rates
   * for that serve (Liu et al., "Muon is Scalable for LLM Training", 2025). Default "original".
   */
  readonly adjustment?: "original" | "matchAdam";
}

export interface MuonOptions extends MuonRule, OptimizerOptions<MuonRule> {
  /** What updates all that are no matrices. Default: `adamW` at a tenth of the learning rate, with the same schedule. */
  readonly others?: Optimizer;
}

const [first, third, fifth] = [3.4445, -4.775, 2.0315];

/** The matrix nearest to orthogonal, up to a factor near 1 of each singular value: X ← aX + (bA + cA²)X with A = XXᵀ. */
function orthogonalized(x: Value, iterations: number, epsilon: number): Value {
  const [rows, columns] = x.shape as [number, number];
  let result = divide(x, maximum(norm(x), epsilon));
  // The smaller of both products.
  if (rows > columns) result = transpose(result);
  for (let i = 0; i < iterations; i++) {
    const gram = matmul(result, transpose(result));
    const polynomial = add(multiply(matmul(gram, gram), fifth), multiply(gram, third));
    result = add(multiply(result, first), matmul(polynomial, result));
  }
  return rows > columns ? transpose(result) : result;
}

/**
 * Muon (Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024) as PyTorch's: m = βm + (1−β)g; the direction, m or
 * with Nesterov βm + (1−β)g, is made orthogonal by Newton-Schulz iterations; w −= rate·√max(1, out/in)·direction for weights [in, out].
 * That is for parameters of two axes, and so are its groups; all others are left to `others`. Computed in float32.
 * @throws ArgumentError for values out of range
 */
export function muon(options: MuonOptions): Optimizer {
  const isObject = typeof options === "object" && (options as unknown) !== null;
  const { others, ...rest } = isObject ? options : { ...({} as MuonOptions), others: undefined };
  const readers = {
    momentum: optional(numberBelow(0, 1), 0.95),
    nesterov: optional(flag, true),
    weightDecay: optional(numberFrom(0), 0.1),
    iterations: optional(integerFrom(0), 5),
    epsilon: optional(numberFrom(0), 1e-7),
    adjustment: optional(oneOf(["original", "matchAdam"]), "original"),
  };
  const made = optimizer<MuonRule, typeof readers>("muon", isObject ? rest : options, readers, (own) =>
    rule({
      state: ["momentum"],
      isByTensor: true,
      scalars: ({ learningRate }) => ({ shrink: 1 - learningRate * own.weightDecay }),
      update({ weight, gradient, learningRate, state, scalars: { shrink } }) {
        const momentum = mean(state.momentum, gradient, 1 - own.momentum);
        const direction = own.nesterov ? mean(gradient, momentum, own.momentum) : momentum;
        const [ins, outs] = weight.shape as [number, number];
        const factor = own.adjustment === "original" ? Math.max(1, outs / ins) : 0.04 * Math.max(ins, outs);
        const shrunk = own.weightDecay > 0 ? multiply(weight, shrink) : weight;
        const step = multiply(orthogonalized(direction, own.iterations, own.epsilon), Math.sqrt(factor));
        return { weight: stepped(shrunk, step, learningRate), momentum };
      },
    }),
  );
  const matrices = made.groups.map(({ match, ...group }) => ({
    ...group,
    match: (parameter: ParameterDescription) => parameter.shape.length === 2 && isMatched(parameter, match),
  }));
  const usual = (): Optimizer =>
    adamW({ learningRate: made.learningRate / 10, ...(rest.schedule && { schedule: rest.schedule }) });
  const { groups } = optional(optimizerOption)("others", others) ?? usual();
  return { ...made, groups: [...matrices, ...groups] };
}
