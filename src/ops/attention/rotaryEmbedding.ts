import { flag, numberFrom, optional, ShapeError } from "../../engine/index.js";
import { define, formatValue, reshaped, type Value } from "../../graph/index.js";
import { add } from "../elementwise/add.js";
import { multiply } from "../elementwise/multiply.js";
import { subtract } from "../elementwise/subtract.js";
import { concat, stack } from "../structure/concat.js";
import { slice } from "../structure/slice.js";
import { angles } from "./angles.js";

export interface RotaryOptions {
  /** Base of the wavelengths, 2π … 2π·theta. Default 10000. */
  readonly theta?: number;
  /** Position of the first row: how many came before, where they are kept from earlier calls. Default 0. */
  readonly offset?: number;
  /** Whether features 2i and 2i + 1 are a pair, as in RoFormer; else i and i + features/2, as in GPT-NeoX and Llama. Default false. */
  readonly interleaved?: boolean;
}

interface Attributes extends Required<RotaryOptions> {
  /** 1, or −1 to turn back. */
  readonly direction: number;
}

const defaults: Attributes = { theta: 10000, offset: 0, interleaved: false, direction: 1 };

export const rotaryEmbeddingOperation = /* @__PURE__ */ define({
  name: "rotaryEmbedding",
  inputs: ["x"],
  attributes: defaults,
  options: () => ({
    theta: optional(numberFrom(Number.MIN_VALUE), defaults.theta),
    offset: optional(numberFrom(-Infinity), defaults.offset),
    interleaved: optional(flag, defaults.interleaved),
  }),
  fit: (_, options) => ({ ...options, direction: 1 }),
  shape({ x }) {
    if (x.shape.length < 2 || x.shape.at(-1)! % 2 !== 0) {
      throw new ShapeError(`rotaryEmbedding: wants [..., length, features], features even; got ${formatValue(x)}`);
    }
    return { y: x.shape };
  },
  compose({ x }, { theta, offset, interleaved, direction }) {
    const [length, features] = x.shape.slice(-2) as [number, number];
    const half = features / 2;
    const paired = reshaped(x, [...x.shape.slice(0, -1), ...(interleaved ? [half, 2] : [2, half])]);
    const everywhere = x.shape.slice(0, -1).map(() => null);
    const part = (index: number): Value => slice(paired, [...everywhere, ...(interleaved ? [null, index] : [index])]);
    const [a, b] = [part(0), part(1)];
    const table = (f: (angle: number) => number): Value =>
      x.graph.constant([length, half], angles(length, half, { theta, offset }).map(f), "positions");
    const [cosine, sine] = [table(Math.cos), table((angle) => direction * Math.sin(angle))];
    const turned = [subtract(multiply(a, cosine), multiply(b, sine)), add(multiply(b, cosine), multiply(a, sine))];
    return { y: reshaped(interleaved ? stack(turned, -1) : concat(turned, -1), x.shape) };
  },
  gradient: ({ attributes, upstreams: { y: dy } }) => ({ x: turnedBack(dy, attributes) }),
});

function turnedBack(x: Value, attributes: Attributes): Value {
  return rotaryEmbeddingOperation.apply({ x }, { ...attributes, direction: -attributes.direction }).y;
}

/**
 * Rotary positions (Su et al., "RoFormer", 2021): pair i of the features of row t is turned by the angle
 * (t + offset) · theta^(−2i/features), so that the scores of queries and keys depend on how far apart they are.
 *
 * @param x [..., length, features]
 * @throws ShapeError unless the number of features is even
 */
export function rotaryEmbedding(x: Value, options: RotaryOptions = {}): Value {
  return rotaryEmbeddingOperation.call({ x }, options).y;
}
