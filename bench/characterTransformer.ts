import { nn } from "../src/index.js";

/** What the character transformer reads: so many characters, of so many kinds. */
export const characters = { context: 128, kinds: 96, batch: 32 };

/** Four blocks of width 128 that predict each next character. */
export function characterTransformer(): nn.Sequential {
  return nn.sequential(
    nn.embedding({ numEmbeddings: characters.kinds, embeddingDim: 128 }),
    nn.learnedPositions({ maxLength: characters.context }),
    nn.transformerEncoder({
      ...{ numLayers: 4, numHeads: 4, dimFeedforward: 512, dropout: 0, activation: "gelu" },
      ...{ normFirst: true, isCausal: true, norm: true },
    }),
    nn.linear({ outFeatures: characters.kinds }),
  );
}
