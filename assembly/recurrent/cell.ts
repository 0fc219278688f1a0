import { isAligned, KernelRecord } from "../record";

// What a step does with its gates (the field `kind`).

// @ts-ignore: decorator
@shared
export const RECURRENT_TANH: i32 = 0;
// @ts-ignore: decorator
@shared
export const RECURRENT_RELU: i32 = 1;
// @ts-ignore: decorator
@shared
export const RECURRENT_GRU: i32 = 2;
// @ts-ignore: decorator
@shared
export const RECURRENT_LSTM: i32 = 3;

/** What both directions of a step know. A row is a sample; all arrays are dense. */
@unmanaged
export class CellRecord extends KernelRecord {
  /** The state before the step, [rows, columns]; `cell` of an LSTM alone. */
  hidden: usize;
  cell: usize;
  /** The state after it. */
  nextHidden: usize;
  nextCell: usize;
  /**
   * What forward keeps for backward, 0 if nothing reads it. Of each row one array of `columns` after another: of an LSTM the gates
   * i f g o and tanh of the cell state after the step, of a GRU r z n and what r multiplies.
   */
  saved: usize;
  /** int32 [rows]: a row stays as it is from this step on. 0 is none. */
  lengths: usize;
  step: i32;
  rows: i32;
  columns: i32;
  kind: i32;
}

// @ts-ignore: decorator
@inline
export function checkCell(record: CellRecord): void {
  assert(isAligned(record.hidden | record.cell | record.nextHidden | record.nextCell | record.saved | record.lengths));
  assert(record.rows >= 0 && record.columns >= 0 && record.kind >= 0 && record.kind <= RECURRENT_LSTM);
}

/** Gates of a product, each as many columns as the state has. */
// @ts-ignore: decorator
@inline
export function gatesOf(kind: i32): i32 {
  return kind == RECURRENT_LSTM ? 4 : kind == RECURRENT_GRU ? 3 : 1;
}

/** Arrays of a row in `saved`. */
// @ts-ignore: decorator
@inline
export function savedOf(kind: i32): i32 {
  return kind == RECURRENT_LSTM ? 5 : 4;
}

/** Whether the sequence of a row has ended before this step. */
// @ts-ignore: decorator
@inline
export function hasEnded(record: CellRecord, row: i32): bool {
  return record.lengths != 0 && record.step >= load<i32>(record.lengths + ((<usize>row) << 2));
}

/** dy·y·(1 − y): through a sigmoid. */
// @ts-ignore: decorator
@inline
export function throughSigmoid(y: v128, dy: v128): v128 {
  return f32x4.mul(dy, f32x4.mul(y, f32x4.sub(f32x4.splat(1), y)));
}

/** dy·(1 − y)·(1 + y): through a tanh. */
// @ts-ignore: decorator
@inline
export function throughTanh(y: v128, dy: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.mul(dy, f32x4.mul(f32x4.sub(one, y), f32x4.add(one, y)));
}

/** Four floats, or the first of them alone at the end of a row: fewer instructions than loading one to three. */
// @ts-ignore: decorator
@inline
export function loadLanes(at: usize, isWhole: bool): v128 {
  return isWhole ? v128.load(at) : v128.load32_zero(at);
}

// @ts-ignore: decorator
@inline
export function storeLanes(at: usize, lanes: v128, isWhole: bool): void {
  if (isWhole) v128.store(at, lanes);
  else v128.store32_lane(at, lanes, 0);
}
