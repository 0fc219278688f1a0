// A word that holds updates back: TypeScript sets it to 0 before a run, and a record before the update may raise it.

// @ts-ignore: decorator
@inline
export function holdBack(guard: usize): void {
  store<i32>(guard, 1);
}

/** Whether an update must change nothing. Pointer 0: nobody guards it. */
// @ts-ignore: decorator
@inline
export function isHeldBack(guard: usize): bool {
  return guard != 0 && load<i32>(guard) != 0;
}
