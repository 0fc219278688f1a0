import type { OptionsRead, Reader } from "../../engine/index.js";
import { define, type Operation, type Value } from "../../graph/index.js";

/** What an activation of one value is, of its options as they were read. */
interface Composed<A> {
  readonly y: (x: Value, options: A) => Value;
  /** The gradient. Undefined: that of the composition, differentiated. */
  readonly dx?: (x: Value, dy: Value, options: A) => Value;
}

/** An elementwise activation that other operations compose. */
export function composed<R extends Readonly<Record<string, Reader<unknown>>> = Readonly<Record<string, never>>>(
  name: string,
  { y, dx }: Composed<OptionsRead<R>>,
  options: () => R = () => ({}) as R,
): Operation<"x", object, "y"> {
  return define<"x", OptionsRead<R>, "y", never, R>({
    ...{ name, inputs: ["x"], attributes: {} as OptionsRead<R>, options },
    shape: ({ x }) => ({ y: x.shape }),
    compose: ({ x }, attributes) => ({ y: y(x, attributes) }),
    ...(dx && {
      gradient: ({ inputs: { x }, attributes, upstreams: { y: dy } }) => ({ x: dx(x, dy, attributes) }),
    }),
  });
}
