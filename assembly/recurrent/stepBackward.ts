import { shareEnd, shareStart } from "../partition";
import { isAligned } from "../record";
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
  throughSigmoid,
  throughTanh,
} from "./cell";

/**
 * The gradient of one step, run after those of the steps that follow it. The gradient of the next hidden state is `upstream` +
 * `dhidden`, that of the next cell state `upstreamCell` + `dcell`; each of the four may be 0, which is none. Written are the
 * gradients of the gates' sums over the input (`dx`) and, of a GRU, over the hidden state (`dz`, else 0); what reaches the state
 * before the step without a product: `dprevious` (may be dhidden, or 0 where it is known to be none) and `dpreviousCell` (may be
 * dcell).
 */
@unmanaged
export class RecurrentStepBackwardRecord extends CellRecord {
  upstream: usize;
  upstreamCell: usize;
  dhidden: usize;
  dcell: usize;
  dx: usize;
  dz: usize;
  dprevious: usize;
  dpreviousCell: usize;
}

export function recurrentStepBackward(record: RecurrentStepBackwardRecord, thread: i32, threads: i32): void {
  checkCell(record);
  assert(isAligned(record.upstream | record.upstreamCell | record.dhidden | record.dcell | record.dx | record.dz));
  assert(isAligned(record.dprevious | record.dpreviousCell));
  const columns = record.columns;
  const kind = record.kind;
  const dz = record.dz;
  const dprevious = record.dprevious;
  const bytes = (<usize>columns) << 2;
  const one = f32x4.splat(1);
  const last = shareEnd(record.rows, 1, thread, threads);
  for (let row = shareStart(record.rows, 1, thread, threads); row < last; row++) {
    const state = bytes * row;
    const gates = state * gatesOf(kind);
    const ended = hasEnded(record, row);
    if (ended) {
      memory.fill(record.dx + gates, 0, bytes * gatesOf(kind));
      if (dz != 0) memory.fill(dz + gates, 0, bytes * gatesOf(kind));
    }
    for (let column = 0, lanes = 4; column < columns; column += lanes) {
      const isWhole = column + 4 <= columns;
      if (!isWhole) lanes = 1;
      const offset = (<usize>column) << 2;
      const at = state + offset;
      const dh = sumOf(record.upstream, record.dhidden, at, isWhole);
      const s0 = record.saved + state * savedOf(kind) + offset;
      const s1 = s0 + bytes;
      const s2 = s1 + bytes;
      const s3 = s2 + bytes;
      const d0 = record.dx + gates + offset;
      const d1 = d0 + bytes;
      const d2 = d1 + bytes;
      let direct = dh;
      if (kind == RECURRENT_LSTM) {
        let dc = sumOf(record.upstreamCell, record.dcell, at, isWhole);
        if (!ended) {
          const i = loadLanes(s0, isWhole);
          const f = loadLanes(s1, isWhole);
          const g = loadLanes(s2, isWhole);
          const o = loadLanes(s3, isWhole);
          const c = loadLanes(s3 + bytes, isWhole);
          dc = f32x4.add(dc, throughTanh(c, f32x4.mul(dh, o)));
          storeLanes(d0, throughSigmoid(i, f32x4.mul(dc, g)), isWhole);
          storeLanes(d1, throughSigmoid(f, f32x4.mul(dc, loadLanes(record.cell + at, isWhole))), isWhole);
          storeLanes(d2, throughTanh(g, f32x4.mul(dc, i)), isWhole);
          storeLanes(d2 + bytes, throughSigmoid(o, f32x4.mul(dh, c)), isWhole);
          dc = f32x4.mul(dc, f);
        }
        storeLanes(record.dpreviousCell + at, dc, isWhole);
      } else if (!ended && kind == RECURRENT_GRU) {
        const r = loadLanes(s0, isWhole);
        const z = loadLanes(s1, isWhole);
        const n = loadLanes(s2, isWhole);
        const dn = throughTanh(n, f32x4.mul(dh, f32x4.sub(one, z)));
        const dr = throughSigmoid(r, f32x4.mul(dn, loadLanes(s3, isWhole)));
        const du = throughSigmoid(z, f32x4.mul(dh, f32x4.sub(loadLanes(record.hidden + at, isWhole), n)));
        storeLanes(d0, dr, isWhole);
        storeLanes(d1, du, isWhole);
        storeLanes(d2, dn, isWhole);
        const e0 = dz + gates + offset;
        storeLanes(e0, dr, isWhole);
        storeLanes(e0 + bytes, du, isWhole);
        storeLanes(e0 + 2 * bytes, f32x4.mul(dn, r), isWhole);
        direct = f32x4.mul(dh, z);
      } else if (!ended) {
        const y = loadLanes(record.nextHidden + at, isWhole);
        const da = kind == RECURRENT_TANH ? throughTanh(y, dh) : v128.andnot(dh, f32x4.le(y, f32x4.splat(0)));
        storeLanes(d0, da, isWhole);
      }
      // What a step's gates take from the hidden state alone comes by the product that follows.
      if (dprevious != 0) {
        const passes = ended || kind == RECURRENT_GRU;
        storeLanes(dprevious + at, passes ? direct : f32x4.splat(0), isWhole);
      }
    }
  }
}

/** Four elements of a + b, of which either may be none. */
function sumOf(a: usize, b: usize, at: usize, isWhole: bool): v128 {
  const first = a != 0 ? loadLanes(a + at, isWhole) : f32x4.splat(0);
  return b != 0 ? f32x4.add(first, loadLanes(b + at, isWhole)) : first;
}
