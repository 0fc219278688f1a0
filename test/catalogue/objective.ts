import { gradients, type Node, type Value } from "../../src/graph/index.js";
import { add } from "../../src/ops/elementwise/add.js";
import { sum } from "../../src/ops/reductions/sum.js";
import { multiply } from "../../src/ops/elementwise/multiply.js";
import { scale } from "../../src/ops/elementwise/scale.js";
import { resultsOf } from "./sample.js";

/** Σ a·b, shape [1]. */
export function dot(a: Value, b: Value): Value {
  return sum(multiply(a, b));
}

/**
 * Σ u·y + ½ Σ x² over all results y of a node and all values x: so each y has the gradient u, and each x has one, that of the
 * node plus x, also where nothing flows back to it.
 */
export function objective(node: Node, values: readonly Value[], upstreams: readonly Value[]): Value {
  const terms = resultsOf(node).map((result, i) => dot(result, upstreams[i]!));
  return [...terms, ...values.map((value) => scale(dot(value, value), 0.5))].reduce(add);
}

/** The gradients of the objective. */
export function gradientsOf(node: Node, values: readonly Value[], upstreams: readonly Value[]): Value[] {
  return gradients(objective(node, values, upstreams), values);
}
