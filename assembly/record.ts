/** What every kernel record begins with; the fields of the kernel follow. TypeScript writes it, kernels read it. */
@unmanaged
export class KernelRecord {
  opcode: i32;
}
