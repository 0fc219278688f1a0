import { BackwardRecord, mapBinary, mapLight, UnaryRecord } from "../elementwise/map";

/** y = max(x, 0); NaN stays NaN. */
@unmanaged
export class ReluRecord extends UnaryRecord {}


@unmanaged
class Relu {
  // @ts-ignore: decorator
  @inline
  apply(x: v128, zero: v128): v128 {
    // pmax(x, 0) is `x < 0 ? 0 : x`: keeps NaN, and V8 emits one maxps for it.
    return f32x4.pmax(x, zero);
  }
}

export function relu(record: ReluRecord, thread: i32, threads: i32): void {
  mapLight<Relu>(record.x, record.y, record.count, f32x4.splat(0), thread, threads);
}

/** dx = dy where y > 0, else 0. Where y is NaN the gradient is dy, as for PyTorch's threshold_backward. */
@unmanaged
export class ReluBackwardRecord extends BackwardRecord {}


@unmanaged
class ReluBackward {
  // @ts-ignore: decorator
  @inline
  apply(y: v128, dy: v128): v128 {
    return v128.andnot(dy, f32x4.le(y, f32x4.splat(0)));
  }
}

export function reluBackward(record: ReluBackwardRecord, thread: i32, threads: i32): void {
  mapBinary<ReluBackward>(record.y, record.dy, record.dx, record.count, thread, threads);
}
