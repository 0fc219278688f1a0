import { checkValues, type Operation, type Value } from "../graph/index.js";

export const reluOperation: Operation<undefined, undefined> = {
  name: "relu",
  forward(emit, { inputs: [x], output }) {
    emit.record("relu", { x: emit.data(x!), y: emit.data(output), count: output.size });
    return undefined;
  },
  backward(emit, { inputs: [x], output }, _saved, dy) {
    emit.contribute([x!], ([dx]) => {
      emit.record("reluBackward", { y: emit.data(output), dy, dx: dx!, count: output.size });
    });
  },
};

/** max(x, 0) elementwise; any shape. The gradient at 0 is 0. */
export function relu(x: Value): Value {
  checkValues("relu", x);
  return x.graph.apply(reluOperation, [x], undefined, x.shape);
}
