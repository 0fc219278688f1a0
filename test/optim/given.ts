import { type Engine, type losses, nn, ops, type optim, Trainer, type TrainerOptions } from "../../src/index.js";

/** A loss whose gradient in each weight is the input at its place. */
const productSum: losses.Loss = {
  name: "sum of products",
  targets: "values",
  targetShape: () => [],
  apply: (prediction) => ops.reshape(ops.sum(prediction), [1]),
};

/** Weights by name, and for each step their gradients. */
export interface Given {
  readonly weights: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: ArrayLike<number> }>>;
  readonly gradients: readonly Readonly<Record<string, ArrayLike<number>>>[];
}

/** Trains weights by gradients that are given, and returns them after each step, by name. */
export function trainOn(
  engine: Engine,
  optimizer: optim.Optimizer,
  { weights, gradients }: Given,
  options: Partial<TrainerOptions> = {},
): { readonly trainer: Trainer; readonly after: readonly Readonly<Record<string, Float32Array>>[] } {
  const names = Object.keys(weights);
  const sizes = names.map((name) => weights[name]!.data.length);
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const layer: nn.Layer = {
    name: "given",
    apply(x, scope) {
      let start = 0;
      const products = names.map((name, i) => {
        const { shape, data } = weights[name]!;
        const weight = scope.parameter(name, [...shape], () => Float32Array.from(data));
        const part = ops.slice(x, [null, [start, (start += sizes[i]!)]]);
        return ops.multiply(ops.reshape(weight, [1, sizes[i]!]), part);
      });
      return ops.concat(products, 1);
    },
  };
  const model = nn.sequential(layer).build(engine, { inputShape: [all] });
  const trainer = new Trainer(model, { loss: productSum, optimizer, ...options });
  const after = gradients.map((step) => {
    const inputs = Float32Array.from(names.flatMap((name) => Array.from(step[name]!)));
    const dataset = { length: 1, inputs, inputShape: [all], targets: Float32Array.of(0), targetShape: [] };
    trainer.trainStep(dataset, 0, 1);
    return Object.fromEntries([...model.state()].map(([name, { data }]) => [name.split(".").at(-1)!, data]));
  });
  return { trainer, after };
}
