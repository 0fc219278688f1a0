import { unfold } from "../../src/graph/requests.js";
import { gradientsOf } from "./objective.js";
import { type Catalogued, operations } from "./operations.js";
import { ownSamplesOf } from "./ownSamples.js";
import { generic, inputsOf, isDifferentiable, resultsOf, type Sample } from "./sample.js";

type Samples = ReadonlyMap<Catalogued, readonly Sample[]>;

/**
 * Samples of operations that stand in gradients only, such as the one that spreads a pooling's gradient by its winners: they
 * are taken from where the gradients of other samples apply them, and then from the gradients of those. Inputs are those of
 * the other sample, and the gradients of its results.
 */
export function reachedSamples(): Samples {
  const all = new Map<Catalogued, readonly Sample[]>();
  let sources = operations.flatMap(ownSamplesOf);
  while (sources.length > 0) {
    const found = reachedFrom(sources, (operation) => ownSamplesOf(operation).length === 0 && !all.has(operation));
    for (const [operation, samples] of found) all.set(operation, samples);
    sources = [...found.values()].flat();
  }
  return all;
}

function reachedFrom(sources: readonly Sample[], isWanted: (operation: Catalogued) => boolean): Samples {
  const found = new Map<Catalogued, readonly Sample[]>();
  for (const source of sources) {
    const applied = new Set(operationsOfGradient(source));
    for (const operation of operations) {
      if (!applied.has(operation) || !isWanted(operation)) continue;
      found.set(operation, [...(found.get(operation) ?? []), sampleWithin(operation, source)]);
    }
  }
  return found;
}

function operationsOfGradient(sample: Sample): readonly unknown[] {
  const values = inputsOf(sample);
  const node = sample.apply(values);
  if (values.length === 0 || !isDifferentiable(node)) return [];
  const { graph } = values[0]!;
  const upstreams = resultsOf(node).map(({ shape }) => graph.input(shape, "upstream"));
  gradientsOf(node, values, upstreams);
  return unfold(graph.nodes).map(({ operation }) => operation);
}

function sampleWithin(operation: Catalogued, source: Sample): Sample {
  const shapes = resultsOf(source.apply(inputsOf(source))).map(({ shape }) => shape);
  return {
    title: `${operation.name} of ${source.title}`,
    inputs: [...source.inputs, ...shapes.map((shape, i) => generic(shape, i + 7))],
    apply(all) {
      const values = all.slice(0, source.inputs.length);
      gradientsOf(source.apply(values), values, all.slice(source.inputs.length));
      // What a request computes on its way is no value of the graph, until its nodes stand there themselves.
      const { graph } = all[0]!;
      const known = new Set(graph.nodes);
      graph.append(unfold(graph.nodes).filter((node) => !known.has(node)));
      return graph.nodes.find((node) => node.operation === operation)!;
    },
    isElementwise: false,
    isLarge: source.isLarge,
  };
}
