import { scaledDotProductAttention } from "../../src/ops/attention/scaledDotProductAttention.js";
import { Graph, Program } from "../../src/graph/index.js";
import { nn } from "../../src/index.js";
import type { Row } from "../row.js";
import { concatenate, operationSubject, type Part, uniform } from "../subject.js";

/** Multiplications and additions of the two products of the forward pass, and of the four that are their gradients. */
function attentionFlops(heads: number, length: number, features: number, part: Part): number {
  const product = 2 * heads * length * length * features;
  return { forward: 2, backward: 4, both: 6 }[part] * product;
}

/** Self-attention of some heads. Where it is causal, half of the scores count. */
function attentionRow(
  batch: number,
  heads: number,
  length: number,
  features: number,
  part: Part,
  isCausal = false,
): Row {
  const shape = [batch, heads, length, features];
  const flops = attentionFlops(batch * heads, length, features, part);
  return {
    name: `attention ${part}${isCausal ? ", causal" : ""}`,
    shape: `${batch}×${heads}×${length}×${features}`,
    flops: isCausal ? flops / 2 : flops,
    tolerance: 1e-4,
    wasm: (engine) =>
      operationSubject(
        engine,
        [1, 2, 3].map((seed) => ({
          shape,
          data: uniform(batch * heads * length * features, seed),
          requiresGradient: part !== "forward",
        })),
        ([query, key, value]) => scaledDotProductAttention(query!, key!, value!, { isCausal }),
        part,
      ),
  };
}

/** A layer of a transformer's encoder as one of several: forward, and backward to its parameters and to what it reads. */
function blockRow(batch: number, length: number, width: number, heads: number, hidden: number): Row {
  const products = 2 * batch * length * width * (4 * width + 2 * hidden);
  return {
    name: "transformer block forward + backward",
    shape: `${batch}×${length}×${width}, ${heads} heads, ${hidden} hidden`,
    flops: 3 * (products + attentionFlops(batch * heads, length, width / heads, "forward")),
    tolerance: 1e-3,
    wasm(engine) {
      const layer = nn.transformerEncoderLayer({ numHeads: heads, dimFeedforward: hidden, normFirst: true });
      const model = nn.sequential(layer).build(engine, { inputShape: [length, width] });
      const graph = new Graph();
      const x = graph.input([batch, length, width], "x", "f32", true);
      const y = model.trace(graph, x, false);
      const parameters = model.entries.map(({ shape, data, name, gradient }) =>
        graph.state(shape, data, name, gradient),
      );
      const upstream = graph.input(y.shape, "dy");
      const gradients = [x, ...parameters];
      const program = new Program(engine, graph, {
        outputs: [y],
        backward: { from: y, gradient: upstream },
        gradients,
      });
      program.write(x, uniform(x.size, 1));
      program.write(upstream, uniform(y.size, 2));
      const { forward, backward } = program.sections;
      return {
        run: () => engine.run(program.linked, forward.first, forward.count + backward.count),
        result: () => {
          program.run();
          return concatenate(gradients.map((value) => program.readGradient(value)));
        },
      };
    },
  };
}

export const attentionRows: readonly Row[] = [
  attentionRow(8, 8, 256, 64, "forward"),
  attentionRow(8, 8, 256, 64, "backward"),
  attentionRow(8, 8, 256, 64, "both", true),
  attentionRow(1, 8, 1024, 64, "both"),
  blockRow(8, 256, 256, 8, 1024),
];
