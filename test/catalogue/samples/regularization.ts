import type { Forms, Writtens } from "../written.js";

const settings = { p: 0.25, stream: 3, scale: 4 / 3 };

export const forms: Forms = {
  dropout: [{ attributes: settings }, { attributes: { ...settings, p: 1, scale: 0 } }],
  alphaDropout: [{ attributes: settings }],
};

export const written: Writtens = Object.fromEntries(
  ["channelDropout", "featureAlphaDropout"].map((name) => [
    name,
    [
      { inputs: { x: [5, 4] }, attributes: settings },
      { inputs: { x: [3, 2, 4, 5] }, attributes: settings },
      { inputs: { x: [2, 3, 5] }, attributes: { ...settings, p: 1 } },
      { inputs: { x: [0, 2, 4] }, attributes: settings },
    ],
  ]),
);
