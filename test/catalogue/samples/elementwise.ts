import { apart, fixed, filled, generic, truth } from "../sample.js";
import type { Forms, Writtens } from "../written.js";

/** Forms of elementwise functions that are not smooth everywhere, or have options. All others have one, without either. */
export const forms: Forms = {
  log: [{ positive: "x" }],
  divide: [{ positive: "b" }],
  log1p: [{ positive: "x" }],
  sqrt: [{ positive: "x" }],
  rsqrt: [{ positive: "x" }],
  reciprocal: [{ positive: "x" }],
  pow: [{ positive: "a" }],
  // Quotients that are far from the integers at which it jumps.
  remainder: [{ tensor: (input, shape) => (input === "a" ? apart(shape) : filled(shape, 0.75)) }],
  // Bounds far from all elements.
  clampBetween: [
    { tensor: (input, shape) => (input === "x" ? apart(shape) : filled(shape, input === "min" ? -0.5 : 0.5)) },
  ],
  clamp: [{ options: { min: -0.5, max: 0.25 } }, { options: { min: -0.5 } }, {}],
  scale: [{ options: { factor: -2.5 } }],
};

export const written: Writtens = {
  where: [
    { inputs: { condition: truth([5]), a: generic([5], 2), b: generic([5], 3) } },
    { inputs: { condition: truth([3, 1]), a: generic([2, 1, 4], 2), b: generic([4], 3) } },
    { inputs: { condition: truth([0, 2]), a: generic([0, 2], 2), b: generic([1, 2], 3) } },
  ],
  ...Object.fromEntries(
    ["logicalAnd", "logicalOr", "logicalXor"].map((name) => [
      name,
      [{ inputs: { a: truth([2, 1, 3]), b: truth([4, 1]) } }, { inputs: { a: truth([0, 3]), b: truth([3]) } }],
    ]),
  ),
  logicalNot: [{ inputs: { x: truth([7]) } }, { inputs: { x: truth([0]) } }],
  cast: (["f32", "f16", "i32", "u8", "bool"] as const).flatMap((dataType) => [
    {
      inputs: { x: fixed({ shape: [7], data: Float32Array.of(0, -0, 1.5, -2.75, 300, 0.1, 60001) }) },
      options: { dataType },
    },
    { inputs: { x: fixed({ shape: [3], data: Int32Array.of(-2, 0, 3001) }) }, options: { dataType } },
    { inputs: { x: truth([5]) }, options: { dataType } },
    { inputs: { x: fixed({ shape: [0], data: new Float32Array() }) }, options: { dataType } },
  ]),
};
