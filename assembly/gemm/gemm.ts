import { partsOf, shareEnd, shareStart } from "../partition";
import { isAligned } from "../record";
import { multiplyEdge } from "./edge";
import { gemv } from "./gemv";
import { columnsByRows, panelsByRows, rowsByPanel, rowsByRows } from "./microkernel";
import { packPanels } from "./pack";
import { KC, MC, MINIMUM_ROWS, MR, NR } from "./params";
import { GemmRecord, readsPanels } from "./record";

export function gemm(record: GemmRecord, thread: i32, threads: i32): void {
  checkProduct(record);
  if (record.scratch != 0) threads = min(threads, record.slots);
  if (thread < threads) multiplyShare(record, scratchOf(record, thread), thread, threads);
}

/** Asserts what every product asks of its record. */
// @ts-ignore: decorator
@inline
export function checkProduct(record: GemmRecord): void {
  assert(record.M >= 0 && record.N >= 0 && record.K >= 0 && record.chunk > 0);
  assert(!record.packedB || isAligned(record.b));
  assert(record.chunk >= record.K || (record.bias == 0 && record.beta == 0 && !record.relu));
  const packs = record.scratch != 0;
  assert(packs ? !record.packedB && isAligned(record.scratch) && record.slots > 0 : !record.transposeB);
  assert(!packs || ((record.slotBytes & 15) == 0 && panelsTogether(record) > 0));
}

/** A thread's memory for panels of B, or 0. */
// @ts-ignore: decorator
@inline
export function scratchOf(record: GemmRecord, thread: i32): usize {
  return record.scratch != 0 ? record.scratch + <usize>thread * <usize>record.slotBytes : 0;
}

/** One thread's share of a product. `scratch` is this thread's memory for panels of B, or 0. */
export function multiplyShare(record: GemmRecord, scratch: usize, thread: i32, threads: i32): void {
  const M = record.M;
  const N = record.N;
  const K = record.K;
  if (M == 0 || N == 0) return;
  if (M < MINIMUM_ROWS && !record.transposeA && !record.packedB && scratch == 0 && record.chunk >= K)
    return gemv(record, thread, threads);
  const rowTiles = partsOf(M, MR);
  const panels = partsOf(N, NR);
  const chunks = max(partsOf(K, record.chunk), 1);
  // Threads that share out rows of C each read all of B; those that share out panels, all of A: the smaller of the two is
  // what should cross between cores. Where both are as large, a packed B was written panel by panel by the same threads.
  if (rowTiles >= 8 * threads && (M > N || panels < 8 * threads)) {
    const first = shareStart(rowTiles, 1, thread, threads);
    const last = shareEnd(rowTiles, 1, thread, threads);
    for (let chunk = 0; chunk < chunks; chunk++) {
      multiplyChunk(record, chunk, first * MR, min(last * MR, M), 0, (last - first) * panels, scratch);
    }
  } else {
    const tiles = rowTiles * panels;
    const first = shareStart(tiles * chunks, 1, thread, threads);
    const last = shareEnd(tiles * chunks, 1, thread, threads);
    for (let chunk = first / tiles; chunk * tiles < last; chunk++) {
      multiplyChunk(record, chunk, 0, M, max(first - chunk * tiles, 0), min(last - chunk * tiles, tiles), scratch);
    }
  }
}

/**
 * Tiles first … last − 1 of rows rowStart … rowEnd − 1 of C, counted down the rows of each panel of 8 columns in turn, over
 * the K of one chunk. `scratch` is this thread's, or 0.
 */
function multiplyChunk(
  record: GemmRecord,
  chunk: i32,
  rowStart: i32,
  rowEnd: i32,
  first: i32,
  last: i32,
  scratch: usize,
): void {
  const rowTiles = partsOf(rowEnd - rowStart, MR);
  const chunkStart = chunk * record.chunk;
  const depth = min(record.K - chunkStart, record.chunk);
  const blocks = max(partsOf(depth, KC), 1);
  const firstPanel = first / rowTiles;
  const lastPanel = partsOf(last, rowTiles);
  const c = record.c + ((<usize>chunk * <usize>record.M * <usize>record.ldc) << 2);
  for (let tileStart = 0; tileStart < rowTiles; tileStart += MC / MR) {
    const tileEnd = min(tileStart + MC / MR, rowTiles);
    for (let block = 0; block < blocks; block++) {
      const k = chunkStart + shareStart(depth, 1, block, blocks);
      const count = chunkStart + shareEnd(depth, 1, block, blocks) - k;
      const isLast = block == blocks - 1;
      const beta: f32 = block == 0 ? record.beta : 1;
      let groupStart = firstPanel;
      let groupEnd = firstPanel;
      for (let panel = firstPanel; panel < lastPanel; panel++) {
        const from = rowStart + MR * max(tileStart, first - panel * rowTiles);
        const to = min(rowStart + MR * min(tileEnd, last - panel * rowTiles), rowEnd);
        if (from >= to) continue;
        if (scratch != 0 && panel >= groupEnd) {
          groupStart = panel;
          groupEnd = min(panel + panelsTogether(record), lastPanel);
          packGroup(record, groupStart, groupEnd, k, count, scratch);
        }
        const b =
          scratch != 0 ? scratch + <usize>(panel - groupStart) * ((<usize>count) << 5) : startOf(record, panel, k);
        multiplyStrip(record, c, from, to, panel * NR, k, count, b, beta, isLast);
      }
    }
  }
}

/** Panels of a block of K that the scratch of a thread holds. */
// @ts-ignore: decorator
@inline
function panelsTogether(record: GemmRecord): i32 {
  return record.slotBytes / (max(min(record.K, KC), 1) << 5);
}

/** Packs panels groupStart … groupEnd − 1 of a B that is not packed, `count` of their rows from k on. */
function packGroup(record: GemmRecord, groupStart: i32, groupEnd: i32, k: i32, count: i32, to: usize): void {
  const ldb = (<usize>record.ldb) << 2;
  const rowStride: usize = record.transposeB ? 4 : ldb;
  const columnStride: usize = record.transposeB ? ldb : 4;
  const column = groupStart * NR;
  const from = record.b + <usize>k * rowStride + <usize>column * columnStride;
  packPanels(from, to, count, min(groupEnd * NR, record.N) - column, rowStride, columnStride);
}

/** Where row k of one panel of B lies. */
// @ts-ignore: decorator
@inline
function startOf(record: GemmRecord, panel: i32, k: i32): usize {
  const column = (<usize>panel * NR) << 2;
  return record.packedB
    ? record.b + column * <usize>record.K + ((<usize>k) << 5)
    : record.b + column + <usize>k * ((<usize>record.ldb) << 2);
}

/** Rows from … to − 1 of one panel of C, over `count` steps of k, row k of whose B lies at b: whole tiles, then what is left at the edges. */
export function multiplyStrip(
  record: GemmRecord,
  c: usize,
  from: i32,
  to: i32,
  column: i32,
  k: i32,
  count: i32,
  b: usize,
  beta: f32,
  isLast: bool,
): void {
  const columns = min(record.N - column, NR);
  const cRow = (<usize>record.ldc) << 2;
  const bias: usize = isLast && record.bias != 0 ? record.bias + ((<usize>column) << 2) : 0;
  const relu = isLast && record.relu;
  c += <usize>from * cRow + ((<usize>column) << 2);
  const rows = to - from;
  const tiles = columns == NR ? wholeTiles(rows) : 0;
  if (record.packedA) panelsByRows(record, from, k, count, b, c, tiles, beta, bias, relu);
  else if (record.transposeA) columnsByRows(record, from, k, count, b, c, tiles, beta, bias, relu);
  else if (readsPanels(record)) rowsByPanel(record, from, k, count, b, c, tiles, beta, bias, relu);
  else rowsByRows(record, from, k, count, b, c, tiles, beta, bias, relu);
  const whole = tiles * MR;
  c += <usize>whole * cRow;
  multiplyEdge(record, from + whole, k, count, b, c, rows - whole, columns, beta, bias, relu);
}

/** How many of the whole tiles in `rows` to take; edges are done four rows at a time, so 8 = 4 + 4 beats 6 + 2. */
// @ts-ignore: decorator
@inline
function wholeTiles(rows: i32): i32 {
  const tiles = rows / MR;
  const rest = rows - tiles * MR;
  return MR == 6 && tiles > 0 && (rest == 1 || rest == 2) ? tiles - 1 : tiles;
}
