import {
  ArgumentError,
  checkNumber,
  flag,
  integerFrom,
  mostLength,
  optional,
  readOptions,
  ShapeError,
  show,
} from "../engine/index.js";
import { formatShape, formatValue, type Value } from "../graph/index.js";
import { add } from "../ops/elementwise/add.js";
import { embedding as embeddingOp, paddingReader } from "../ops/embedding/embedding.js";
import { embeddingBag as embeddingBagOp, type EmbeddingBagMode, modeReader } from "../ops/embedding/embeddingBag.js";
import { matmul } from "../ops/products/matmul.js";
import { initializerOption, layerFactory, type LayerFactory } from "./factory.js";
import { type Initializer, normal, zeros } from "./initializers.js";
import { isLayer, type Layer, type Scope } from "./scope.js";

export interface EmbeddingOptions {
  /** Rows of the table. */
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  /** A row that is 0 at first and gets no gradient; negative ones count from the end. Default: none. */
  readonly paddingIndex?: number | undefined;
  /** Of the table, but for the padding. Default: normal with standard deviation 1. */
  readonly initializer?: Initializer | undefined;
}

export interface EmbeddingBagOptions extends EmbeddingOptions {
  /** What is made of the rows of a bag. Default "mean". */
  readonly mode?: EmbeddingBagMode;
  /** Whether the last offset is where the last bag ends, not where one begins. Default false. */
  readonly includeLastOffset?: boolean;
}

const tableReaders = () => ({
  numEmbeddings: integerFrom(1, mostLength),
  embeddingDim: integerFrom(1, mostLength),
  paddingIndex: paddingReader,
  initializer: optional(initializerOption, normal(1)),
});

interface TableSettings {
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  readonly paddingIndex: number | undefined;
  readonly initializer: Initializer;
}

/** A layer that looks rows up. */
interface TableLayer extends Layer {
  /** Its table, in the scope of the layer. */
  table(scope: Scope): Value;
}

/** The table of a layer, whose padding is 0 at first. Throws ArgumentError for padding that is no row. */
function tableOf(layer: string, settings: TableSettings): Pick<TableLayer, "table"> {
  const { numEmbeddings, embeddingDim, paddingIndex, initializer } = settings;
  if (paddingIndex !== undefined) {
    checkNumber(`nn.${layer}: paddingIndex`, paddingIndex, -numEmbeddings, numEmbeddings - 1);
  }
  return {
    table: (scope) =>
      scope.parameter("weight", [numEmbeddings, embeddingDim], (shape, random) => {
        const rows = initializer(shape, random);
        if (paddingIndex === undefined) return rows;
        const padding = (paddingIndex + numEmbeddings) % numEmbeddings;
        return rows.fill(0, padding * embeddingDim, (padding + 1) * embeddingDim);
      }),
  };
}

/**
 * Looks rows of a table up: int32 indices [...] → [..., embeddingDim]. See `ops.embedding`.
 * State: weight [numEmbeddings, embeddingDim].
 */
export const embedding: LayerFactory<EmbeddingOptions> = /* @__PURE__ */ layerFactory(
  "embedding",
  tableReaders,
  (settings): TableLayer => {
    const { paddingIndex } = settings;
    const { table } = tableOf("embedding", settings);
    return {
      ...{ name: "embedding", table },
      apply: (x, scope) => embeddingOp(checkTokens(x), table(scope), { paddingIndex }),
    };
  },
);

/**
 * Sums, means or maxima of rows of a table: int32 indices [batch, length], a bag each, or [length] with the input `offsets`, where
 * bags begin → [bags, embeddingDim]. It takes the input `perSampleWeights`, too. See `ops.embeddingBag`.
 * State: weight [numEmbeddings, embeddingDim].
 */
export const embeddingBag: LayerFactory<EmbeddingBagOptions> = /* @__PURE__ */ layerFactory(
  "embeddingBag",
  () => ({ ...tableReaders(), mode: optional(modeReader, "mean" as const), includeLastOffset: optional(flag, false) }),
  ({ mode, includeLastOffset, ...settings }): TableLayer => {
    const options = { mode, includeLastOffset, paddingIndex: settings.paddingIndex };
    const { table } = tableOf("embeddingBag", settings);
    return {
      name: "embeddingBag",
      inputs: ["offsets", "perSampleWeights"],
      table,
      apply: (x, scope, inputs = {}) =>
        embeddingBagOp(checkTokens(x), table(scope), inputs["offsets"], inputs["perSampleWeights"], options),
    };
  },
);

/** Throws ArgumentError, saying how a model takes them, for what are no int32 indices. */
function checkTokens(x: Value): Value {
  if (x.dataType === "i32") return x;
  throw new ArgumentError(
    `an embedding wants int32 indices, ${formatValue(x)} holds others: a model of tokens is built with ` +
      `build(engine, { inputShape: [length], dataType: "i32" })`,
  );
}

export interface TiedLinearOptions {
  /** Whether it has a bias for each row of the table, 0 at first. Default false. */
  readonly bias?: boolean;
}

/**
 * The projection on the rows of an embedding's table, which both share: y = x·tableᵀ + b, x [..., embeddingDim] →
 * [..., numEmbeddings] (Press and Wolf, "Using the Output Embedding to Improve Language Models", 2017). The gradient of the table is
 * the sum over both uses. State of its own, with `bias`: bias [numEmbeddings].
 * @param embedding the same object that stands in the model as nn.embedding({ … })
 * @throws ArgumentError for other layers
 */
export function tiedLinear(embedding: Layer, options: TiedLinearOptions = {}): Layer {
  const { bias } = readOptions("nn.tiedLinear", options, { bias: optional(flag, false) });
  if (!isTable(embedding)) {
    throw new ArgumentError(
      `nn.tiedLinear wants the layer that nn.embedding({ … }) returned, which stands in the model too; got ${show(embedding)}`,
    );
  }
  return {
    name: "tiedLinear",
    apply(x, scope) {
      const table = embedding.table(scope.of("embedding", embedding));
      const [rows, width] = table.shape as [number, number];
      if (x.shape.at(-1) !== width) throw new ShapeError(`wants [..., ${width}], got ${formatShape(x.shape)}`);
      const y = matmul(x, table, { transposeB: true });
      return bias ? add(y, scope.parameter("bias", [rows], zeros)) : y;
    },
  };
}

function isTable(layer: unknown): layer is TableLayer {
  return isLayer(layer) && typeof layer.name === "string" && "table" in layer && typeof layer.table === "function";
}
