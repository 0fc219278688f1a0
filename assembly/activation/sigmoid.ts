import { BackwardRecord, mapBinary, mapChecked, UnaryRecord } from "../elementwise/map";
import { isWithin16, sigmoidOf, sigmoidWithin16 } from "../math/sigmoidal";

/** y = 1 / (1 + e⁻ˣ). */
@unmanaged
export class SigmoidRecord extends UnaryRecord {}


@unmanaged
class Sigmoid {
  // @ts-ignore: decorator
  @inline
  isOrdinary(x: v128): v128 {
    return isWithin16(x);
  }
  // @ts-ignore: decorator
  @inline
  applyOrdinary(x: v128): v128 {
    return sigmoidWithin16(x);
  }
  // @ts-ignore: decorator
  @inline
  apply(x: v128): v128 {
    return sigmoidOf(x);
  }
}

export function sigmoid(record: SigmoidRecord, thread: i32, threads: i32): void {
  mapChecked<Sigmoid>(record.x, record.y, record.count, thread, threads);
}

/** The gradient of sigmoid: dx = dy·y·(1 − y). */
@unmanaged
export class SigmoidBackwardRecord extends BackwardRecord {}


@unmanaged
class SigmoidBackward {
  // @ts-ignore: decorator
  @inline
  apply(y: v128, dy: v128): v128 {
    return f32x4.mul(dy, f32x4.mul(y, f32x4.sub(f32x4.splat(1), y)));
  }
}

export function sigmoidBackward(record: SigmoidBackwardRecord, thread: i32, threads: i32): void {
  mapBinary<SigmoidBackward>(record.y, record.dy, record.dx, record.count, thread, threads);
}
