import type { Engine } from "../../src/engine/index.js";
import { Graph, inputsOf as inputsOfNode, type Node, Program, type Value } from "../../src/graph/index.js";
import { Interpreter, type InterpreterOptions } from "../oracle/interpreter.js";
import type { Numbers } from "../oracle/primitive.js";
import { gradientsOf } from "./objective.js";
import { generic, inputsOf, isDifferentiable, readNumbers, resultsOf, type Sample, type Tensor } from "./sample.js";

/** A sample in a graph of its own, with the gradients of its objective, if it has any. */
export class TracedSample {
  readonly graph = new Graph();
  readonly node: Node;
  /** The results of the node, then the gradients of its inputs. */
  readonly outputs: readonly Value[];
  private readonly inputs: readonly (readonly [Value, Tensor])[];

  constructor(sample: Sample, { withGradients = true }: { withGradients?: boolean } = {}) {
    const { graph } = this;
    const values = inputsOf(sample, graph);
    this.node = sample.apply(values, graph);
    const results = resultsOf(this.node);
    const tensors = results.map(({ shape }, i) => generic(shape, i + 17));
    const upstreams = tensors.map(({ shape }) => graph.input(shape, "upstream"));
    const hasGradients = withGradients && isDifferentiable(this.node);
    this.outputs = [...results, ...(hasGradients ? gradientsOf(this.node, values, upstreams) : [])];
    this.inputs = [
      ...values.map((value, i) => [value, sample.inputs[i]!] as const),
      ...upstreams.map((value, i) => [value, tensors[i]!] as const),
    ];
  }

  compile(engine: Engine, outputs = this.outputs): Program {
    const program = new Program(engine, this.graph, { outputs });
    for (const [value, { data }] of this.inputs) program.write(value, data);
    return program;
  }

  /** Whether a value is an input itself, under whatever shape: nothing is written there. */
  isGiven(value: Value): boolean {
    const node = this.graph.nodes.find(({ outputs }) => Object.values(outputs).includes(value));
    if (!node) return true;
    return node.operation.isView && this.isGiven(inputsOfNode(node)[0]!);
  }

  /** The outputs as the engine computes them. */
  compute(engine: Engine): readonly Float32Array[] {
    const program = this.compile(engine);
    program.run();
    const outputs = this.outputs.map((value) => readNumbers(program, value));
    program.dispose();
    return outputs;
  }

  /** The outputs in float64. */
  interpret(options?: InterpreterOptions): readonly Numbers[] {
    const given = this.inputs.map(([value, { data }]) => [value, data] as const);
    const contents = new Interpreter(this.graph.nodes, options).run(given);
    return this.outputs.map((value) => contents.get(value)!);
  }
}
