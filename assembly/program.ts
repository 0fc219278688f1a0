import { Control, turnOf } from "./control";
import { execute } from "../build/generated/execute";
import { KernelRecord } from "./record";
import { Outcome, runShared } from "./threads";

/**
 * Executes records `first … first + count − 1` of a program: a table of u32 addresses of records. Called by thread 0; the
 * workers of the control block join by `serve`. A barrier follows each record, so a kernel may rely on all that earlier
 * records wrote, and must not read what another share of the same record writes.
 * @param mayWait whether this thread may sleep: false on a browser's main thread
 * @returns an Outcome
 */
export function run(control: Control, program: usize, first: i32, count: i32, mayWait: bool): i32 {
  if (control.shares > 1) return runShared(control, program, first, count, mayWait);
  const turn = turnOf(control);
  control.first = first;
  control.start = turn.turn;
  control.limit = turn.turn + count;
  for (let index = first; turn.turn != control.limit; index++) {
    execute(changetype<KernelRecord>(<usize>load<u32>(program + ((<usize>index) << 2))), 0, 1);
    turn.turn++;
  }
  return Outcome.done;
}
