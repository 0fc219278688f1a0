import { checkNumber } from "../engine/index.js";
import { checkValues, type Operation, type Value } from "../graph/index.js";

const operation: Operation<{ readonly factor: number }, undefined> = {
  name: "scale",
  forward(emit, { inputs: [x], attributes: { factor }, output }) {
    emit.record("scale", { x: emit.data(x!), y: emit.data(output), count: output.size, factor });
    return undefined;
  },
  backward(emit, { inputs: [x], attributes: { factor }, output }, _saved, dy) {
    emit.contribute([x!], ([dx]) => {
      emit.record("scale", { x: dy, y: dx!, count: output.size, factor });
    });
  },
};

/** factor·x elementwise, with the factor rounded to float32; any shape. Throws ArgumentError for a factor not finite. */
export function scale(x: Value, factor: number): Value {
  checkValues("scale", x);
  checkNumber("factor", factor);
  return x.graph.apply(operation, [x], { factor }, x.shape);
}
