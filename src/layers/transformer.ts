import {
  ArgumentError,
  flag,
  integerFrom,
  mostLength,
  numberFrom,
  optional,
  type Reader,
  show,
} from "../engine/index.js";
import type { Value } from "../graph/index.js";
import { gelu } from "../ops/activations/gelu.js";
import { relu } from "../ops/activations/relu.js";
import { add } from "../ops/elementwise/add.js";
import { dropout as dropoutOp } from "../ops/regularization/dropout.js";
import { layerFactory, type LayerFactory } from "./factory.js";
import { multiHeadAttention } from "./multiHeadAttention.js";
import { layerNorm } from "./normalization.js";
import { project } from "./projection.js";
import { isLayer, type Layer, type LayerInputs, type LayerLike, layerOf, type Scope } from "./scope.js";

export interface TransformerLayerOptions {
  /** Heads, which share out the features of x. */
  readonly numHeads: number;
  /** Features between the two products that follow attention. Default 2048. */
  readonly dimFeedforward?: number;
  /** Probability with which weights of attention, and elements of what is added to x, are dropped while training. Default 0.1. */
  readonly dropout?: number;
  /** What stands between the two products: "relu", "gelu", a layer, or a function of a Value. Default "relu". */
  readonly activation?: "relu" | "gelu" | LayerLike;
  /** Added to the variance by layer norms. Default 1e-5. */
  readonly epsilon?: number;
  /** Whether each part normalises what it reads, not the sum that it makes. Default false. */
  readonly normFirst?: boolean;
  /** Whether products and layer norms have a bias. Default true. */
  readonly bias?: boolean;
  /** Whether a row sees those up to its own alone. Default false. */
  readonly isCausal?: boolean;
}

export interface TransformerOptions extends TransformerLayerOptions {
  readonly numLayers: number;
  /** Whether a layer norm follows the last layer, as those of normFirst want it. Default false. */
  readonly norm?: boolean;
}

const activationOption: Reader<Layer> = (name, given) => {
  const layer = layerOf(given === "relu" ? relu : given === "gelu" ? gelu : given, name);
  if (isLayer(layer)) return layer;
  throw new ArgumentError(`${name} must be "relu", "gelu", a layer or a function of a value, got ${show(given)}`);
};

const layerReaders = () => ({
  numHeads: integerFrom(1, mostLength),
  dimFeedforward: optional(integerFrom(1, mostLength), 2048),
  dropout: optional(numberFrom(0, 1), 0.1),
  activation: (name: string, given: unknown = "relu") => activationOption(name, given),
  epsilon: optional(numberFrom(0), 1e-5),
  normFirst: optional(flag, false),
  bias: optional(flag, true),
  isCausal: optional(flag, false),
});

const stackReaders = () => ({
  ...layerReaders(),
  numLayers: integerFrom(1, mostLength),
  norm: optional(flag, false),
});

type Settings = {
  readonly [Name in keyof ReturnType<typeof layerReaders>]: ReturnType<ReturnType<typeof layerReaders>[Name]>;
};

/** One part of a layer: what is added to x. */
type Part = (x: Value, scope: Scope, inputs: LayerInputs) => Value;

/** A layer of parts, each of which is added to what it reads, with a layer norm before it or after the sum. */
function layerOfParts(name: string, inputs: readonly string[], settings: Settings, parts: readonly Part[]): Layer {
  const { dropout, epsilon, bias, normFirst } = settings;
  const norms = parts.map(() => layerNorm({ epsilon, bias }));
  return {
    ...{ name, inputs },
    apply: (x, scope, given = {}) =>
      parts.reduce((sofar, part, i) => {
        const norm = (value: Value): Value => scope.apply(`norm${i + 1}`, norms[i]!, value);
        const y = dropped(part(normFirst ? norm(sofar) : sofar, scope, given), dropout, scope);
        return normFirst ? add(sofar, y) : norm(add(sofar, y));
      }, x),
  };
}

function dropped(x: Value, p: number, scope: Scope): Value {
  return scope.training && p > 0 ? dropoutOp(x, p) : x;
}

function selfAttention({ numHeads, dropout, bias, isCausal }: Settings): Part {
  const attention = multiHeadAttention({ numHeads, dropout, bias, isCausal });
  return (x, scope, { mask, keyPaddingMask }) => scope.apply("selfAttention", attention, x, { mask, keyPaddingMask });
}

function crossAttention({ numHeads, dropout, bias }: Settings): Part {
  const attention = multiHeadAttention({ numHeads, dropout, bias });
  return (x, scope, { memory, memoryMask, memoryKeyPaddingMask }) => {
    if (!memory) {
      throw new ArgumentError(
        "a transformerDecoderLayer wants the output of an encoder: scope.apply(name, layer, x, { memory })",
      );
    }
    const masks = { mask: memoryMask, keyPaddingMask: memoryKeyPaddingMask };
    return scope.apply("crossAttention", attention, x, { key: memory, ...masks });
  };
}

function feedForward({ dimFeedforward, dropout, activation, bias }: Settings): Part {
  return (x, scope) => {
    const hidden = project(scope, "linear1", x, { outFeatures: dimFeedforward, bias });
    const active = dropped(scope.apply("activation", activation, hidden), dropout, scope);
    return project(scope, "linear2", active, { outFeatures: x.shape.at(-1)!, bias });
  };
}

const encoderInputs = ["mask", "keyPaddingMask"];
const decoderInputs = [...encoderInputs, "memory", "memoryMask", "memoryKeyPaddingMask"];

/**
 * A layer of a transformer's encoder, of x [..., length, features]: self-attention, then linear1, activation and linear2, each added
 * to what it reads (Vaswani et al., "Attention Is All You Need", 2017, §3.1; `normFirst`: Xiong et al., "On Layer Normalization in
 * the Transformer Architecture", 2020). With `isCausal` it is a layer of a decoder alone, as in GPT. Beside x it takes `mask` and
 * `keyPaddingMask`, as nn.multiHeadAttention does.
 * State: that of selfAttention, linear1, linear2, norm1 and norm2.
 */
export const transformerEncoderLayer: LayerFactory<TransformerLayerOptions> = /* @__PURE__ */ layerFactory(
  "transformerEncoderLayer",
  layerReaders,
  (settings) =>
    layerOfParts("transformerEncoderLayer", encoderInputs, settings, [selfAttention(settings), feedForward(settings)]),
);

/**
 * A layer of a transformer's decoder, of x [..., length, features]: self-attention, attention to `memory` [..., keys, features], which
 * is the output of an encoder, then linear1, activation and linear2, each added to what it reads. Beside x it takes `memory`, `mask`
 * and `keyPaddingMask` for self-attention, `memoryMask` and `memoryKeyPaddingMask` for the other.
 * State: that of selfAttention, crossAttention, linear1, linear2, norm1, norm2 and norm3.
 */
export const transformerDecoderLayer: LayerFactory<TransformerLayerOptions> = /* @__PURE__ */ layerFactory(
  "transformerDecoderLayer",
  layerReaders,
  (settings) =>
    layerOfParts("transformerDecoderLayer", decoderInputs, settings, [
      ...[selfAttention(settings), crossAttention(settings), feedForward(settings)],
    ]),
);

/** Layers of one kind one after another: all take the same inputs beside x. */
function stackOf(
  name: string,
  factory: LayerFactory<TransformerLayerOptions>,
  { numLayers, norm, ...settings }: Settings & { readonly numLayers: number; readonly norm: boolean },
): Layer {
  const layers = Array.from({ length: numLayers }, () => factory(settings));
  const last = norm ? layerNorm({ epsilon: settings.epsilon, bias: settings.bias }) : undefined;
  return {
    name,
    inputs: layers[0]!.inputs!,
    apply(x, scope, inputs) {
      const y = layers.reduce((sofar, layer, i) => scope.apply(`layers.${i}`, layer, sofar, inputs), x);
      return last ? scope.apply("norm", last, y) : y;
    },
  };
}

/** A stack of nn.transformerEncoderLayer, with its inputs. State: that of layers.0, layers.1 and so on, and of norm. */
export const transformerEncoder: LayerFactory<TransformerOptions> = /* @__PURE__ */ layerFactory(
  "transformerEncoder",
  stackReaders,
  (settings) => stackOf("transformerEncoder", transformerEncoderLayer, settings),
);

/** A stack of nn.transformerDecoderLayer, with its inputs. State: that of layers.0, layers.1 and so on, and of norm. */
export const transformerDecoder: LayerFactory<TransformerOptions> = /* @__PURE__ */ layerFactory(
  "transformerDecoder",
  stackReaders,
  (settings) => stackOf("transformerDecoder", transformerDecoderLayer, settings),
);
