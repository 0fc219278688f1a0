// How the threads of an engine execute a run together.
//
// Every record is split into as many shares as there are threads; a barrier follows it, and with it the next turn begins.
// A thread takes its own share and, while it waits for the others, the shares of threads that have not come: one that the
// host has yet to wake, or that it has taken from its core, delays nobody unless it holds a share. Which thread executes a
// share changes no bit of the result. Share 0 is for thread 0 alone, since it may call the host.
import { arrivalsOf, Control, endRun, Seat, seatOf, Turn, turnOf } from "./control";
import { execute } from "../build/generated/execute";
import { KernelRecord } from "./record";

/** Polls that a thread is given to come and take its share before others take it. */
const patience: i32 = 500;
/** Least polls before a thread sleeps: where threads outnumber free cores, polling takes time from who is waited for. */
const leastBudget: i32 = 1000;
/** Waits in a row that outlast their polls, after which the polls become fewer. */
const mostExhausted: i32 = 3;
/** Turns in a row in which a worker came too late for its share, after which it leaves the rest of the run to others. */
const mostLate: i32 = 4;
/** Polls of a thread 0 that may not sleep for each millisecond of the stall time: more than any processor makes. */
const pollsPerMillisecond: i64 = 4_000_000;

/** How a run ended. */
export namespace Outcome {
  // @ts-ignore: decorator
  @shared
  export const done: i32 = 0;
  /** A worker trapped; `failedRecord` tells in which record. The engine can go on. */
  // @ts-ignore: decorator
  @shared
  export const failed: i32 = 1;
  /** A worker does not finish the share it took: its thread is gone. The engine is lost. */
  // @ts-ignore: decorator
  @shared
  export const stalled: i32 = 2;
}

/** Executes records `first … first + count − 1` of a program, as thread 0. */
export function runShared(control: Control, program: usize, first: i32, count: i32, mayWait: bool): i32 {
  control.program = program;
  control.first = first;
  control.start = control.limit;
  control.failed = -1;
  atomic.store<i32>(addressOfLimit(control), control.limit + count);
  if (atomic.load<i32>(addressOfIdle(control)) != 0) atomic.notify(addressOfLimit(control), -1);
  return takePart(control, 0, mayWait);
}

/** Waits for a run and takes part in it as a worker. One call for each run: hosts replace code only between calls. */
export function serve(control: Control, thread: i32): void {
  const limit = atomic.load<i32>(addressOfLimit(control));
  if (atomic.load<i32>(addressOfTurn(control)) == limit) {
    awaitRun(control, limit, seatOf(control, thread).spinBudget);
  }
  takePart(control, thread, true);
}

/**
 * Ends the run after the record at hand, in which a share of `thread` trapped or threw. The others finish the shares they
 * have; thread 0 gives up those that nobody has, since they would trap too.
 */
export function fail(control: Control, thread: i32, mayWait: bool): i32 {
  const turn = atomic.load<i32>(addressOfTurn(control));
  if (thread != 0) control.failed = control.first + turn - control.start;
  endRun(control);
  finishShare(control, turn);
  if (thread != 0) return Outcome.done;
  for (let share = 1; share < control.shares; share++) {
    if (claim(control, share, turn)) finishShare(control, turn);
  }
  return awaitTurn(control, 0, turn, mayWait);
}

function takePart(control: Control, thread: i32, mayWait: bool): i32 {
  for (let late = 0; ;) {
    // In this order: a run that fails moves its limit before its turn.
    const turn = atomic.load<i32>(addressOfTurn(control));
    const limit = atomic.load<i32>(addressOfLimit(control));
    if (turn == limit) break;
    late = take(control, thread, turn) ? 0 : late + 1;
    if (thread != 0 && late == mostLate) {
      awaitRun(control, limit, 0);
      return Outcome.done;
    }
    if (awaitTurn(control, thread, turn, mayWait) != Outcome.done) return Outcome.stalled;
  }
  return control.failed < 0 ? Outcome.done : Outcome.failed;
}

/**
 * Claims a share of a turn unless somebody has. A seat goes from one turn to the next exactly once, so whoever moves it has
 * the share; that fails for a thread that is late by a turn or more, and until the share is done no new turn begins.
 */
// @ts-ignore: decorator
@inline
function claim(control: Control, share: i32, turn: i32): bool {
  const claimed = changetype<usize>(seatOf(control, share)) + offsetof<Seat>("claimed");
  return atomic.cmpxchg<i32>(claimed, turn - 1, turn) == turn - 1;
}

/** Takes a share of a turn, unless somebody has, and executes it. */
function take(control: Control, share: i32, turn: i32): bool {
  if (!claim(control, share, turn)) return false;
  const index = control.first + turn - control.start;
  const record = load<u32>(control.program + ((<usize>index) << 2));
  execute(changetype<KernelRecord>(<usize>record), share, control.shares);
  finishShare(control, turn);
  return true;
}

/** Counts a share as done; the last one begins the next turn. */
function finishShare(control: Control, turn: i32): void {
  const done = changetype<usize>(arrivalsOf(control));
  if (atomic.add<i32>(done, 1) != control.shares - 1) return;
  atomic.store<i32>(done, 0);
  atomic.store<i32>(addressOfTurn(control), turn + 1);
  if (atomic.load<i32>(addressOfSleeping(control)) != 0) atomic.notify(addressOfTurn(control), -1);
}

/** Waits until a turn is over; meanwhile takes what shares are left of it. */
function awaitTurn(control: Control, thread: i32, turn: i32, mayWait: bool): i32 {
  const address = addressOfTurn(control);
  const seat = seatOf(control, thread);
  const budget = seat.spinBudget;
  for (let polls = 0; polls < budget; polls++) {
    if (atomic.load<i32>(address) != turn) {
      seat.exhausted = 0;
      seat.spinBudget = min(2 * budget, control.spinBudget);
      return Outcome.done;
    }
    if (polls == patience) {
      for (let share = 1; share < control.shares; share++) take(control, share, turn);
    }
  }
  if (!mayWait) return pollTurn(control, turn);
  if (++seat.exhausted > mostExhausted) seat.spinBudget = max(budget >> 1, leastBudget);
  return sleepTurn(control, thread, turn);
}

/** Sleeps until a turn is over. */
function sleepTurn(control: Control, thread: i32, turn: i32): i32 {
  const address = addressOfTurn(control);
  let outcome = Outcome.done;
  let stalls = 0;
  atomic.add<i32>(addressOfSleeping(control), 1);
  while (outcome == Outcome.done && atomic.load<i32>(address) == turn) {
    // Workers wait for thread 0 for ever, since it may be in a function of the host.
    const timeout: i64 = thread == 0 ? <i64>control.stallTime * 1_000_000 : -1;
    const isTimeOut = atomic.wait<i32>(address, turn, timeout) == AtomicWaitResult.TIMED_OUT;
    if (isTimeOut && ++stalls == 2) outcome = Outcome.stalled;
  }
  atomic.sub<i32>(addressOfSleeping(control), 1);
  return outcome;
}

/** Polls until a turn is over, for a thread 0 that must not sleep. */
function pollTurn(control: Control, turn: i32): i32 {
  const address = addressOfTurn(control);
  const most = <i64>control.stallTime * pollsPerMillisecond;
  for (let polls: i64 = 0; polls < most; polls++) {
    if (atomic.load<i32>(address) != turn) return Outcome.done;
  }
  return Outcome.stalled;
}

/** Waits until the limit moves: polls, then sleeps. */
function awaitRun(control: Control, limit: i32, budget: i32): void {
  const address = addressOfLimit(control);
  for (let polls = 0; polls < budget; polls++) {
    if (atomic.load<i32>(address) != limit) return;
  }
  atomic.add<i32>(addressOfIdle(control), 1);
  while (atomic.load<i32>(address) == limit) atomic.wait<i32>(address, limit, -1);
  atomic.sub<i32>(addressOfIdle(control), 1);
}

// @ts-ignore: decorator
@inline
function addressOfLimit(control: Control): usize {
  return changetype<usize>(control) + offsetof<Control>("limit");
}

// @ts-ignore: decorator
@inline
function addressOfIdle(control: Control): usize {
  return changetype<usize>(control) + offsetof<Control>("idle");
}

// @ts-ignore: decorator
@inline
function addressOfTurn(control: Control): usize {
  return changetype<usize>(turnOf(control)) + offsetof<Turn>("turn");
}

// @ts-ignore: decorator
@inline
function addressOfSleeping(control: Control): usize {
  return changetype<usize>(turnOf(control)) + offsetof<Turn>("sleeping");
}
