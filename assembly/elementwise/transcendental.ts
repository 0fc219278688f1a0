import { errorFunction } from "../math/errorFunction";
import { exponential, exponentialOfNegative, exponentialWithin87, isWithin87 } from "../math/exponential";
import { logarithm } from "../math/logarithm";
import { KernelRecord } from "../record";
import { mapBinary, mapChecked, mapUnary, UnaryRecord } from "./map";

/** y = eˣ. */
@unmanaged
export class ExpRecord extends UnaryRecord {}


@unmanaged
class Exp {
  // @ts-ignore: decorator
  @inline
  isOrdinary(x: v128): v128 {
    return isWithin87(x);
  }
  // @ts-ignore: decorator
  @inline
  applyOrdinary(x: v128): v128 {
    return exponentialWithin87(x);
  }
  // @ts-ignore: decorator
  @inline
  apply(x: v128): v128 {
    return exponential(x);
  }
}

export function exp(record: ExpRecord, thread: i32, threads: i32): void {
  mapChecked<Exp>(record.x, record.y, record.count, thread, threads);
}

/** y = ln x. */
@unmanaged
export class LogRecord extends UnaryRecord {}


@unmanaged
class Log {
  // @ts-ignore: decorator
  @inline
  apply(x: v128, _parameter: v128): v128 {
    return logarithm(x);
  }
}

export function log(record: LogRecord, thread: i32, threads: i32): void {
  mapUnary<Log>(record.x, record.y, record.count, f32x4.splat(0), thread, threads);
}

/** y = erf x. */
@unmanaged
export class ErfRecord extends UnaryRecord {}


@unmanaged
class Erf {
  // @ts-ignore: decorator
  @inline
  apply(x: v128, _parameter: v128): v128 {
    return errorFunction(x);
  }
}

export function erf(record: ErfRecord, thread: i32, threads: i32): void {
  mapUnary<Erf>(record.x, record.y, record.count, f32x4.splat(0), thread, threads);
}

/** The gradient of erf: dx = dy·2/√π·e^−x²; dx may be x or dy. */
@unmanaged
export class ErfBackwardRecord extends KernelRecord {
  x: usize;
  dy: usize;
  dx: usize;
  count: i32;
}


@unmanaged
class ErfBackward {
  // @ts-ignore: decorator
  @inline
  apply(x: v128, dy: v128): v128 {
    return f32x4.mul(dy, f32x4.mul(f32x4.splat(1.1283792), exponentialOfNegative(f32x4.neg(f32x4.mul(x, x)))));
  }
}

export function erfBackward(record: ErfBackwardRecord, thread: i32, threads: i32): void {
  mapBinary<ErfBackward>(record.x, record.dy, record.dx, record.count, thread, threads);
}
