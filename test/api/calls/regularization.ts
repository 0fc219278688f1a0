import { Graph, type Value } from "../../../src/graph/index.js";
import { nn, ops } from "../../../src/index.js";
import type { Calls } from "../call.js";

const value = (): Value => new Graph().input([2, 4], "x");

export const calls: Calls = Object.assign(
  {},
  ...(["dropout", "channelDropout", "alphaDropout", "featureAlphaDropout"] as const).map((name) => ({
    [`ops.${name}`]: { run: ops[name], values: () => [value(), 0.5] },
    [`nn.${name}`]: { run: nn[name], values: () => [{ p: 0.5 }] },
  })),
) as Calls;
