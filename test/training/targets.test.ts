import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  createEngine,
  data,
  type Dataset,
  losses,
  type Model,
  nn,
  ops,
  optim,
  ShapeError,
  Trainer,
} from "../../src/index.js";
import { expectIdentical } from "../expect.js";
import { randomFloats } from "../random.js";
import { numbersOf } from "./quadrants.js";

const engine = await createEngine({ seed: 2, threads: 1 });
const samples = 6;
const optimizer = optim.sgd({ learningRate: 0.1 });

type Targets = Pick<Parameters<typeof data.dataset>[0], "targets" | "targetShape">;

function setOf(targets: Targets, inputShape = [2]): Dataset {
  const size = inputShape.reduce((product, length) => product * length, samples);
  return data.dataset({ inputs: randomFloats(size, 3), inputShape, ...targets });
}

/** A linear model of `outputs` numbers a sample, in `shape`. */
function model(outputs: number, shape = [outputs]): Model {
  const reshape = nn.lambda((x) => ops.reshape(x, [x.shape[0]!, ...shape]));
  return nn
    .sequential(nn.linear({ outFeatures: outputs, initializer: nn.initializers.ones }), reshape)
    .build(engine, { inputShape: [2] });
}

/** What everyone who is given the data set says of it: the same. */
async function refusal(of: Model, loss: losses.Loss, dataset: Dataset): Promise<Error> {
  const trainer = new Trainer(of, { loss, optimizer });
  const fine = setOf(
    loss.targets === "classes"
      ? {
          targets: new Uint8Array(samples * (of.outputShape.length > 1 ? of.outputShape[0]! : 1)),
          targetShape: of.outputShape.slice(0, -1),
        }
      : { targets: randomFloats(samples * of.outputShape.reduce((a, b) => a * b, 1)), targetShape: of.outputShape },
  );
  const errors = await Promise.all(
    [
      () => trainer.fit(dataset).finally(),
      () => trainer.evaluate(dataset),
      async () => Promise.resolve(trainer.trainStep(dataset, 0, 1)),
      () => trainer.fit(fine, { validation: dataset }).finally(),
    ].map((call) =>
      call().then(
        () => expect.fail("it was taken"),
        (error: unknown) => error as Error,
      ),
    ),
  );
  expect(trainer.step).toBe(0);
  const [first, ...others] = errors;
  for (const { name, message } of others) {
    expect(name).toBe(first!.name);
    expect(message.replaceAll("the validation set", "the data set")).toBe(first!.message);
  }
  return first!;
}

describe.each([losses.meanSquaredError, losses.halfSumOfSquares])("%o", (make) => {
  it.each([[[1]], [[1, 1]], [[]]])("takes one number a sample for a model that puts out %o", async (shape) => {
    const targets = randomFloats(samples, 8);
    const train = async (targetShape: readonly number[]): Promise<number[]> => {
      const trained = model(1, shape);
      trained.loadState(
        new Map([...trained.state()].map(([name, { shape, data }]) => [name, { shape, data: data.fill(0.5) }])),
      );
      const trainer = new Trainer(trained, { loss: make(), optimizer, seed: 1 });
      const [report] = await trainer.fit(setOf({ targets, targetShape }), { batchSize: 4 });
      const { loss } = await trainer.evaluate(setOf({ targets, targetShape }));
      return [...numbersOf(trained), report!.loss, loss];
    };
    const results = [await train([]), await train([1]), await train([1, 1])];
    for (const result of results) expectIdentical(result, results[0]!);
    expect(results[0]!.every(Number.isFinite)).toBe(true);
  });

  it.each([
    [
      "one number",
      {},
      [3],
      1,
      /puts out \[3\] per sample; the data set has one number per sample \(targetShape \[\]\): give each sample targets of shape \[3\] per sample, with targetShape: \[3\], or change/,
    ],
    ["too few", { targetShape: [2] }, [3], 2, /wants targets of shape \[3\].*the data set has targets of shape \[2\]/],
    ["another shape", { targetShape: [4] }, [2, 2], 4, /: write data\.dataset\(\{ …, targetShape: \[2, 2\] \}\)$/],
    ["one axis too many", { targetShape: [2, 1] }, [2], 2, /targetShape: \[2\] \}\)$/],
  ])("tells targets of %s apart from what the model puts out", async (_, given, outputShape, numbers, message) => {
    const outputs = outputShape.reduce((product, length) => product * length, 1);
    const set = setOf({ targets: randomFloats(samples * numbers), ...given });
    const error = await refusal(model(outputs, outputShape), make(), set);
    expect(error).toBeInstanceOf(ShapeError);
    expect(error.message).toMatch(message);
  });

  it("refuses class labels", async () => {
    const error = await refusal(model(1), make(), setOf({ targets: new Uint8Array(samples) }));
    expect(error).toBeInstanceOf(ArgumentError);
    expect(error.message).toMatch(
      /wants float targets, the data set has class labels: .*Float32Array\.from\(targets\).*crossEntropy/,
    );
  });
});

describe("crossEntropy", () => {
  it.each([
    ["whole numbers", { targets: Float32Array.of(0, 1, 2, 0, 1, 2) }, /write targets: Int32Array\.from\(targets\)$/],
    ["fractions", { targets: new Float32Array(samples).fill(0.5) }, /for values use losses\.meanSquaredError\(\)$/],
    ["negative numbers", { targets: new Float32Array(samples).fill(-1) }, /for values use/],
    ["one-hot rows", { targets: new Float32Array(3 * samples), targetShape: [3, 1] }, /give the index of its class$/],
    ["vectors", { targets: new Float32Array(2 * samples), targetShape: [2] }, /for values use/],
  ])("refuses float targets that are %s with what to do", async (_, targets, message) => {
    const error = await refusal(model(3), losses.crossEntropy(), setOf(targets));
    expect(error).toBeInstanceOf(ArgumentError);
    expect(error.message).toMatch(
      /^crossEntropy wants class labels, one integer per sample, or probabilities of shape \[3\]; the data set has float targets: /,
    );
    expect(error.message).toMatch(message);
  });

  it("refuses a model that puts out one number without an axis for a sample", () => {
    const make = (): Trainer => new Trainer(model(1, []), { loss: losses.crossEntropy(), optimizer });
    expect(make).toThrow(ShapeError);
    expect(make).toThrow(
      /puts out \[\.\.\., classes\] per sample.* this one puts out \[\] per sample: end it in nn\.linear/,
    );
  });

  it("wants a label for each row of scores that the model puts out", async () => {
    const error = await refusal(model(6, [2, 3]), losses.crossEntropy(), setOf({ targets: new Uint8Array(samples) }));
    expect(error).toBeInstanceOf(ShapeError);
    expect(error.message).toMatch(
      /wants labels of shape \[2\] per sample, since the model puts out \[2, 3\] .*targetShape: \[2\]/,
    );
  });
});

describe("a loss of one's own", () => {
  it("may want targets of another shape than the output", async () => {
    // The mean of a normal distribution and the logarithm of its deviation, for one number.
    const likelihood: losses.Loss = {
      name: "likelihood",
      targets: "values",
      targetShape: ([outputs]) => [outputs! / 2],
      apply: (prediction, target) => {
        const twice = ops.matmul(target, prediction.graph.input([1, 2], "both"));
        return ops.meanSquaredError(prediction, twice);
      },
    };
    const trainer = new Trainer(model(2), { loss: likelihood, optimizer });
    await trainer.fit(setOf({ targets: randomFloats(samples) }));
    expect(trainer.step).toBe(1);
    await expect(trainer.fit(setOf({ targets: randomFloats(2 * samples), targetShape: [2] }))).rejects.toThrow(
      /^likelihood wants targets of shape \[1\] per sample/,
    );
  });
});
