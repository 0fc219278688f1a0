import { ArgumentError, show } from "../engine/index.js";
import type { Shape, Value } from "../graph/index.js";

/** What one update is computed from. Scalars have the shape []. */
export interface UpdateInputs<State extends string = string, Scalar extends string = string> {
  readonly weight: Value;
  readonly gradient: Value;
  /** By the names of the rule's `state`. */
  readonly state: Readonly<Record<State, Value>>;
  /** The learning rate of the step: that of the parameter's group times the schedule's factor. */
  readonly learningRate: Value;
  /** By the names of what the rule's `scalars` gives. */
  readonly scalars: Readonly<Record<Scalar, Value>>;
}

/** The step that scalars are asked for. */
export interface RuleStep {
  /** Updates of the trainer, this one included: from 1. */
  readonly step: number;
  /** As float64, before it is rounded. */
  readonly learningRate: number;
}

/** Shapes of state by name, for a weight of a shape. */
export type StateShapes<State extends string = string> = (shape: Shape) => Readonly<Record<State, Shape>>;

/** How an optimizer changes weights: a function of Values, compiled with each training step. */
export interface Rule<State extends string = string, Scalar extends string = string> {
  /** Names of what it keeps for every element of a weight, or a function that gives shapes of its own. Default: nothing. */
  readonly state?: readonly State[] | StateShapes<State>;
  /** What state is filled with before the first step. Default: 0. */
  readonly initial?: Readonly<Partial<Record<State, number>>>;
  /**
   * Whether it wants every weight by itself, in its shape, since it forms norms or products. Otherwise it is elementwise, and gets
   * many weights at once as one vector. Default: whether `state` is a function.
   */
  readonly isByTensor?: boolean;
  /** Numbers of a step that `update` needs, such as bias corrections; rounded to float32. It must follow from the step alone. */
  scalars?(at: RuleStep): Readonly<Record<Scalar, number>>;
  /** The new weight, and the new contents of state that changes, by name. */
  update(given: UpdateInputs<State, Scalar>): { readonly weight: Value } & { readonly [Name in State]?: Value };
}

/**
 * The same rule: TypeScript finds the names of state and scalars. They must stand before `update`.
 * @throws ArgumentError for what is no rule
 */
export function rule<const State extends string = never, Scalar extends string = never>(
  rule: Rule<State, Scalar>,
): Rule {
  checkRule("rule", rule);
  return rule;
}

/** Throws ArgumentError for what is no rule. */
export function checkRule(name: string, given: unknown): void {
  if (given instanceof Object && "update" in given && typeof given.update === "function") return;
  throw new ArgumentError(`${name} must be a rule such as { update: ({ weight, gradient }) => … }, got ${show(given)}`);
}

/** Names and shapes of a rule's state for a weight of a shape. */
export function stateShapes({ state = [] }: Rule, shape: Shape): readonly (readonly [name: string, shape: Shape])[] {
  return typeof state === "function" ? Object.entries(state(shape)) : state.map((name) => [name, shape] as const);
}

/** Whether a rule wants every weight by itself. */
export function isByTensor({ state, isByTensor = typeof state === "function" }: Rule): boolean {
  return isByTensor;
}
