import { loadPartial, multiplyAdd, storePartial } from "../math/lanes";
import { shareEnd, shareStart } from "../partition";
import { isAligned } from "../record";
import {
  CellRecord,
  checkCell,
  gatesOf,
  hasEnded,
  RECURRENT_GRU,
  RECURRENT_LSTM,
  RECURRENT_TANH,
  sigmoidLanes,
  tanhLanes,
} from "./cell";

/**
 * One step of a recurrent layer once its products are there: the next state from this one and the gates, whose sums over the input
 * (`x`) and over the hidden state (`z`) are [rows, gates · columns] each. A row whose sequence has ended keeps its state.
 */
@unmanaged
export class RecurrentStepRecord extends CellRecord {
  x: usize;
  z: usize;
}

export function recurrentStep(record: RecurrentStepRecord, thread: i32, threads: i32): void {
  checkCell(record);
  assert(isAligned(record.x | record.z));
  const columns = record.columns;
  const kind = record.kind;
  const saved = record.saved;
  const bytes = (<usize>columns) << 2;
  const last = shareEnd(record.rows, 1, thread, threads);
  for (let row = shareStart(record.rows, 1, thread, threads); row < last; row++) {
    const state = bytes * row;
    const ended = hasEnded(record, row);
    if (ended) {
      memory.copy(record.nextHidden + state, record.hidden + state, bytes);
      if (kind == RECURRENT_LSTM) memory.copy(record.nextCell + state, record.cell + state, bytes);
      continue;
    }
    const gates = state * gatesOf(kind);
    for (let column = 0; column < columns; column += 4) {
      const left = columns - column;
      const offset = (<usize>column) << 2;
      const at = state + offset;
      // Of each gate four columns; the gates of a row lie `bytes` apart.
      const x0 = record.x + gates + offset;
      const z0 = record.z + gates + offset;
      const s0 = saved + (state << 2) + offset;
      const x1 = x0 + bytes;
      const z1 = z0 + bytes;
      const x2 = x1 + bytes;
      const z2 = z1 + bytes;
      let hidden: v128;
      if (kind == RECURRENT_LSTM) {
        const i = sigmoidLanes(sumAt(x0, z0, left));
        const f = sigmoidLanes(sumAt(x1, z1, left));
        const g = tanhLanes(sumAt(x2, z2, left));
        const o = sigmoidLanes(sumAt(x2 + bytes, z2 + bytes, left));
        const cell = multiplyAdd(f, loadPartial(record.cell + at, left), f32x4.mul(i, g));
        storePartial(record.nextCell + at, cell, left);
        if (saved != 0) save(s0, bytes, left, i, f, g, o);
        hidden = f32x4.mul(o, tanhLanes(cell));
      } else if (kind == RECURRENT_GRU) {
        const r = sigmoidLanes(sumAt(x0, z0, left));
        const z = sigmoidLanes(sumAt(x1, z1, left));
        const m = loadPartial(z2, left);
        const n = tanhLanes(multiplyAdd(r, m, loadPartial(x2, left)));
        if (saved != 0) save(s0, bytes, left, r, z, n, m);
        hidden = multiplyAdd(z, f32x4.sub(loadPartial(record.hidden + at, left), n), n);
      } else {
        const sum = sumAt(x0, z0, left);
        // pmax(x, 0) is `x < 0 ? 0 : x`, which keeps NaN.
        hidden = kind == RECURRENT_TANH ? tanhLanes(sum) : f32x4.pmax(sum, f32x4.splat(0));
      }
      storePartial(record.nextHidden + at, hidden, left);
    }
  }
}

function sumAt(x: usize, z: usize, left: i32): v128 {
  return f32x4.add(loadPartial(x, left), loadPartial(z, left));
}

/** Four columns of four gates. */
function save(at: usize, bytes: usize, left: i32, a: v128, b: v128, c: v128, d: v128): void {
  storePartial(at, a, left);
  storePartial(at + bytes, b, left);
  storePartial(at + 2 * bytes, c, left);
  storePartial(at + 3 * bytes, d, left);
}
