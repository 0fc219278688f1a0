import type { Operation, Shape, Value } from "../graph/index.js";

/** An operation written in TypeScript. The arrays are views of linear memory, valid during the call only. */
export interface CustomDefinition {
  readonly name: string;
  /** Shape of the output. */
  readonly shape: Shape;
  /** Writes the whole output; its contents are undefined before. */
  readonly forward: (inputs: readonly Float32Array[], output: Float32Array) => void;
  /** Writes the gradient of every input (all of it). Without it the output has no gradient. */
  readonly backward?: (
    inputs: readonly Float32Array[],
    output: Float32Array,
    dy: Float32Array,
    gradients: readonly Float32Array[],
  ) => void;
}

/**
 * Applies an operation written in TypeScript. It runs on one thread, between kernels: for trying an idea, not for speed.
 * An exception it throws surfaces from the run as a KernelError naming the layer.
 */
export function custom(inputs: readonly [Value, ...Value[]], definition: CustomDefinition): Value {
  const { backward } = definition;
  const operation: Operation<undefined, undefined> = {
    name: definition.name,
    forward(emit, node) {
      const count = node.inputs.length;
      emit.hostCall([...node.inputs.map((x) => emit.data(x)), emit.data(node.output)], (views) =>
        definition.forward(views.slice(0, count), views[count]!),
      );
      return undefined;
    },
    ...(backward && {
      backward(emit, node, _saved, dy) {
        const count = node.inputs.length;
        emit.contribute(node.inputs, (gradients) => {
          const targets = gradients.map((dx, i) => dx ?? emit.scratch(node.inputs[i]!.bytes, "unused gradient"));
          const uses = [...node.inputs.map((x) => emit.data(x)), emit.data(node.output), dy, ...targets];
          emit.hostCall(uses, (views) =>
            backward(views.slice(0, count), views[count]!, views[count + 1]!, views.slice(count + 2)),
          );
        });
      },
    }),
  };
  return inputs[0].graph.apply(operation, inputs, undefined, definition.shape);
}
