import { flag, numberFrom, optional, unread } from "../../engine/index.js";
import { define, expanded, gradientsOf, sumTo, type Value } from "../../graph/index.js";
import { attend } from "./composition.js";
import { emitAttention, emitAttentionBackward } from "./records.js";
import { attentionDefaults, attentionSizes } from "./shapes.js";

/** Scores of one head up to which backward reads the probabilities that forward kept, 1 MB; beyond, it computes them again. */
const mostKept = 2 ** 18;

export interface AttentionOptions {
  /**
   * Truth values, true where a query may see a key, or float32 that is added to the scores; broadcasts to
   * [..., queries, keys]. Default: none.
   */
  readonly mask?: Value | undefined;
  /** Whether query i sees the keys 0 … i alone. Default false. */
  readonly isCausal?: boolean;
  /** Probability with which a weight is dropped, from 0 to 1. Default 0. */
  readonly dropout?: number;
  /** Factor of the scores. Default 1/√features. */
  readonly scale?: number | undefined;
}

const readers = () => ({
  // An input of the operation, which checks it.
  mask: unread<Value | undefined>(),
  isCausal: optional(flag, false),
  dropout: optional(numberFrom(0, 1), 0),
  scale: optional(numberFrom(-Infinity)),
});

export const attentionBackwardOperation = /* @__PURE__ */ define({
  name: "scaledDotProductAttentionBackward",
  inputs: ["query", "key", "value", "mask?", "y", "kept", "dy"],
  outputs: ["dquery", "dkey", "dvalue"],
  otherTypes: ["mask"],
  attributes: attentionDefaults,
  // Of all heads: what was broadcast is summed by whoever applies it.
  shape(inputs) {
    const { batch, queries, keys, features, valueFeatures } = attentionSizes(inputs);
    const ofKeys = [...batch, keys];
    return {
      ...{ dquery: [...batch, queries, features], dkey: [...ofKeys, features], dvalue: [...ofKeys, valueFeatures] },
    };
  },
  compose({ dy, query, key, value, mask }, attributes) {
    const { batch } = attentionSizes({ query, key, value });
    const given = [query, key, value].map((x) => expanded(x, [...batch, ...x.shape.slice(-2)]));
    const [q, k, v] = given as [Value, Value, Value];
    const [dquery, dkey, dvalue] = gradientsOf(
      () => attend({ query: q, key: k, value: v, mask }, attributes),
      given,
      dy,
    );
    return { dquery, dkey, dvalue };
  },
  lower(emit, { inputs, outputs, attributes }) {
    emitAttentionBackward(emit, inputs, inputs, outputs, attributes);
  },
});

export const attentionOperation = /* @__PURE__ */ define({
  name: "scaledDotProductAttention",
  inputs: ["query", "key", "value", "mask?"],
  kept: ["kept"],
  otherTypes: ["mask"],
  attributes: attentionDefaults,
  options: readers,
  fit: ({ query }, { isCausal, dropout: p, scale = 1 / Math.sqrt(query.shape.at(-1) ?? 1) }) => ({
    ...{ isCausal, scale, p, dropScale: p < 1 ? 1 / (1 - p) : 0, stream: p > 0 ? query.graph.stream() : 0 },
  }),
  shape(inputs) {
    const { batch, queries, keys, valueFeatures } = attentionSizes(inputs);
    const isKept = queries * keys <= mostKept;
    return { y: [...batch, queries, valueFeatures], kept: [...batch, queries, ...(isKept ? [keys] : [])] };
  },
  compose: (inputs, attributes) => ({ y: attend(inputs, attributes) }),
  lower: (emit, { inputs, outputs, attributes }) => emitAttention(emit, inputs, outputs, attributes),
  gradient({ inputs, outputs: { y, kept }, upstreams: { y: dy }, attributes }) {
    const { query, key, value, mask } = inputs;
    const { dquery, dkey, dvalue } = attentionBackwardOperation.apply({ ...inputs, y, kept, dy }, attributes);
    return {
      query: sumTo(dquery, query.shape),
      key: sumTo(dkey, key.shape),
      value: sumTo(dvalue, value.shape),
      // Rarely asked for: it goes through all scores.
      mask: mask?.dataType === "f32" ? gradientsOf(() => attend(inputs, attributes), [mask], dy)[0] : undefined,
    };
  },
});

/**
 * softmax(query · keyᵀ · scale + mask) · value for each head (Vaswani et al., "Attention Is All You Need", 2017, §3.2.1). Axes before
 * the last two are batch and heads and broadcast. A query that the mask shows no key gets zeros.
 *
 * @param query [..., queries, features]
 * @param key [..., keys, features]
 * @param value [..., keys, valueFeatures]
 * @returns [..., queries, valueFeatures]
 * @throws ShapeError if the shapes do not fit together, ArgumentError for a mask of another type
 */
export function scaledDotProductAttention(
  query: Value,
  key: Value,
  value: Value,
  options: AttentionOptions = {},
): Value {
  // What is no object at all is refused with the other options.
  const { mask } = Object(options) as AttentionOptions;
  return attentionOperation.call({ query, key, value, mask }, options).y;
}
