import { checkNumber } from "../engine/index.js";
import { type Buffer, checkValues, type Emitter, type Operation, type Value } from "../graph/index.js";

interface Attributes {
  readonly p: number;
}

/** Saves the number of its random stream: backward draws the same words again. */
const operation: Operation<Attributes, number> = {
  name: "dropout",
  forward(emit, { inputs: [x], attributes, output }) {
    const stream = emit.stream();
    emitDropout(emit, emit.data(x!), emit.data(output), output.size, attributes.p, stream);
    return stream;
  },
  backward(emit, { inputs: [x], attributes, output }, stream, dy) {
    emit.contribute([x!], ([dx]) => emitDropout(emit, dy, dx!, output.size, attributes.p, stream));
  },
};

function emitDropout(emit: Emitter, x: Buffer, y: Buffer, count: number, p: number, stream: number): void {
  emit.record("dropout", {
    ...{ x, y, count, stream },
    seed: emit.scalar("dropoutSeed"),
    step: emit.scalar("dropoutStep"),
    threshold: Math.min(Math.round(p * 2 ** 32), 2 ** 32 - 1),
    scale: 1 / (1 - p),
  });
}

/**
 * Each element is 0 with probability p, else x/(1−p) (Srivastava et al., "Dropout", 2014, in the inverted form). The draw
 * follows from the scalars "dropoutSeed" and "dropoutStep", the position of the operation in the program, and the index of
 * the element.
 * @throws ArgumentError unless 0 ≤ p < 1
 */
export function dropout(x: Value, p: number): Value {
  checkValues("dropout", x);
  checkNumber("p", p, 0, 1, true);
  return x.graph.apply(operation, [x], { p }, x.shape);
}
