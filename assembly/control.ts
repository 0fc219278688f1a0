// The state that the threads of an engine share, in linear memory. What is written at different times lies on different
// cache lines, so that a thread that polls one is not disturbed by writes to another.

/** Bytes of a cache line. */
const line: usize = 64;
/** Lines before the seats: the run, its turn, its arrivals. */
const linesBeforeSeats: usize = 3;

/** The run at hand: written by thread 0 before the run begins. */
@unmanaged
export class Control {
  /** Address of the program's table of records. */
  program: usize;
  /** Index in the program of the run's first record. */
  first: i32;
  /** Turn of the run's first record. */
  start: i32;
  /** Turn at which the run is over; a record may bring it forward. Idle workers sleep on it. */
  limit: i32;
  /** Workers asleep on `limit`. */
  idle: i32;
  /** Shares that each record is split into, as many as threads; constant. */
  shares: i32;
  /** Most polls of a waiting thread before it sleeps; constant. */
  spinBudget: i32;
  /** Milliseconds that thread 0 waits, twice, for a share before it takes the thread that holds it for lost; constant. */
  stallTime: i32;
  /** Record in which a worker trapped, −1 if none did. */
  failed: i32;
}

/** The record at hand. */
@unmanaged
export class Turn {
  /** Counts the records that were ever executed, from 1 and modulo 2³². */
  turn: i32;
  /** Threads asleep on `turn`. */
  sleeping: i32;
}

/** Shares of the record at hand that are done. */
@unmanaged
export class Arrivals {
  done: i32;
}

/** One for each share and the thread that normally takes it. */
@unmanaged
export class Seat {
  /** The last turn in which this share was taken. */
  claimed: i32;
  /** Polls before this seat's thread sleeps. */
  spinBudget: i32;
  /** Waits in a row that outlasted their polls. */
  exhausted: i32;
}

/** Bytes of the control block of `threads` threads. Align it to a cache line. */
export function controlBytes(threads: i32): i32 {
  return <i32>((linesBeforeSeats + <usize>threads) * line);
}

/** Sets up a zeroed control block, before any thread uses it. */
export function initializeControl(control: Control, threads: i32, spinBudget: i32, stallTime: i32): void {
  control.shares = threads;
  control.spinBudget = spinBudget;
  control.stallTime = stallTime;
  control.failed = -1;
  // Seats say that turn 0 was taken.
  turnOf(control).turn = 1;
  control.limit = 1;
  for (let thread = 0; thread < threads; thread++) seatOf(control, thread).spinBudget = spinBudget;
}

/** Ends the run after the record at hand. For a thread that holds a share of that: who sees the next turn must see this. */
export function endRun(control: Control): void {
  atomic.store<i32>(changetype<usize>(control) + offsetof<Control>("limit"), turnOf(control).turn + 1);
}

/** Index in its program of the record at hand: names the layer if it traps. */
export function currentRecord(control: Control): i32 {
  return control.first + turnOf(control).turn - control.start;
}

/** Index of the record in which a worker trapped during the last run, −1 if none did. */
export function failedRecord(control: Control): i32 {
  return control.failed;
}

// @ts-ignore: decorator
@inline
export function turnOf(control: Control): Turn {
  return changetype<Turn>(changetype<usize>(control) + line);
}

// @ts-ignore: decorator
@inline
export function arrivalsOf(control: Control): Arrivals {
  return changetype<Arrivals>(changetype<usize>(control) + 2 * line);
}

// @ts-ignore: decorator
@inline
export function seatOf(control: Control, thread: i32): Seat {
  return changetype<Seat>(changetype<usize>(control) + (linesBeforeSeats + <usize>thread) * line);
}
