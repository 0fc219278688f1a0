import {
  ArgumentError,
  checkOptions,
  flag,
  functionLike,
  numberFrom,
  optional,
  type OptionsRead,
  type Reader,
  readOptions,
  show,
} from "../engine/index.js";
import type { Shape } from "../graph/index.js";
import type { Rule } from "./rule.js";
import type { Progress, Schedule } from "./schedules.js";

/** A trainable parameter, as groups choose among them. */
export interface ParameterDescription {
  /** As in `model.entries`, e.g. "0.weight". */
  readonly name: string;
  readonly shape: Shape;
}

/** Which parameters belong to a group: those whose names a pattern finds, or of which a function says so. */
export type ParameterMatch = RegExp | ((parameter: ParameterDescription) => boolean);

/** Parameters with options of their own. What is left out is as for all others. */
export type ParameterGroupOptions<Own> = Partial<Own> & {
  readonly match: ParameterMatch;
  readonly learningRate?: number;
  readonly maximize?: boolean;
};

/** Options of every optimizer. */
export interface OptimizerOptions<Own = object> {
  readonly learningRate: number;
  /** Factor on the learning rates by step. Default: constant. */
  readonly schedule?: Schedule | undefined;
  /** Go up the gradient instead of down. Default false. */
  readonly maximize?: boolean;
  /**
   * Parameters with options of their own, e.g. `[{ match: optim.biasesAndNorms, weightDecay: 0 }]`; the first group that matches
   * counts. Default: none.
   */
  readonly groups?: readonly ParameterGroupOptions<Own>[];
}

/** The parameters that one rule changes. */
export interface RuleGroup {
  /** Undefined: all that no group before has. */
  readonly match: ParameterMatch | undefined;
  readonly learningRate: number;
  readonly schedule: Schedule;
  readonly maximize: boolean;
  readonly rule: Rule;
}

/** What a trainer updates parameters by. One object may serve several trainers: state and steps are theirs. */
export interface Optimizer {
  readonly name: string;
  /** That of parameters without a group. */
  readonly learningRate: number;
  /** A parameter belongs to the first that matches. The last takes all. */
  readonly groups: readonly RuleGroup[];
}

/**
 * Matches what has at most one axis: biases, and the gains and offsets of norms. For the `match` of a group.
 * @throws ArgumentError for what is no parameter
 */
export function biasesAndNorms(parameter: ParameterDescription): boolean {
  const { shape } = Object(parameter) as Partial<ParameterDescription>;
  if (shape) return shape.length <= 1;
  throw new ArgumentError(
    `biasesAndNorms wants a parameter: write match: optim.biasesAndNorms; got ${show(parameter)}`,
  );
}

/** What float32 can hold, rounded down. */
const largest = 3.4e38;

export const readRate: Reader<number> = (name, given) => numberFrom(0, largest)(name, given);

const readSchedule: Reader<Schedule> = (name, given) => {
  if (typeof given === "function" && "makes" in given) {
    const made = `optim.schedules.${String(given.makes)}`;
    throw new ArgumentError(`${name} is ${made} itself: call it, ${made}()`);
  }
  return functionLike<Schedule>("optim.schedules.cosine()")(name, given);
};

const readMatch: Reader<ParameterMatch> = (name, given) =>
  given instanceof RegExp
    ? given
    : functionLike<ParameterMatch>("({ shape }) => shape.length <= 1, or a pattern such as /bias$/")(name, given);

const readGroups: Reader<readonly object[]> = (name, given) => {
  if (Array.isArray(given)) return [...(given as readonly object[])];
  throw new ArgumentError(`${name} must be an array such as [{ match: /bias$/, weightDecay: 0 }], got ${show(given)}`);
};

/** Whether a value looks like an optimizer. */
export function isOptimizer(given: unknown): given is Optimizer {
  const groups: unknown = given instanceof Object && "groups" in given && given.groups;
  return Array.isArray(groups) && groups.length > 0 && Array.from(groups as unknown[]).every(isRuleGroup);
}

function isRuleGroup(group: unknown): boolean {
  return group instanceof Object && "rule" in group && group.rule instanceof Object && "update" in group.rule;
}

/** An optimizer, as an option or argument of another. */
export const optimizerOption: Reader<Optimizer> = (name, given) => {
  if (isOptimizer(given)) return given;
  throw new ArgumentError(
    `${name} must be an optimizer such as optim.adamW({ learningRate: 1e-3 }), got ${show(given)}`,
  );
};

/** Whether a parameter belongs to a group. */
export function isMatched(parameter: ParameterDescription, match: ParameterMatch | undefined): boolean {
  if (match === undefined) return true;
  return match instanceof RegExp ? parameter.name.search(match) >= 0 : match(parameter);
}

type OwnReaders<Own> = { readonly [Name in keyof Own]-?: Reader<unknown> };

/**
 * An optimizer from its options.
 * @param readers how the rule's own options are read
 * @param ruleOf the rule that options mean: of the optimizer, and of each group
 */
export function optimizer<Own extends object, R extends OwnReaders<Own>>(
  name: string,
  options: OptimizerOptions<Own> & Own,
  readers: R & OwnReaders<Own>,
  ruleOf: (own: OptionsRead<R>) => Rule,
): Optimizer {
  const owner = `optim.${name}`;
  const common = {
    learningRate: readRate,
    schedule: optional(readSchedule, () => 1),
    maximize: optional(flag, false),
    groups: optional(readGroups, []),
  };
  type Read = OptionsRead<typeof common> & RuleGroup;
  const read = (where: string, given: object, all: object): Read => {
    const found = readOptions(where, given, all) as Readonly<Record<string, unknown>>;
    const own = Object.fromEntries(Object.keys(readers).map((option) => [option, found[option]]));
    return { match: undefined, ...found, rule: ruleOf(own as OptionsRead<R>) } as unknown as Read;
  };
  const { groups, ...rest } = read(owner, options, { ...common, ...readers });
  const { schedule, ...shared } = {
    learningRate: common.learningRate,
    maximize: common.maximize,
    schedule: rest.schedule,
  };
  const own = Object.entries(options).filter(([option]) => option !== "schedule" && option !== "groups");
  const special = groups.map((group, i) => {
    const where = `${owner}: groups[${i}]`;
    const all = { match: readMatch, ...shared, ...readers };
    checkOptions(where, group, Object.keys(all) as never[]);
    const given = Object.entries(group).filter(([, option]) => option !== undefined);
    return { ...read(where, Object.fromEntries([...own, ...given]), all), schedule };
  });
  return { name, learningRate: rest.learningRate, groups: [...special, rest] };
}

/** The factor that a group's schedule gives. Throws ArgumentError where it is no number that a rate can be multiplied by. */
export function factorAt({ schedule }: RuleGroup, progress: Progress, rate: number): number {
  const factor: unknown = schedule(progress);
  if (typeof factor === "number" && factor >= 0 && rate * factor <= largest) return factor;
  throw new ArgumentError(
    `the scheduled learning rate must be a finite number of at least 0: for step ${progress.step} (epoch ` +
      `${progress.epoch}) the schedule gave the factor ${show(factor)} on ${rate}`,
  );
}
