import { data, type losses, nn, ops, optim, Trainer } from "../../src/index.js";
import type { Row } from "../row.js";
import { uniform } from "../subject.js";

const side = 1000;
const million = side * side;

const productSum: losses.Loss = {
  name: "sum of products",
  targets: "values",
  targetShape: () => [],
  apply: (prediction) => ops.reshape(ops.sum(prediction), [1]),
};

/** A layer with one parameter, a matrix of 10⁶ weights. */
const layer: nn.Layer = {
  name: "weights",
  apply: (x, scope) =>
    ops.matmul(
      x,
      scope.parameter("weight", [side, side], () => uniform(million, 1)),
    ),
};

/**
 * The update alone, of 10⁶ weights.
 * @param arrays that it reads and that it writes, each of 10⁶ floats
 */
function updateRow(name: string, arrays: number, optimizer: () => optim.Optimizer): Row {
  return {
    name: `update: ${name}`,
    shape: "10⁶",
    bytes: arrays * 4 * million,
    tolerance: 0,
    wasm(engine) {
      const model = nn.sequential(layer).build(engine, { inputShape: [side] });
      const trainer = new Trainer(model, { loss: productSum, optimizer: optimizer(), onNonFinite: "continue" });
      const inputs = uniform(2 * side, 2);
      const dataset = data.dataset({ inputs, inputShape: [side], targets: new Float32Array(2), targetShape: [] });
      trainer.trainStep(dataset, 0, 2);
      const { linked, sections } = trainer.trainingProgram(dataset, 2);
      const { first, count } = sections.after;
      return {
        run: () => engine.run(linked, first, count),
        result: () => new Float32Array(model.state().get("0.weight")!.data),
      };
    },
  };
}

const rate = { learningRate: 1e-4 };

export const optimizerRows: readonly Row[] = [
  updateRow("SGD", 3, () => optim.sgd(rate)),
  updateRow("SGD with momentum", 5, () => optim.sgd({ ...rate, momentum: 0.9 })),
  updateRow("SGD with dampening", 5, () => optim.sgd({ ...rate, momentum: 0.9, dampening: 0.1 })),
  updateRow("AdaGrad", 5, () => optim.adagrad(rate)),
  updateRow("RMSprop", 5, () => optim.rmsprop(rate)),
  updateRow("RMSprop, centered, with momentum", 9, () => optim.rmsprop({ ...rate, centered: true, momentum: 0.9 })),
  updateRow("AdaDelta", 7, () => optim.adadelta(rate)),
  updateRow("Adam", 7, () => optim.adam(rate)),
  updateRow("Adam as a pointwise program", 7, () => optim.adam({ ...rate, beta2: () => 0.999 })),
  updateRow("Adam with amsgrad", 9, () => optim.adam({ ...rate, amsgrad: true })),
  updateRow("Adamax", 7, () => optim.adamax(rate)),
  updateRow("NAdam", 7, () => optim.nadam(rate)),
  updateRow("RAdam", 7, () => optim.radam(rate)),
  updateRow("Lion", 5, () => optim.lion(rate)),
  // Two passes: the norms are known after the first.
  updateRow("LAMB", 10, () => optim.lamb({ ...rate, weightDecay: 0.01 })),
  updateRow("Adafactor", 8, () => optim.adafactor(rate)),
  updateRow("Adam with a moving average", 9, () => optim.movingAverage(optim.adam(rate))),
  updateRow("AdamW as Adam, and lookahead", 9, () => optim.lookahead(optim.adamW(rate))),
];
