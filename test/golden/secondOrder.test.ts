import { readFileSync } from "node:fs";
import { describe, it } from "vitest";
import { gradients, Graph, Program, type Shape, type Value } from "../../src/graph/index.js";
import { add } from "../../src/ops/elementwise/add.js";
import { batchNorm } from "../../src/ops/normalization/batchNorm.js";
import { sum } from "../../src/ops/reductions/sum.js";
import { conv2d } from "../../src/ops/convolution/conv2d.js";
import { linear } from "../../src/ops/products/linear.js";
import { maxPool2d } from "../../src/ops/pooling/maxPooling.js";
import { multiply } from "../../src/ops/elementwise/multiply.js";
import { relu } from "../../src/ops/activations/relu.js";
import { flatten } from "../../src/ops/structure/reshape.js";
import { scale } from "../../src/ops/elementwise/scale.js";
import { softmaxCrossEntropy } from "../../src/ops/losses/softmaxCrossEntropy.js";
import { tanh } from "../../src/ops/activations/tanh.js";
import { expectClose } from "../expect.js";
import { testedBuilds, testEngine } from "../kernel.js";

type Tensors = Readonly<Record<string, { readonly shape: Shape; readonly data: readonly number[] }>>;

/** What secondOrder.py wrote of a network. */
interface Derivatives {
  readonly labels: readonly number[];
  readonly loss: number;
  readonly inputs: Tensors;
  readonly directions: Tensors;
  readonly gradients: Tensors;
  readonly hessianVectorProducts: Tensors;
  readonly penaltyGradients: Tensors;
}

type Network = (values: Readonly<Record<string, Value>>) => Value;

const perceptron: Network = ({ x, weight1, bias1, weight2, bias2, weight3, bias3 }) => {
  const hidden = tanh(linear(x!, weight1!, bias1));
  return linear(relu(linear(hidden, weight2!, bias2)), weight3!, bias3);
};

const convolutional: Network = ({ x, kernel, gamma, beta, weight, bias }) => {
  const { graph } = x!;
  const [mean, variance] = [graph.input(gamma!.shape, "mean"), graph.input(gamma!.shape, "variance")];
  const convolved = conv2d(x!, kernel!, undefined, { padding: 1 });
  const normalised = batchNorm(convolved, gamma, beta, mean, variance, { training: true });
  return linear(flatten(maxPool2d(relu(normalised), { kernelSize: 2 })), weight!, bias);
};

const networks = { perceptron, convolutional };
type Name = keyof typeof networks;
const derivatives = JSON.parse(readFileSync(new URL("secondOrder.json", import.meta.url), "utf8")) as Readonly<
  Record<Name, Derivatives>
>;

describe.each(testedBuilds)("second derivatives (%s)", async (build) => {
  const engine = await testEngine(build);

  it.each(Object.keys(networks) as Name[])("of a %s network agree with PyTorch's create_graph=True", (name) => {
    const expected = derivatives[name];
    const graph = new Graph();
    const inputsOf = (tensors: Tensors, isTrainable: boolean): Record<string, Value> =>
      Object.fromEntries(
        Object.entries(tensors).map(([key, { shape }]) => [key, graph.input(shape, key, "f32", isTrainable)]),
      );
    const inputs = inputsOf(expected.inputs, true);
    const directions = inputsOf(expected.directions, false);
    const labels = graph.constant([expected.labels.length], Int32Array.from(expected.labels), "labels");
    const loss = softmaxCrossEntropy(networks[name](inputs), labels);
    const values = Object.values(inputs);
    const first = gradients(loss, values);
    const total = (terms: readonly Value[]): Value => terms.map((term) => sum(term)).reduce(add);
    const along = total(first.map((gradient, i) => multiply(gradient, Object.values(directions)[i]!)));
    const penalty = scale(total(first.map((gradient) => multiply(gradient, gradient))), 0.5);
    const products = gradients(along, values);
    const penalties = gradients(penalty, values);
    const program = new Program(engine, graph, { outputs: [loss, ...first, ...products, ...penalties] });
    for (const [key, { data }] of Object.entries(expected.inputs)) program.write(inputs[key]!, data);
    for (const [key, { data }] of Object.entries(expected.directions)) program.write(directions[key]!, data);
    program.run();
    expectClose(program.read(loss), [expected.loss], { relative: 2e-6 });
    // Errors of 2⁻²⁴ of the terms, some tens of which are added on the way.
    const compare = (found: readonly Value[], wanted: Tensors): void => {
      const largest = Math.max(...Object.values(wanted).flatMap(({ data }) => data.map(Math.abs)));
      Object.keys(inputs).forEach((key, i) =>
        expectClose(program.read(found[i]!), wanted[key]!.data, { absolute: 1e-5 * largest }),
      );
    };
    compare(first, expected.gradients);
    compare(products, expected.hessianVectorProducts);
    compare(penalties, expected.penaltyGradients);
    program.dispose();
  });
});
