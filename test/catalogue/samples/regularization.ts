import type { Forms } from "../written.js";

export const forms: Forms = {
  dropout: [{ attributes: { p: 0.25, stream: 3 } }],
};
