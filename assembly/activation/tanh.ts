import { BackwardRecord, mapBinary, mapUnary, UnaryRecord } from "../elementwise/map";
import { hyperbolicTangent } from "../math/sigmoidal";

/** y = tanh x. */
@unmanaged
export class TanhRecord extends UnaryRecord {}


@unmanaged
class Tanh {
  // @ts-ignore: decorator
  @inline
  apply(x: v128, _parameter: v128): v128 {
    return hyperbolicTangent(x);
  }
}

export function tanh(record: TanhRecord, thread: i32, threads: i32): void {
  mapUnary<Tanh>(record.x, record.y, record.count, f32x4.splat(0), thread, threads);
}

/** The gradient of tanh: dx = dy·(1 − y²). */
@unmanaged
export class TanhBackwardRecord extends BackwardRecord {}


@unmanaged
class TanhBackward {
  // @ts-ignore: decorator
  @inline
  apply(y: v128, dy: v128): v128 {
    // (1 − y)(1 + y) rather than 1 − y², which loses what is left of it near ±1.
    return f32x4.mul(dy, f32x4.mul(f32x4.sub(f32x4.splat(1), y), f32x4.add(f32x4.splat(1), y)));
  }
}

export function tanhBackward(record: TanhBackwardRecord, thread: i32, threads: i32): void {
  mapBinary<TanhBackward>(record.y, record.dy, record.dx, record.count, thread, threads);
}
