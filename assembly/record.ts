/** What every kernel record begins with; the fields of the kernel follow. TypeScript writes it, kernels read it. */
@unmanaged
export class KernelRecord {
  opcode: i32;
}

/** State of a running engine in linear memory: the barrier of its threads, and where it is, for error reports. */
@unmanaged
export class Control {
  /** Threads that have reached the current barrier. */
  arrived: i32;
  /** Number of barriers passed; threads wait for it to change. */
  generation: i32;
  /** Threads asleep in atomic.wait on `generation`. */
  sleeping: i32;
  /** Polls of `generation` before a thread sleeps. */
  spinBudget: i32;
  /** Index of the record that thread 0 executes: names the layer if it traps. */
  current: i32;
}
