import { isWithin16, hyperbolicTangent, sigmoidOf, sigmoidWithin16 } from "../math/sigmoidal";
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
  /** What forward keeps for backward: of an LSTM the gates i f g o, of a GRU r z n and what r multiplies. 0 if nothing reads it. */
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

/** Whether the sequence of a row has ended before this step. */
// @ts-ignore: decorator
@inline
export function hasEnded(record: CellRecord, row: i32): bool {
  return record.lengths != 0 && record.step >= load<i32>(record.lengths + ((<usize>row) << 2));
}

/** 1 / (1 + e⁻ˣ), called: four gates in line would be long. */
export function sigmoidLanes(x: v128): v128 {
  return i32x4.all_true(isWithin16(x)) ? sigmoidWithin16(x) : sigmoidOf(x);
}

/** tanh x, called. */
export function tanhLanes(x: v128): v128 {
  return hyperbolicTangent(x);
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
