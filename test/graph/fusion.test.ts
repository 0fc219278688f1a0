import { describe, expect, it } from "vitest";
import { fuse, type FusionRule, Graph, type Node, type Operation, type Value } from "../../src/graph/index.js";

function operation(name: string): Operation<undefined, undefined> {
  return { name, forward: () => undefined };
}

const [a, b, c, ab, bc] = ["a", "b", "c", "ab", "bc"].map(operation) as [
  ReturnType<typeof operation>,
  ReturnType<typeof operation>,
  ReturnType<typeof operation>,
  ReturnType<typeof operation>,
  ReturnType<typeof operation>,
];

function apply(what: Operation<undefined, undefined>, ...inputs: [Value, ...Value[]]): Value {
  return inputs[0].graph.apply(what, inputs, undefined, [1]);
}

function rule(first: typeof a, second: typeof a, fused: typeof a): FusionRule {
  return (producer, consumer) =>
    producer.operation === (first as Operation) && consumer.operation === (second as Operation)
      ? { operation: fused, attributes: undefined }
      : undefined;
}

const names = (nodes: readonly Node[]): string[] => nodes.map((node) => node.operation.name);

describe("fuse", () => {
  it("joins a producer and its only consumer, whose inputs follow those of the producer", () => {
    const graph = new Graph();
    const [x, y] = [graph.input([1], "x"), graph.input([1], "y")];
    const output = apply(b, apply(a, x), y);
    const [node, ...rest] = fuse(graph, [output], [rule(a, b, ab)]);
    expect(rest).toEqual([]);
    expect(node?.operation.name).toBe("ab");
    expect(node?.inputs).toEqual([x, y]);
    expect(node?.output).toBe(output);
    expect(node?.source).toBe("a + b");
  });

  it("leaves alone a value that has two uses, or is an output, or is not the first input", () => {
    const graph = new Graph();
    const x = graph.input([1], "x");
    const shared = apply(a, x);
    const twice = apply(c, apply(b, shared), shared);
    expect(names(fuse(graph, [twice], [rule(a, b, ab)]))).toEqual(["a", "b", "c"]);
    const kept = apply(a, x);
    const output = apply(b, kept);
    expect(names(fuse(graph, [output, kept], [rule(a, b, ab)]))).toEqual(["a", "b"]);
    const second = apply(b, x, apply(a, x));
    expect(names(fuse(graph, [second], [rule(a, b, ab)]))).toEqual(["a", "b"]);
  });

  it("lets the order of the rules decide between fusions that exclude each other", () => {
    const graph = new Graph();
    const output = apply(c, apply(b, apply(a, graph.input([1], "x"))));
    expect(names(fuse(graph, [output], [rule(a, b, ab), rule(b, c, bc)]))).toEqual(["ab", "c"]);
    expect(names(fuse(graph, [output], [rule(b, c, bc), rule(a, b, ab)]))).toEqual(["a", "bc"]);
  });

  it("drops what no output needs", () => {
    const graph = new Graph();
    const x = graph.input([1], "x");
    const output = apply(a, x);
    apply(b, x);
    expect(names(fuse(graph, [output], []))).toEqual(["a"]);
  });
});
