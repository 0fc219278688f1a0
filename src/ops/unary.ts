import { type Buffer, checkValues, type Emitter, type Operation, type Value } from "../graph/index.js";

/** Kernels y = f(x). */
type UnaryKernel = "exp" | "log" | "erf" | "sigmoid" | "tanh";

/** The operation of an elementwise kernel. `gradient` emits the record that writes dx, from x, y and dy. */
export function unaryOperation(
  name: UnaryKernel,
  gradient: (emit: Emitter, buffers: Record<"x" | "y" | "dy" | "dx", Buffer>, count: number) => void,
): Operation<undefined, undefined> {
  return {
    name,
    forward(emit, { inputs: [x], output }) {
      emit.record(name, { x: emit.data(x!), y: emit.data(output), count: output.size });
      return undefined;
    },
    backward(emit, { inputs: [x], output }, _saved, dy) {
      emit.contribute([x!], ([dx]) => {
        gradient(emit, { x: emit.data(x!), y: emit.data(output), dy, dx: dx! }, output.size);
      });
    },
  };
}

/** Applies a unary operation: the shape stays. */
export function applyUnary(operation: Operation<undefined, undefined>, x: Value): Value {
  checkValues(operation.name, x);
  return x.graph.apply(operation, [x], undefined, x.shape);
}
