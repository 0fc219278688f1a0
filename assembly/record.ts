/** What every kernel record begins with; the fields of the kernel follow. TypeScript writes it, kernels read it. */
@unmanaged
export class KernelRecord {
  opcode: i32;
}

/**
 * What every kernel asks of its pointers, handed over or-ed together: multiples of 4, whatever they point to (but for the bytes of
 * `winners` and of data sets). Blocks of memory begin on cache lines; a view into one need not.
 */
// @ts-ignore: decorator
@inline
export function isAligned(pointers: usize): bool {
  return (pointers & 3) == 0;
}
