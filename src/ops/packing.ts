import { constants } from "../engine/index.js";

// When an operand of a product is worth packing. A register tile walks down K rows of B (and of Aᵀ), a few floats of each. Lines
// that the next tile has to fetch again, because the first-level caches do not hold all of them, cost up to half its speed;
// packed rows lie one after another.

/** Steps of k that the kernel takes before it moves on to the next tiles. */
export const blockOfK = constants.KC;
/** Rows of a block that span more bytes than this lie in more pages than the first-level TLB holds. */
const nearBytes = 2 ** 18;
/** Rows or columns of C from which on packing an operand with such rows pays. */
const reuseWhereFar = 32;

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
