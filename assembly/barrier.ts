import { Control } from "./record";

/**
 * Waits until all `threads` have arrived. The last to arrive opens the barrier by advancing `generation`.
 * Others poll it `spinBudget` times and then sleep, unless the host forbids sleeping (a browser's main thread).
 */
export function barrier(control: Control, threads: i32, mayWait: bool): void {
  const arrived = changetype<usize>(control) + offsetof<Control>("arrived");
  const generation = changetype<usize>(control) + offsetof<Control>("generation");
  const sleeping = changetype<usize>(control) + offsetof<Control>("sleeping");
  const before = atomic.load<i32>(generation);
  if (atomic.add<i32>(arrived, 1) == threads - 1) {
    atomic.store<i32>(arrived, 0);
    atomic.add<i32>(generation, 1);
    if (atomic.load<i32>(sleeping) != 0) atomic.notify(generation, -1);
    return;
  }
  const budget = control.spinBudget;
  let polls = 0;
  while (atomic.load<i32>(generation) == before) {
    if (++polls < budget || !mayWait) continue;
    atomic.add<i32>(sleeping, 1);
    atomic.wait<i32>(generation, before, -1);
    atomic.sub<i32>(sleeping, 1);
  }
}
