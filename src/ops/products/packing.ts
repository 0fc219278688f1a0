import { constants } from "../../engine/index.js";

// When an operand of a product is worth packing. A register tile walks down K rows of B (and of Aᵀ), a few floats of each. Lines
// that the next tile has to fetch again, because the first-level caches do not hold all of them, cost up to half its speed;
// packed rows lie one after another.

/** Steps of k that the kernel takes before it moves on to the next tiles. */
export const blockOfK = constants.KC;
/** Rows of a block that span more bytes than this lie in more pages than the first-level TLB holds. */
const nearBytes = 2 ** 18;
/** Rows or columns of C from which on packing an operand with such rows pays. */
const reuseWhereFar = 32;

/** Steps of k in a walk down the columns of Aᵀ whose lines, which four tiles share, do not stay in a first-level cache. */
const longWalk = 256;
/** Columns of C from which on packing an Aᵀ with such a walk pays. */
const reuseWhereLong = 128;
/** Columns of C from which on packing rows of A that share sets of the cache pays. */
const reuseWhereApart = 64;
/** Rows of A that meet a panel of B one after another. */
const rowsOfBlock = constants.MC;

const lineBytes = 64;
/** Sets of a first-level data cache: a line's address modulo 4 KB says which it belongs to. */
const cacheSets = 64;
/** Lines of one set that a walk may take: a processor keeps 8 to 12, and the other operand and the stack need some. */
const freeLines = 6;
/** Bytes that a tile reads of a row. */
const tileBytes = constants.NR * 4;
/** Floats between rows that a processor fetches ahead of the walk, whatever sets they fall into. */
const fetchedAhead = 256;

/**
 * How many rows of C must share a matrix of K rows, `distance` floats apart, for packing to pay because of where its rows lie;
 * infinity if they lie well. It follows from the shape alone, not from the processor at hand, so that every host runs the same
 * records.
 * @param others rows of the same stride that a tile touches beside them
 */
export function reuseToPack(K: number, distance: number, others: number): number {
  const stride = Math.abs(distance);
  const rows = Math.min(K, blockOfK);
  const far = rows * stride * 4 > nearBytes ? reuseWhereFar : Infinity;
  // The sooner a set is full the closer together the misses come, and the sooner packing pays.
  return stride < fetchedAhead ? far : Math.min(far, rowsToFillSet(rows + others, stride));
}

/**
 * How many columns of C must share a left matrix of M rows of K floats, `distance` floats apart, for packing to pay; infinity if it
 * is as good to read where it lies.
 * @param areColumns whether it is columns that lie so far apart, and rows one float
 */
export function reuseToPackLeft(M: number, K: number, distance: number, areColumns: boolean): number {
  if (areColumns) return Math.min(reuseToPack(K, distance, 0), K >= longWalk ? reuseWhereLong : Infinity);
  const stride = Math.abs(distance);
  if (stride <= K) return Infinity;
  // Rows that lie apart can fall into few sets, where dense ones of the same length would spread over all.
  const rows = Math.min(M, rowsOfBlock);
  const bytes = Math.min(K, blockOfK) * 4;
  const dense = Math.ceil((rows * bytes) / (cacheSets * lineBytes));
  return linesOfFullestSet(rows, stride, bytes) > Math.max(2 * dense, freeLines) ? reuseWhereApart : Infinity;
}

/** Lines that `rows` runs of so many bytes, `stride` floats apart, take of the set of which they take the most. */
function linesOfFullestSet(rows: number, stride: number, bytes: number): number {
  const taken = new Uint16Array(cacheSets);
  for (let row = 0; row < rows; row++) {
    const at = (row * stride * 4) % (cacheSets * lineBytes);
    for (let line = Math.floor(at / lineBytes); line * lineBytes < at + bytes; line++) taken[line % cacheSets]!++;
  }
  return Math.max(...taken);
}

/** The first of `rows` rows, `stride` floats apart, whose part of a tile takes a line more of some set than is free. */
function rowsToFillSet(rows: number, stride: number): number {
  const taken = new Uint8Array(cacheSets);
  const span = cacheSets * lineBytes;
  const distance = (stride * 4) % span;
  for (let row = 1, at = 0; row <= rows; row++, at = (at + distance) % span) {
    const first = Math.floor(at / lineBytes);
    const last = Math.floor((at + tileBytes - 1) / lineBytes);
    if (++taken[first]! > freeLines || (last !== first && ++taken[last % cacheSets]! > freeLines)) return row;
  }
  return Infinity;
}
