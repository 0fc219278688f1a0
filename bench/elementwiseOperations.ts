import type { Value } from "../src/graph/index.js";
import { ops } from "../src/index.js";
import type { Comparison } from "./comparison.js";

// Every elementwise operation: none should be slower than exp, and none that is cheap slower than a copy beyond the cache.

type Build = (x: Value) => Value;

/** What computes a few instructions an element: beyond the cache it should take no more than 1.3 copies. */
const cheap: Readonly<Record<string, Build>> = {
  ...{ abs: ops.abs, negate: ops.negate, sign: ops.sign, square: ops.square, sqrt: ops.sqrt, rsqrt: ops.rsqrt },
  ...{ reciprocal: ops.reciprocal, floor: ops.floor, ceil: ops.ceil, round: ops.round, relu: ops.relu },
  ...{ relu6: ops.relu6, hardswish: ops.hardswish, hardsigmoid: ops.hardsigmoid, hardtanh: ops.hardtanh },
  ...{ leakyRelu: ops.leakyRelu, hardshrink: ops.hardshrink, softshrink: ops.softshrink, softsign: ops.softsign },
  threshold: (x) => ops.threshold(x, { threshold: 0.1, value: 0 }),
  clamp: (x) => ops.clamp(x, { min: -1, max: 1 }),
  prelu: (x) => ops.prelu(x, x.graph.constant([1], 0.25)),
  "add of itself": (x) => ops.add(x, x),
  "maximum with 0": (x) => ops.maximum(x, 0),
  "where positive": (x) => ops.where(ops.greater(x, 0), x, 1),
  "pow 3": (x) => ops.pow(x, 3),
  isFinite: ops.isFinite,
  "divide by 3": (x) => ops.divide(x, 3),
  dropout: (x) => ops.dropout(x, 0.5),
  alphaDropout: (x) => ops.alphaDropout(x, 0.5),
};

const costly: Readonly<Record<string, Build>> = {
  ...{ exp: ops.exp, expm1: ops.expm1, sin: ops.sin, cos: ops.cos, tan: ops.tan },
  log: (x) => ops.log(ops.abs(x)),
  log1p: (x) => ops.log1p(ops.abs(x)),
  ...{ erf: ops.erf, sigmoid: ops.sigmoid, tanh: ops.tanh, gelu: ops.gelu, silu: ops.silu, mish: ops.mish },
  ...{ elu: ops.elu, selu: ops.selu, celu: ops.celu, softplus: ops.softplus, logSigmoid: ops.logSigmoid },
  tanhshrink: ops.tanhshrink,
  "gelu, tanh": (x) => ops.gelu(x, { approximate: "tanh" }),
  "pow 1.7": (x) => ops.pow(ops.abs(x), 1.7),
  "remainder by 0.3": (x) => ops.remainder(x, 0.3),
  "floorDivide by 0.3": (x) => ops.floorDivide(x, 0.3),
};

const million = 2 ** 20;
const all = Object.entries({ ...cheap, ...costly });

export const operationComparisons: readonly Comparison[] = [
  ...[16 * 1024, million].flatMap((size) =>
    all.map(([name, build]): Comparison => ({
      title: `${name}, ${size} elements: exp / program`,
      ...{ inputs: [[size]], build, other: ops.exp, least: 1, range: 4 },
    })),
  ),
  ...all.map(([name, build]): Comparison => ({
    title: `${name}, 48 MB an array: memory.copy / program`,
    ...{ inputs: [[12 * million]], build, range: 4, least: name in cheap ? 1 / 1.3 : 0 },
    reference: (fused, [x, y], bytes) => fused.copy(x, y, bytes),
  })),
];
