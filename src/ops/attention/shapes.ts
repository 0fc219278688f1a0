import { ArgumentError, ShapeError } from "../../engine/index.js";
import { broadcastsTo, formatShape, formatValue, type Shape, titleOfType, type Value } from "../../graph/index.js";
import { batchOf } from "../products/matmul.js";

export interface AttentionInputs {
  /** [..., queries, features] */
  readonly query: Value;
  /** [..., keys, features] */
  readonly key: Value;
  /** [..., keys, valueFeatures] */
  readonly value: Value;
  /** Truth values, or numbers that are added to the scores; broadcasts to [..., queries, keys]. */
  readonly mask?: Value | undefined;
}

export interface AttentionAttributes {
  readonly isCausal: boolean;
  readonly scale: number;
  /** Probability with which a weight is dropped. */
  readonly p: number;
  /** What is left is multiplied by it. */
  readonly dropScale: number;
  /** Number of the random stream of dropout: backward draws the same words again. */
  readonly stream: number;
}

export const attentionDefaults: AttentionAttributes = { isCausal: false, scale: 1, p: 0, dropScale: 1, stream: 0 };

export interface AttentionSizes {
  /** Heads and all other axes but the last two, broadcast. */
  readonly batch: Shape;
  readonly queries: number;
  readonly keys: number;
  readonly features: number;
  readonly valueFeatures: number;
}

/** Throws ShapeError, ArgumentError unless the inputs fit together. */
export function attentionSizes({ query, key, value, mask }: AttentionInputs): AttentionSizes {
  const given = { query, key, value };
  const fail = (why: string): never => {
    const shown = Object.entries(given).map(([name, { shape }]) => `${name} ${formatShape(shape)}`);
    throw new ShapeError(`scaledDotProductAttention: ${why}; got ${shown.join(", ")}`);
  };
  if (Object.values(given).some(({ shape }) => shape.length < 2)) {
    fail("query, key and value must be [..., length, features]");
  }
  const [[queries, features], [keys, ofKey], [values, valueFeatures]] = Object.values(given).map(({ shape }) =>
    shape.slice(-2),
  ) as [[number, number], [number, number], [number, number]];
  if (features !== ofKey) fail("query and key must have as many features");
  if (keys !== values) fail("there must be a value for each key");
  const batch = Object.values(given).reduce<Shape>(
    (sofar, { shape }) =>
      batchOf(sofar, shape.slice(0, -2)) ?? fail("all axes but the last two must be equal or 1, counted from the end"),
    [],
  );
  if (mask) {
    if (mask.dataType !== "bool" && mask.dataType !== "f32") {
      throw new ArgumentError(
        `scaledDotProductAttention: mask must hold truth values, true where a key takes part, or float32 that is added to the ` +
          `scores; ${mask.label} holds ${titleOfType(mask.dataType)}`,
      );
    }
    const scores = [...batch, queries, keys];
    if (!broadcastsTo(mask.shape, scores)) {
      fail(`mask is ${formatValue(mask)} and must broadcast to the scores ${formatShape(scores)}`);
    }
  }
  return { batch, queries, keys, features, valueFeatures };
}
