import {
  createEngine,
  data,
  type Dataset,
  losses,
  nn,
  ops,
  optim,
  RemoteTrainer,
  type RemoteTrainerOptions,
  serveTrainer,
  type ServedTrainer,
  Trainer,
} from "../../src/index.js";
import { randomFloats } from "../random.js";

export interface Options {
  readonly epochs?: number;
  /** What setup does instead of returning a trainer. */
  readonly setupError?: "ShapeError" | "TypeError" | "a string";
  /** The forward pass in which a layer throws. */
  readonly failingRun?: number;
}

export interface Calls {
  weights(): Float32Array[];
  add(a: number, b: number): Promise<number>;
  fail(): never;
  uncloneable(): unknown;
  closed(): number;
}

/** Points in the plane, labelled by quadrant. */
export function quadrants(samples = 200): Dataset {
  const inputs = randomFloats(samples * 2, 9);
  const targets = Uint8Array.from(
    { length: samples },
    (_, i) => (inputs[2 * i]! > 0 ? 1 : 0) + (inputs[2 * i + 1]! > 0 ? 2 : 0),
  );
  return data.dataset({ inputs, inputShape: [2], targets });
}

class CustomError extends Error {
  override readonly name = "CustomError";
}

/** The setup of a small network with dropout; `closed` counts how often a training was replaced by another. */
export function createSetup(): (options: Options) => Promise<ServedTrainer<Calls>> {
  let closed = 0;
  return async ({ epochs = 3, setupError, failingRun = Infinity }) => {
    if (setupError === "ShapeError") {
      const engine = await createEngine();
      nn.sequential(nn.conv2d({ outChannels: 4, kernelSize: 3 })).build(engine, { inputShape: [784] });
    }
    if (setupError === "TypeError") throw new TypeError("no such thing", { cause: new CustomError("deep down") });
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- what code of others may do
    if (setupError === "a string") throw "only a string";
    const engine = await createEngine({ seed: 1, threads: 1 });
    let runs = 0;
    const failing = nn.lambda(
      (x) =>
        ops.custom([x], {
          name: "failing",
          shape: x.shape,
          forward: ([input], output) => {
            if (++runs === failingRun) throw new RangeError("this run fails");
            output.set(input!);
          },
          backward: (_inputs, _output, dy, [dx]) => dx!.set(dy),
        }),
      "failing",
    );
    const model = nn
      .sequential(
        nn.linear({ outFeatures: 16 }),
        nn.tanh(),
        nn.dropout({ p: 0.1 }),
        ...(failingRun < Infinity ? [failing] : []),
        nn.linear({ outFeatures: 4 }),
      )
      .build(engine, { inputShape: [2] });
    const optimizer = optim.adam({ learningRate: 0.02 });
    const dataset = quadrants();
    return {
      trainer: new Trainer(model, { loss: losses.crossEntropy(), optimizer }),
      dataset,
      fit: { epochs, batchSize: 20, validation: dataset },
      calls: {
        weights: () => [...model.state().values()].map((tensor) => tensor.data),
        add: (a, b) => Promise.resolve(a + b),
        fail: () => {
          throw new CustomError("asked for");
        },
        uncloneable: () => () => undefined,
        closed: () => closed,
      },
      close: () => {
        closed++;
        return engine.close();
      },
    };
  };
}

/** A remote trainer and what serves it, in one process. Close it, or its channel keeps the process alive. */
export function connect(options?: RemoteTrainerOptions, setup = createSetup()): RemoteTrainer<Options, Calls> {
  const { port1, port2 } = new MessageChannel();
  serveTrainer(setup, port1);
  return new RemoteTrainer<Options, Calls>(port2, options);
}
