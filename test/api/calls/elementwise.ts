import { Graph, type Shape, type Value } from "../../../src/graph/index.js";
import { ops } from "../../../src/index.js";
import type { Call, Calls } from "../call.js";

// Right calls of operations that are called alike.

const unary = [
  ...([
    "abs",
    "ceil",
    "cos",
    "expm1",
    "floor",
    "isFinite",
    "isNaN",
    "log1p",
    "negate",
    "reciprocal",
    "round",
    "rsqrt",
    "sign",
  ] as const),
  ...(["sin", "sqrt", "square", "tan"] as const),
] as const;
const binary = [
  ...([
    "divide",
    "floorDivide",
    "pow",
    "remainder",
    "maximum",
    "minimum",
    "equal",
    "notEqual",
    "less",
    "lessEqual",
  ] as const),
  ...(["greater", "greaterEqual"] as const),
] as const;
const logical = ["logicalAnd", "logicalOr", "logicalXor"] as const;

const value = (...shape: number[]): Value => new Graph().input(shape, "x");

/** Inputs of one graph, of shape [3] each. */
function inputs(...types: readonly ("f32" | "bool")[]): Value[] {
  const graph = new Graph();
  const shape: Shape = [3];
  return types.map((type, i) => graph.input(shape, `input ${i}`, type));
}

function named<Name extends string>(
  names: readonly Name[],
  call: (name: Name) => Call,
): Readonly<Record<`ops.${Name}`, Call>> {
  return Object.fromEntries(names.map((name) => [`ops.${name}`, call(name)])) as Record<`ops.${Name}`, Call>;
}

export const calls: Calls = {
  ...named(unary, (name) => ({ run: ops[name], values: () => inputs("f32") })),
  ...named(binary, (name) => ({ run: ops[name], values: () => inputs("f32", "f32") })),
  ...named(logical, (name) => ({ run: ops[name], values: () => inputs("bool", "bool") })),
  ...named(["sum", "mean", "max", "min", "prod", "logSumExp"], (name) => ({
    ...{ run: ops[name], values: () => [value(2, 3), { axes: [0], keepDims: true }] },
  })),
  ...named(["any", "all"], (name) => ({
    ...{ run: ops[name], values: () => [...inputs("bool"), { axes: [0], keepDims: true }] },
  })),
  ...named(["variance", "std"], (name) => ({
    ...{ run: ops[name], values: () => [value(2, 3), { axes: [0], keepDims: true, correction: 0 }] },
  })),
  ...named(["argMax", "argMin"], (name) => ({
    ...{ run: ops[name], values: () => [value(2, 3), { axis: 0, keepDims: true }] },
  })),
  "ops.norm": { run: ops.norm, values: () => [value(2, 3), { axes: [0], keepDims: true, p: 3 }] },
  "ops.logicalNot": { run: ops.logicalNot, values: () => inputs("bool") },
  "ops.where": { run: ops.where, values: () => inputs("bool", "f32", "f32") },
  "ops.clamp": { run: ops.clamp, values: () => [value(3), { min: 0, max: 1 }] },
  "ops.cast": { run: ops.cast, values: () => [value(3), "i32"] },
};
