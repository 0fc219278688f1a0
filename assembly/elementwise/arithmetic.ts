import { KernelRecord } from "../record";
import { BinaryRecord, mapBinary, mapLight } from "./map";

/** y = a + b. */
@unmanaged
export class AddRecord extends BinaryRecord {}


@unmanaged
class Add {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.add(a, b);
  }
}

export function add(record: AddRecord, thread: i32, threads: i32): void {
  mapBinary<Add>(record.a, record.b, record.y, record.count, thread, threads);
}

/** y = a − b. */
@unmanaged
export class SubtractRecord extends BinaryRecord {}


@unmanaged
class Subtract {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.sub(a, b);
  }
}

export function subtract(record: SubtractRecord, thread: i32, threads: i32): void {
  mapBinary<Subtract>(record.a, record.b, record.y, record.count, thread, threads);
}

/** y = a·b. */
@unmanaged
export class MultiplyRecord extends BinaryRecord {}


@unmanaged
class Multiply {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.mul(a, b);
  }
}

export function multiply(record: MultiplyRecord, thread: i32, threads: i32): void {
  mapBinary<Multiply>(record.a, record.b, record.y, record.count, thread, threads);
}

/** y = a/b. */
@unmanaged
export class DivideRecord extends BinaryRecord {}


@unmanaged
class Divide {
  // @ts-ignore: decorator
  @inline
  apply(a: v128, b: v128): v128 {
    return f32x4.div(a, b);
  }
}

export function divide(record: DivideRecord, thread: i32, threads: i32): void {
  mapBinary<Divide>(record.a, record.b, record.y, record.count, thread, threads);
}

/** y = factor·x over `count` floats; y may be x. */
@unmanaged
export class ScaleRecord extends KernelRecord {
  x: usize;
  y: usize;
  count: i32;
  factor: f32;
}

export function scale(record: ScaleRecord, thread: i32, threads: i32): void {
  mapLight<Multiply>(record.x, record.y, record.count, f32x4.splat(record.factor), thread, threads);
}
