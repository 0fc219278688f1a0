import { multiplyAdd } from "../math/lanes";
import { shareEnd, shareStart } from "../partition";
import { isAligned } from "../record";
import { activate, Activation } from "./activate";
import {
  CellRecord,
  checkCell,
  gatesOf,
  hasEnded,
  loadLanes,
  RECURRENT_GRU,
  RECURRENT_LSTM,
  RECURRENT_TANH,
  savedOf,
  storeLanes,
} from "./cell";

/**
 * One step of a recurrent layer once its products are there: the next state from this one and the gates, whose sums over the input
 * (`x`) and over the hidden state (`z`) are [rows, gates · columns] each. A row whose sequence has ended keeps its state. What z
 * holds is used up.
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
  const bytes = (<usize>columns) << 2;
  const last = shareEnd(record.rows, 1, thread, threads);
  for (let row = shareStart(record.rows, 1, thread, threads); row < last; row++) {
    const state = bytes * row;
    const hidden = record.hidden + state;
    const cell = record.cell + state;
    const nextHidden = record.nextHidden + state;
    const nextCell = record.nextCell + state;
    const ended = hasEnded(record, row);
    if (ended) {
      memory.copy(nextHidden, hidden, bytes);
      if (kind == RECURRENT_LSTM) memory.copy(nextCell, cell, bytes);
      continue;
    }
    const x = record.x + state * gatesOf(kind);
    const z = record.z + state * gatesOf(kind);
    const saves = record.saved != 0;
    const gates = saves ? record.saved + state * savedOf(kind) : z;
    if (kind == RECURRENT_LSTM) {
      activate(Activation.sigmoid, x, z, gates, 2 * columns);
      activate(Activation.tanh, x + 2 * bytes, z + 2 * bytes, gates + 2 * bytes, columns);
      activate(Activation.sigmoid, x + 3 * bytes, z + 3 * bytes, gates + 3 * bytes, columns);
      carryCell(gates, cell, nextCell, columns);
      const curved = saves ? gates + 4 * bytes : nextHidden;
      activate(Activation.tanh, nextCell, 0, curved, columns);
      multiply(gates + 3 * bytes, curved, nextHidden, columns);
    } else if (kind == RECURRENT_GRU) {
      activate(Activation.sigmoid, x, z, gates, 2 * columns);
      if (saves) memory.copy(gates + 3 * bytes, z + 2 * bytes, bytes);
      multiply(gates, z + 2 * bytes, nextHidden, columns);
      activate(Activation.tanh, x + 2 * bytes, nextHidden, gates + 2 * bytes, columns);
      mix(gates + bytes, hidden, gates + 2 * bytes, nextHidden, columns);
    } else {
      activate(kind == RECURRENT_TANH ? Activation.tanh : Activation.relu, x, z, nextHidden, columns);
    }
  }
}

/** c′ = f·c + i·g, of gates i f g, `columns` each. */
function carryCell(gates: usize, cell: usize, nextCell: usize, columns: i32): void {
  const bytes = (<usize>columns) << 2;
  for (let at: usize = 0, step: usize = 16; at < bytes; at += step) {
    const isWhole = at + 16 <= bytes;
    if (!isWhole) step = 4;
    const i = gates + at;
    const f = i + bytes;
    const product = f32x4.mul(loadLanes(i, isWhole), loadLanes(f + bytes, isWhole));
    const next = multiplyAdd(loadLanes(f, isWhole), loadLanes(cell + at, isWhole), product);
    storeLanes(nextCell + at, next, isWhole);
  }
}

/** y = a·b; y may be one of them. */
function multiply(a: usize, b: usize, y: usize, columns: i32): void {
  const bytes = (<usize>columns) << 2;
  for (let at: usize = 0, step: usize = 16; at < bytes; at += step) {
    const isWhole = at + 16 <= bytes;
    if (!isWhole) step = 4;
    storeLanes(y + at, f32x4.mul(loadLanes(a + at, isWhole), loadLanes(b + at, isWhole)), isWhole);
  }
}

/** y = n + z·(h − n) = (1 − z)·n + z·h. */
function mix(z: usize, h: usize, n: usize, y: usize, columns: i32): void {
  const bytes = (<usize>columns) << 2;
  for (let at: usize = 0, step: usize = 16; at < bytes; at += step) {
    const isWhole = at + 16 <= bytes;
    if (!isWhole) step = 4;
    const base = loadLanes(n + at, isWhole);
    const difference = f32x4.sub(loadLanes(h + at, isWhole), base);
    storeLanes(y + at, multiplyAdd(loadLanes(z + at, isWhole), difference, base), isWhole);
  }
}
