// Types of elements in memory, as programs call them. In the lanes of a slot float16 is float32, bytes are int32, and a truth value
// is all ones or 0.
// @ts-ignore: decorator
@shared
export const ELEMENT_F32: i32 = 0;
// @ts-ignore: decorator
@shared
export const ELEMENT_I32: i32 = 1;
// @ts-ignore: decorator
@shared
export const ELEMENT_F16: i32 = 2;
// @ts-ignore: decorator
@shared
export const ELEMENT_U8: i32 = 3;
// @ts-ignore: decorator
@shared
export const ELEMENT_BOOL: i32 = 4;

/** log₂ of the bytes of an element. */
// @ts-ignore: decorator
@inline
export function shiftOf(type: i32): usize {
  return type <= ELEMENT_I32 ? 2 : type == ELEMENT_F16 ? 1 : 0;
}
