import { checkNumber } from "../engine/index.js";
import { type Buffer, type Emitter, type Operation, type Value } from "../graph/index.js";

interface Attributes {
  readonly probability: number;
}

export const dropoutOperation: Operation<Attributes, number> = {
  name: "dropout",
  forward(emit, { inputs: [x], attributes, output }) {
    const stream = emit.stream();
    emitDropout(emit, attributes, stream, emit.data(x!), emit.data(output), output.size);
    return stream;
  },
  backward(emit, { inputs: [x], attributes, output }, stream, dy) {
    emit.contribute([x!], ([dx]) => {
      emitDropout(emit, attributes, stream, dy, dx!, output.size);
    });
  },
};

function emitDropout(
  emit: Emitter,
  { probability }: Attributes,
  stream: number,
  x: Buffer,
  y: Buffer,
  count: number,
): void {
  emit.record("dropout", {
    x,
    y,
    seed: emit.scalar("dropoutSeed"),
    step: emit.scalar("dropoutStep"),
    count,
    stream,
    threshold: Math.round(probability * 2 ** 32) - 2 ** 31,
    factor: 1 / (1 - probability),
  });
}

/**
 * Sets elements to 0 with the given probability and multiplies the others by 1/(1 − probability); any shape. For training
 * graphs: in evaluation leave it out. Which elements, depends on the u32 scalars "dropoutSeed" and "dropoutStep", the
 * node's stream and the element's index alone; backward draws the same again. Throws ArgumentError for a probability
 * outside [0, 1).
 */
export function dropout(x: Value, probability: number): Value {
  checkNumber("probability", probability, 0, 1, true);
  // As 0 … 2³² the probability must stay below 2³².
  const rounded = Math.min(probability, 1 - 2 ** -32);
  return x.graph.apply(dropoutOperation, [x], { probability: rounded }, x.shape);
}
