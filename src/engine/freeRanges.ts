interface Range {
  address: number;
  bytes: number;
}

/** Ranges of linear memory that nobody holds, sorted by address and joined. */
export class FreeRanges {
  private readonly ranges: Range[] = [];
  /** No range is longer: so a search that must fail does not visit them all. */
  private mostBytes = 0;

  /** Address of `bytes` taken from the first range that holds them; undefined if none does. */
  take(bytes: number): number | undefined {
    if (bytes > this.mostBytes) return undefined;
    const index = this.ranges.findIndex((range) => range.bytes >= bytes);
    const range = this.ranges[index];
    if (!range) {
      this.mostBytes = bytes - 1;
      return undefined;
    }
    const { address } = range;
    range.address += bytes;
    range.bytes -= bytes;
    if (range.bytes === 0) this.ranges.splice(index, 1);
    return address;
  }

  /** Adds a range, which overlaps none. */
  give(address: number, bytes: number): void {
    const index = this.indexAfter(address);
    const [before, after] = [this.ranges[index - 1], this.ranges[index]];
    const joinsAfter = after !== undefined && address + bytes === after.address;
    let joined: Range;
    if (before && before.address + before.bytes === address) {
      joined = before;
      joined.bytes += bytes;
      if (joinsAfter) {
        joined.bytes += after.bytes;
        this.ranges.splice(index, 1);
      }
    } else if (joinsAfter) {
      joined = after;
      joined.address = address;
      joined.bytes += bytes;
    } else {
      joined = { address, bytes };
      this.ranges.splice(index, 0, joined);
    }
    this.mostBytes = Math.max(this.mostBytes, joined.bytes);
  }

  /** Takes the range that ends at `end`, if there is one, and returns where it begins. */
  takeLast(end: number): number {
    const last = this.ranges.at(-1);
    if (!last || last.address + last.bytes !== end) return end;
    this.ranges.pop();
    return last.address;
  }

  /** Index of the first range behind `address`. */
  private indexAfter(address: number): number {
    let [low, high] = [0, this.ranges.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.ranges[middle]!.address > address) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
