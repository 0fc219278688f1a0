import type { Row } from "../row.js";
import { attentionRows } from "./attention.js";
import { convRows } from "./conv2d.js";
import { embeddingRows } from "./embedding.js";
import { gemmRows } from "./gemm.js";
import { normalizationRows } from "./normalization.js";
import { optimizerRows } from "./optim.js";
import { pointwiseRows } from "./pointwise.js";
import { poolingRows } from "./pooling.js";
import { recurrentRows } from "./recurrent.js";
import { runtimeRows } from "./runtime.js";
import { stepRows } from "./steps.js";

export const rows: readonly Row[] = [
  ...gemmRows,
  ...convRows,
  ...attentionRows,
  ...recurrentRows,
  ...pointwiseRows,
  ...poolingRows,
  ...normalizationRows,
  ...embeddingRows,
  ...optimizerRows,
  ...runtimeRows,
  ...stepRows,
];
