import type { Numeric, Value } from "../graph/index.js";
import { add } from "../ops/elementwise/add.js";
import { multiply } from "../ops/elementwise/multiply.js";
import { subtract } from "../ops/elementwise/subtract.js";

// What update rules are made of. Each factor is rounded once, from float64.

/** gradient + weightDecay·weight. */
export function decayed(gradient: Value, weight: Value, weightDecay: number): Value {
  return weightDecay === 0 ? gradient : add(multiply(weight, weightDecay), gradient);
}

/** old + rest·(value − old): a running mean with the decay 1 − rest. */
export function mean(old: Value, value: Value, rest: Numeric): Value {
  return add(multiply(subtract(value, old), rest), old);
}

/** beta·old + rest·x². */
export function meanSquare(old: Value, x: Value, beta: Numeric, rest: Numeric): Value {
  return add(multiply(multiply(x, rest), x), multiply(old, beta));
}

/** weight − rate·direction. */
export function stepped(weight: Value, direction: Value, rate: Numeric): Value {
  return subtract(weight, multiply(direction, rate));
}
