/**
 * Loads one byte of every cache line from `from` to `to`: brings a block into the L2 cache at the full rate of memory, up to
 * 16 lines at once, where a kernel's own loads would wait for the few that one register tile reads. wasm has no prefetch.
 */
export function touch(from: usize, to: usize): void {
  for (; from < to; from += 64) load<u8>(from);
}
