import { ShapeError } from "../engine/index.js";
import { formatShape, type Graph, inputsOf, outputOf, type Value } from "../graph/index.js";

/** Samples of the batch that a model is traced with when it is built: batch norm trains on no fewer. */
export const tracedBatch = 2;

/** Throws ShapeError, naming the place, unless the first axis of a traced model's output is still that of the batch. */
export function checkBatchAxis(graph: Graph, output: Value): void {
  if (output.shape[0] === tracedBatch) return;
  const isLost = (value: Value | undefined): boolean => value?.shape[0] !== tracedBatch;
  const steps = graph.nodes.map((node) => ({ source: node.source, from: inputsOf(node)[0], to: outputOf(node) }));
  const step = steps.reverse().find(({ from, to }) => !isLost(from) && isLost(to));
  const place = step
    ? `${step.source} turns ${formatShape(step.from!.shape)} into ${formatShape(step.to.shape)}`
    : `the output is ${formatShape(output.shape)}`;
  throw new ShapeError(
    `${place} for a batch of ${tracedBatch} samples: the first axis of a model's output must be the batch, of any length`,
  );
}
