import { flag, integerFrom, mostLength, numberBelow, optional, type Reader, ShapeError } from "../engine/index.js";
import { formatValue, reshaped, type Value } from "../graph/index.js";
import { gruOperation } from "../ops/recurrent/gru.js";
import { lstmOperation } from "../ops/recurrent/lstm.js";
import type { RecurrentOperation } from "../ops/recurrent/recurrent.js";
import { nonlinearityReader, rnnOperation } from "../ops/recurrent/rnn.js";
import { dropout as dropoutOp } from "../ops/regularization/dropout.js";
import { concat } from "../ops/structure/concat.js";
import { permuted } from "../ops/structure/permute.js";
import { partOf } from "../ops/structure/slice.js";
import { initializerOption, layerFactory, type LayerFactory } from "./factory.js";
import { type Initializer, uniform } from "./initializers.js";
import type { Layer, LayerInputs, Scope } from "./scope.js";

export interface RecurrentLayerOptions {
  /** Hidden units H of each layer and direction. */
  readonly hiddenSize: number;
  /** Layers on top of each other. Default 1. */
  readonly numLayers?: number;
  /** Whether a second set of weights goes through the sequence from its end; y then has 2·H features. Default false. */
  readonly bidirectional?: boolean;
  /** Default true. */
  readonly bias?: boolean;
  /** Probability of 0 in what one layer gives the next, in training. Default 0. */
  readonly dropout?: number;
  /** Whether y is that of every step, [B, T, features], or the hidden state after the last of each sample, [B, features]. Default true. */
  readonly returnSequences?: boolean;
  /** Of the weights. Default: PyTorch's, uniform with bound 1/√hiddenSize. */
  readonly initializer?: Initializer | undefined;
  /** Of the biases. Default: PyTorch's, the same. */
  readonly biasInitializer?: Initializer | undefined;
}

export interface RnnLayerOptions extends RecurrentLayerOptions {
  /** Default "tanh". */
  readonly nonlinearity?: "tanh" | "relu";
}

type Settings = Required<Omit<RecurrentLayerOptions, "initializer" | "biasInitializer">> &
  Pick<RecurrentLayerOptions, "initializer" | "biasInitializer"> &
  Pick<RnnLayerOptions, "nonlinearity">;

type Readers = { readonly [Name in keyof RecurrentLayerOptions]-?: Reader<Settings[Name]> };

const readers = (): Readers => ({
  hiddenSize: integerFrom(1, mostLength),
  numLayers: optional(integerFrom(1, mostLength), 1),
  bidirectional: optional(flag, false),
  bias: optional(flag, true),
  dropout: optional(numberBelow(0, 1), 0),
  returnSequences: optional(flag, true),
  initializer: optional(initializerOption),
  biasInitializer: optional(initializerOption),
});

/** A layer of an operation that has so many gates. */
function recurrentLayer(operation: RecurrentOperation, gates: number, settings: Settings): Layer {
  const { name, inputNames } = operation;
  const states = (["hidden", "cell"] as const).filter((state) => inputNames.includes(state));
  const { numLayers, returnSequences, dropout } = settings;
  const directions = settings.bidirectional ? [false, true] : [false];
  return {
    name,
    inputs: [...states, "lengths"],
    apply(x, scope, inputs = {}) {
      let y = x;
      for (let layer = 0; layer < numLayers; layer++) {
        if (layer > 0 && dropout > 0 && scope.training) y = dropoutOp(y, dropout);
        const results = directions.map((reverse, direction) => {
          const place = layer * directions.length + direction;
          const parameters = parametersOf(scope, y, gates, settings, `L${layer}${reverse ? "Reverse" : ""}`);
          const [hidden, cell] = states.map((state) => stateOf(inputs, state, place, x, directions.length, settings));
          const given = { ...parameters, x: y, hidden, cell, lengths: inputs["lengths"] };
          return operation.apply(given, { reverse, ...nonlinearityOf(settings) });
        });
        if (layer === numLayers - 1 && !returnSequences) return joined(results.map(({ hidden }) => hidden));
        // Steps lie first in memory: so joined, they need not be moved for the next layer.
        y = permuted(joined(results.map((result) => permuted(result.y, [1, 0, 2]))), [1, 0, 2]);
      }
      return y;
    },
  };
}

function nonlinearityOf({ nonlinearity }: Settings): Pick<RnnLayerOptions, "nonlinearity"> {
  return nonlinearity ? { nonlinearity } : {};
}

function joined(values: readonly Value[]): Value {
  return values.length === 1 ? values[0]! : concat(values, -1);
}

/** The parameters of one layer in one direction, whose names end as PyTorch's: in L0, L0Reverse. */
function parametersOf(
  scope: Scope,
  x: Value,
  gates: number,
  { hiddenSize, bias, initializer, biasInitializer }: Settings,
  end: string,
) {
  const features = x.shape[2];
  if (x.shape.length !== 3 || features === undefined) {
    throw new ShapeError(`wants [batch, steps, features], got ${formatValue(x)}`);
  }
  const standard = uniform(1 / Math.sqrt(hiddenSize));
  const columns = gates * hiddenSize;
  const weight = (name: string, rows: number): Value =>
    scope.parameter(name + end, [rows, columns], initializer ?? standard);
  const biasOf = (name: string): Value => scope.parameter(name + end, [columns], biasInitializer ?? standard);
  return {
    weightIh: weight("weightIh", features),
    weightHh: weight("weightHh", hiddenSize),
    ...(bias && { biasIh: biasOf("biasIh"), biasHh: biasOf("biasHh") }),
  };
}

/** The part of an initial state [layers · directions, B, H] that belongs to one of them; undefined if none is given. */
function stateOf(
  inputs: LayerInputs,
  name: string,
  place: number,
  x: Value,
  directions: number,
  { hiddenSize, numLayers }: Settings,
): Value | undefined {
  const state = inputs[name];
  if (!state) return undefined;
  const [batch] = x.shape as [number];
  const wanted = [numLayers * directions, batch, hiddenSize];
  if (String(state.shape) !== String(wanted)) {
    throw new ShapeError(
      `${name} is ${formatValue(state)}, want [layers · directions, batch, hiddenSize] = [${wanted.join(", ")}]`,
    );
  }
  return reshaped(partOf(state, [1, batch, hiddenSize], 0, place), [batch, hiddenSize]);
}

/**
 * Plain recurrent layers (`ops.rnn`) for x [batch, steps, features] → [batch, steps, hiddenSize · directions]. A number in the place
 * of the options is hiddenSize. Further inputs, by `scope.apply(name, layer, x, { hidden, lengths })`: the state to begin from,
 * [layers · directions, batch, hiddenSize], and int32 lengths [batch]. State, for each layer and direction: weightIhL0
 * [features, hiddenSize], weightHhL0 [hiddenSize, hiddenSize], biasIhL0, biasHhL0 [hiddenSize]; weightIhL0Reverse and so on.
 */
export const rnn: LayerFactory<RnnLayerOptions, number> = /* @__PURE__ */ layerFactory(
  "rnn",
  () => ({ ...readers(), nonlinearity: optional(nonlinearityReader, "tanh" as const) }),
  (settings) => recurrentLayer(rnnOperation, 1, settings),
  "hiddenSize",
);

/**
 * Gated recurrent units (`ops.gru`), otherwise as `nn.rnn`. Weights have 3 · hiddenSize columns: of the gates r, z and n.
 */
export const gru: LayerFactory<RecurrentLayerOptions, number> = /* @__PURE__ */ layerFactory(
  "gru",
  readers,
  (settings) => recurrentLayer(gruOperation, 3, settings),
  "hiddenSize",
);

/**
 * Long short-term memory (`ops.lstm`), otherwise as `nn.rnn`. Weights have 4 · hiddenSize columns: of the gates i, f, g and o. A
 * further input is `cell`, of the shape of `hidden`.
 */
export const lstm: LayerFactory<RecurrentLayerOptions, number> = /* @__PURE__ */ layerFactory(
  "lstm",
  readers,
  (settings) => recurrentLayer(lstmOperation, 4, settings),
  "hiddenSize",
);
