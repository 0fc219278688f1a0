import { Operands, unaryLight } from "../operands";


@unmanaged
class Same {
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return a;
  }
}

/** y = a. */
export function move(at: Operands): void {
  unaryLight<Same>(at);
}
