import {
  checkText,
  flag,
  functionLike,
  integerFrom,
  type Numbers,
  oneOf,
  optional,
  readOptions,
  takeFloats,
} from "../engine/index.js";
import type { Shape, Value } from "../graph/index.js";
import type { LossOptions } from "../ops/losses/loss.js";
import { operationOf } from "../ops/publicFunction.js";

/**
 * A loss of a batch as a function of Values: the operations of `ops` that are losses, or one of one's own. It gives one number, or
 * a loss for each sample, [B, ...], of which a trainer takes the mean.
 * @param options `weights` are those of the samples, [B], if the data set has any. A function that gives a loss for each sample need
 * not look at them
 */
export type LossFunction = (prediction: Value, target: Value, options?: { readonly weights?: Value }) => Value;

/** What a trainer minimises. A plain function stands for one on values. */
export interface Loss {
  readonly name: string;
  /** Whether targets are class labels (int32, one for each place of the prediction but for its last axis) or values (float32). */
  readonly targets: "classes" | "values";
  /** Of losses on classes: whether targets may be probabilities of all classes, too, in the shape of the prediction. */
  readonly takesProbabilities?: boolean;
  /** The label of places that do not count. Default: none. */
  readonly ignoreIndex?: number;
  /**
   * Shape of a sample's target where the model puts out `outputShape` and the data set has targets of shape `given`. Default: that of
   * the output, for classes without its last axis. One number is taken for any shape of one number: without an axis for [1].
   */
  targetShape?(outputShape: Shape, given: Shape): Shape;
  /**
   * "logits": the loss itself takes the softmax or sigmoid of the prediction, so a trainer refuses a model that ends in one.
   * Default: the prediction is taken as it is.
   */
  readonly takes?: "logits";
  readonly apply: LossFunction;
  /** How many labels of a batch are predicted rightly, shape [1]; only of losses on classes. */
  readonly countCorrect?: (prediction: Value, target: Value) => Value;
}

/** What is known of a loss beside its function. */
type Traits = Partial<Omit<Loss, "name" | "apply">>;

/** Makes a loss for a trainer. Throws ArgumentError for options that it does not have, or out of range. */
export type LossFactory<Options = LossOptions> = (options?: Omit<Options, "weights">) => Loss;

/** Numbers for each class. A value belongs to one graph, and a trainer makes several. */
const numbersOption = /* @__PURE__ */ optional((name, given) => {
  takeFloats(given as Numbers, name);
});

/** The losses for trainers that an operation makes. @param without names of options that belong to a batch */
export function lossFactory<Options extends Omit<LossOptions, "reduction">>(
  apply: (prediction: Value, target: Value, options?: Options) => Value,
  traits: Traits = {},
  without: readonly string[] = [],
): LossFactory<Options> {
  const make: LossFactory<Options> = (options = {} as Omit<Options, "weights">) => {
    const { name, readers: own, optionNames } = operationOf(apply);
    const taken = optionNames.filter((option) => !["weights", ...without].includes(option));
    const known = own();
    const readers = Object.fromEntries(taken.map((option) => [option, known[option] ?? numbersOption]));
    readOptions(`losses.${name}`, options, readers as never, `losses.${name}: `);
    const { ignoreIndex } = options as { readonly ignoreIndex?: number };
    return {
      ...{ name, targets: "values", ...traits, ...(ignoreIndex !== undefined && { ignoreIndex }) },
      apply: (prediction, target, given) => apply(prediction, target, { ...options, ...given } as unknown as Options),
    };
  };
  return marked(operationOf(apply).name, make);
}

const factoryMark = "makesLosses";

/** Says of a function that it makes losses, and its name. */
export function marked<F extends object>(name: string, make: F): F {
  return Object.defineProperties(make, { name: { value: name }, [factoryMark]: { value: true } });
}

/** Whether a function makes losses, and is none itself. */
export function isLossFactory(given: object): boolean {
  return factoryMark in given;
}

/** The loss that a function stands for: one on values, in the shape of the output. */
export function lossOf(given: Loss | LossFunction): Loss {
  return typeof given === "function" ? { name: given.name || "the loss", targets: "values", apply: given } : given;
}

/** The parts of a loss of one's own. */
export interface CustomLoss extends Partial<Omit<Loss, "apply">> {
  readonly apply: LossFunction;
}

/**
 * A loss of one's own with more to say than a plain function does: that targets are classes, which shape they have, that it takes
 * logits. `targets` are "values" by default.
 * @throws ArgumentError for parts that a loss does not have, and parts of other kinds
 */
export function custom(loss: CustomLoss): Loss {
  const given = readOptions<CustomLoss, ReturnType<typeof parts>>("losses.custom", loss, parts(), "losses.custom: ");
  const stated = Object.fromEntries(Object.entries(given).filter(([, part]) => part !== undefined));
  return { ...lossOf(given.apply), ...stated };
}

const parts = () => ({
  apply: functionLike<LossFunction>("(prediction, target) => ops.huber(prediction, target)"),
  name: optional((name, given) => {
    checkText(name, given);
    return given as string;
  }),
  targets: optional(oneOf(["classes", "values"])),
  takes: optional(oneOf(["logits"])),
  takesProbabilities: optional(flag),
  ignoreIndex: optional(integerFrom(-(2 ** 31), 2 ** 31 - 1)),
  targetShape: optional(functionLike<(outputShape: Shape, given: Shape) => Shape>("(outputShape) => outputShape")),
  countCorrect: optional(functionLike<object>("ops.accuracy")),
});
