/** Disjoint ranges in ascending order, [start, end, start, end, …]; ranges that meet or overlap are one. */
type Ranges = number[];

/**
 * Which offsets of a memory are taken at which times: a segment tree over the times. A node stands for a span of them, its two
 * children for the halves. Ranges of offsets that are taken throughout a span are kept at the few nodes whose spans make up the
 * times; every node also knows which offsets are taken at any time of its span. So a search looks at a number of nodes that is
 * logarithmic in the times, and, as neighbouring ranges are one, mostly at a few ranges of each.
 */
export class Occupancy {
  /** By node: 1 is the root, 2 i and 2 i + 1 are the children of i. */
  private readonly throughout: (Ranges | undefined)[];
  private readonly atAnyTime: (Ranges | undefined)[];
  private readonly lastTime: number;

  /** @param times they are 0 … times − 1, at least one */
  constructor(times: number) {
    this.lastTime = 2 ** Math.ceil(Math.log2(times)) - 1;
    const nodes = 2 * (this.lastTime + 1);
    this.throughout = new Array<Ranges | undefined>(nodes).fill(undefined);
    this.atAnyTime = new Array<Ranges | undefined>(nodes).fill(undefined);
  }

  /** Takes offsets `start` … `end` − 1 from time `first` to time `last`. */
  take(first: number, last: number, start: number, end: number): void {
    this.takeWithin(1, 0, this.lastTime, first, last, start, end);
  }

  private takeWithin(
    node: number,
    from: number,
    to: number,
    first: number,
    last: number,
    start: number,
    end: number,
  ): void {
    add((this.atAnyTime[node] ??= []), start, end);
    if (from === to) return;
    if (first <= from && to <= last) {
      add((this.throughout[node] ??= []), start, end);
      return;
    }
    const middle = (from + to) >> 1;
    if (first <= middle) this.takeWithin(2 * node, from, middle, first, last, start, end);
    if (last > middle) this.takeWithin(2 * node + 1, middle + 1, to, first, last, start, end);
  }

  /** The lowest offset with `bytes` behind it that are free from time `first` to time `last`. */
  lowestFree(first: number, last: number, bytes: number): number {
    const taken: Ranges[] = [];
    this.collect(taken, 1, 0, this.lastTime, first, last);
    // Each list is walked once, as far as the offset has come; all must agree to one offset.
    const walked = new Uint32Array(taken.length);
    let offset = 0;
    for (let agreeing = 0, i = 0; agreeing < taken.length; i = i + 1 < taken.length ? i + 1 : 0) {
      const ranges = taken[i]!;
      let at = walked[i]!;
      agreeing++;
      for (; at < ranges.length && ranges[at]! - offset < bytes; at += 2) {
        const end = ranges[at + 1]!;
        if (end <= offset) continue;
        offset = end;
        agreeing = 1;
      }
      walked[i] = at;
    }
    return offset;
  }

  /** Adds to `taken` all that is taken at some time from `first` to `last`. */
  private collect(taken: Ranges[], node: number, from: number, to: number, first: number, last: number): void {
    const atAnyTime = this.atAnyTime[node];
    if (!atAnyTime) return;
    if (first <= from && to <= last) {
      taken.push(atAnyTime);
      return;
    }
    const throughout = this.throughout[node];
    if (throughout) taken.push(throughout);
    const middle = (from + to) >> 1;
    if (first <= middle) this.collect(taken, 2 * node, from, middle, first, last);
    if (last > middle) this.collect(taken, 2 * node + 1, middle + 1, to, first, last);
  }
}

function add(ranges: Ranges, start: number, end: number): void {
  const at = firstEndingAt(ranges, start);
  let next = at;
  while (next < ranges.length && ranges[next]! <= end) next += 2;
  if (next === at) ranges.splice(at, 0, start, end);
  else {
    ranges[at] = Math.min(start, ranges[at]!);
    ranges[at + 1] = Math.max(end, ranges[next - 1]!);
    if (next > at + 2) ranges.splice(at + 2, next - at - 2);
  }
}

/** Where the first range that ends at `offset` or behind it stands in the list. */
function firstEndingAt(ranges: Ranges, offset: number): number {
  let low = 0;
  let high = ranges.length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[2 * middle + 1]! < offset) low = middle + 1;
    else high = middle;
  }
  return 2 * low;
}
