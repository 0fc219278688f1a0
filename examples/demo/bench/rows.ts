import type { Row } from "../../../bench/row.js";
import { rows } from "../../../bench/rows/index.js";
import { chosenLines } from "./words.js";

/** The rows of the benchmark that the page shows. Only workers import them, for they bring all baselines along. */
export const chosenRows: readonly Row[] = chosenLines.map(({ line }) => {
  const row = rows.find(({ name, shape }) => `${name} ${shape}`.startsWith(line));
  if (!row) throw new Error(`the benchmark has no row ${line}`);
  return row;
});
