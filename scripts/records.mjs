/** Bytes of a field of each type; its offset is a multiple of them. */
export const widths = { bool: 1, i32: 4, u32: 4, usize: 4, f32: 4, f64: 8 };

export function roundUp(bytes, alignment) {
  return Math.ceil(bytes / alignment) * alignment;
}
