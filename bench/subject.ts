import { type Engine, Random } from "../src/engine/index.js";
import { Graph, Program, type Shape, sizeOf, type Value } from "../src/graph/index.js";
import type { Subject } from "./row.js";

/** `length` floats, uniform in [−1, 1); the same for the same seed wherever a row runs. */
export function uniform(length: number, seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length }, () => 2 * random.uniform() - 1);
}

export interface OperationInput {
  readonly shape: Shape;
  readonly data: Float32Array | Int32Array;
  readonly dataType?: "f32" | "i32";
  readonly requiresGradient?: boolean;
}

export type Part = "forward" | "backward" | "both";

/**
 * A subject that runs the records of one operation: its forward or backward ones alone, or both. The result is the output,
 * or else the gradients of the inputs that want one, one after another.
 * @param dy the upstream gradient; needed unless part is "forward"
 */
export function operationSubject(
  engine: Engine,
  inputs: readonly OperationInput[],
  build: (values: readonly Value[]) => Value,
  part: Part = "forward",
  dy?: Float32Array,
): Subject {
  const graph = new Graph();
  const values = inputs.map(({ shape, dataType = "f32", requiresGradient = false }, i) =>
    graph.input(shape, `input ${i}`, dataType, requiresGradient),
  );
  const output = build(values);
  const wanted = values.filter((value) => value.requiresGradient);
  const upstream = part === "forward" ? undefined : graph.input(output.shape, "dy");
  const program = new Program(engine, graph, {
    outputs: [output],
    ...(upstream && { backward: { from: output, gradient: upstream }, gradients: wanted }),
  });
  inputs.forEach(({ data }, i) => program.write(values[i]!, data));
  if (upstream) program.write(upstream, dy ?? new Float32Array(sizeOf(output.shape)).fill(1));
  const { forward, backward } = program.sections;
  const timed = {
    forward,
    backward,
    both: { first: forward.first, count: forward.count + backward.count },
  }[part];
  return {
    run: () => engine.run(program.linked, timed.first, timed.count),
    result: () => {
      program.run();
      return part === "forward"
        ? program.read(output)
        : concatenate(wanted.map((value) => program.readGradient(value)));
    },
  };
}

export function concatenate(arrays: readonly Float32Array[]): Float32Array {
  const result = new Float32Array(arrays.reduce((sum, array) => sum + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    result.set(array, at);
    at += array.length;
  }
  return result;
}
