import { storePartial } from "../math/lanes";

/** Stores the first `columns` of 8 floats: what a register tile has of the last panel. */
export function storeColumns(to: usize, low: v128, high: v128, columns: i32): void {
  storePartial(to, low, columns);
  storePartial(to + 16, high, columns - 4);
}
