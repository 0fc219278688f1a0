import { KernelRecord } from "./record";

// @ts-ignore: decorator
@external("env", "hostCall")
declare function callHost(id: i32): void;

/** Calls a function of the host on thread 0; the other threads go straight to the barrier and wait there. */
@unmanaged
export class HostCallRecord extends KernelRecord {
  id: i32;
}

export function hostCall(record: HostCallRecord, thread: i32, threads: i32): void {
  if (thread == 0) callHost(record.id);
}
