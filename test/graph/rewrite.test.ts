import { describe, expect, it } from "vitest";
import { define, Graph, type Node, type Operation, type Rule, type Value } from "../../src/graph/index.js";
import { reachable, rewrite } from "../../src/graph/rewrite.js";

type Binary = Operation<"x" | "other?", object, "y">;

const operation = (name: string): Binary =>
  define({ name, inputs: ["x", "other?"], shape: () => ({ y: [1] }), lower: () => undefined });

const [a, b, c, ab, bc] = ["a", "b", "c", "ab", "bc"].map(operation) as [Binary, Binary, Binary, Binary, Binary];

function apply(what: Binary, x: Value, other?: Value): Value {
  return what.apply({ x, other }).y;
}

/** `second` after `first`, at its input `at`, becomes `fused`. */
function rule(first: Binary, second: Binary, fused: Binary, at: "x" | "other" = "x"): Rule {
  return {
    name: `${first.name} before ${second.name}`,
    phase: 0,
    rewrite(node, { onlyProducerOf }) {
      const producer = onlyProducerOf(node.inputs[at]);
      if (!second.made(node) || !first.made(producer)) return undefined;
      const inputs = { x: producer.inputs.x, other: at === "x" ? node.inputs.other : node.inputs.x };
      return { operation: fused, attributes: {}, inputs, outputs: node.outputs, absorbs: [producer] };
    },
  };
}

function rewritten(outputs: readonly Value[], rules: readonly Rule[]): readonly Node[] {
  const { graph } = outputs[0]!;
  return rewrite(graph, reachable(graph.nodes, outputs), outputs, rules);
}

const names = (nodes: readonly Node[]): string[] => nodes.map((node) => node.operation.name);

describe("rewrite", () => {
  it("puts one node in the place of a producer and its only consumer, under the value that the consumer computed", () => {
    const graph = new Graph();
    const [x, y] = [graph.input([1], "x"), graph.input([1], "y")];
    const output = apply(b, apply(a, x), y);
    const [node, ...rest] = rewritten([output], [rule(a, b, ab)]);
    expect(rest).toEqual([]);
    expect(node?.operation.name).toBe("ab");
    expect(node?.inputs).toEqual({ x, other: y });
    expect(node?.outputs["y"]).toBe(output);
    expect(node?.source).toBe("a + b");
  });

  it("leaves alone a value that has two uses, or is an output", () => {
    const graph = new Graph();
    const x = graph.input([1], "x");
    const shared = apply(a, x);
    const twice = apply(c, apply(b, shared), shared);
    expect(names(rewritten([twice], [rule(a, b, ab)]))).toEqual(["a", "b", "c"]);
    const kept = apply(a, x);
    const output = apply(b, kept);
    expect(names(rewritten([output, kept], [rule(a, b, ab)]))).toEqual(["a", "b"]);
  });

  it("fuses over whichever input a rule looks at", () => {
    const graph = new Graph();
    const [x, y] = [graph.input([1], "x"), graph.input([1], "y")];
    const output = apply(b, y, apply(a, x));
    expect(names(rewritten([output], [rule(a, b, ab)]))).toEqual(["a", "b"]);
    const [node] = rewritten([output], [rule(a, b, ab, "other")]);
    expect(node?.inputs).toEqual({ x, other: y });
  });

  it("lets the order of the rules decide between fusions that exclude each other", () => {
    const graph = new Graph();
    const output = apply(c, apply(b, apply(a, graph.input([1], "x"))));
    expect(names(rewritten([output], [rule(a, b, ab), rule(b, c, bc)]))).toEqual(["ab", "c"]);
    expect(names(rewritten([output], [rule(b, c, bc), rule(a, b, ab)]))).toEqual(["a", "bc"]);
  });

  it("drops what no output needs", () => {
    const graph = new Graph();
    const x = graph.input([1], "x");
    const output = apply(a, x);
    apply(b, x);
    expect(names(rewritten([output], []))).toEqual(["a"]);
  });
});
