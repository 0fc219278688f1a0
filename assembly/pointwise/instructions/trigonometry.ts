import { cosine, sine } from "../../math/trigonometry";
import { Operands, unaryHeavy } from "../operands";


@unmanaged
class Sin {
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return sine(a);
  }
}

/** y = sin a. */
export function sin(at: Operands): void {
  unaryHeavy<Sin>(at);
}


@unmanaged
class Cos {
  // @ts-ignore: decorator
  @inline
  apply(a: v128): v128 {
    return cosine(a);
  }
}

/** y = cos a. */
export function cos(at: Operands): void {
  unaryHeavy<Cos>(at);
}
