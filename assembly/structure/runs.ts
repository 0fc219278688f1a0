/** Runs of at least so many bytes are copied by memory.copy, whose call costs as much as some 30 vector stores. */
const longRun: usize = 1024;

/** Copies `bytes`; the ranges must not overlap. */
// @ts-ignore: decorator
@inline
export function copyRun(to: usize, from: usize, bytes: usize): void {
  if (bytes >= 16) {
    if (bytes >= longRun) return memory.copy(to, from, bytes);
    const last = bytes - 16;
    for (let at: usize = 0; at < last; at += 16) v128.store(to + at, v128.load(from + at));
    // The last vector may overlap the one before.
    v128.store(to + last, v128.load(from + last));
  } else if (bytes >= 8) {
    const last = bytes - 8;
    const end = load<u64>(from + last);
    store<u64>(to, load<u64>(from));
    store<u64>(to + last, end);
  } else if (bytes >= 4) {
    const last = bytes - 4;
    const end = load<u32>(from + last);
    store<u32>(to, load<u32>(from));
    store<u32>(to + last, end);
  } else {
    for (let at: usize = 0; at < bytes; at++) store<u8>(to + at, load<u8>(from + at));
  }
}

/** Fills `bytes` with the element at `from`, of 1 << `shift` bytes. */
export function fillRun(to: usize, from: usize, bytes: usize, shift: usize): void {
  const element =
    shift == 2 ? i32x4.splat(load<i32>(from)) : shift == 1 ? i16x8.splat(load<i16>(from)) : i8x16.splat(load<i8>(from));
  if (bytes >= 16) {
    const last = bytes - 16;
    for (let at: usize = 0; at < last; at += 16) v128.store(to + at, element);
    v128.store(to + last, element);
  } else {
    const end = to + bytes;
    if (bytes & 8) {
      v128.store64_lane(to, element, 0);
      to += 8;
    }
    if (bytes & 4) {
      v128.store32_lane(to, element, 0);
      to += 4;
    }
    if (bytes & 2) {
      v128.store16_lane(to, element, 0);
      to += 2;
    }
    if (to < end) v128.store8_lane(to, element, 0);
  }
}
