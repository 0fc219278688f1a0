import { ArgumentError, checkFunction, checkText, type Reader, show } from "../engine/index.js";
import { type Optimizer, optimizer, type OptimizerOptions } from "./optimizer.js";
import { checkRule, type Rule } from "./rule.js";

/**
 * An optimizer by a rule of one's own.
 * @param name what messages call it
 * @param defaults the options that the rule has beside those of every optimizer
 * @param ruleOf the rule that options mean: of the optimizer, and of each of its groups. `optim.rule` has TypeScript check its names
 * @throws ArgumentError for arguments of other kinds
 * @returns a function of options that makes the optimizer. Nothing is known of the rule's own options but their names
 */
export function custom<Own extends Readonly<Record<string, unknown>>>(
  name: string,
  defaults: Own,
  ruleOf: (own: Own) => Rule,
): (options: OptimizerOptions<Own> & Partial<Own>) => Optimizer {
  checkText("the name of an optimizer", name);
  checkFunction("the rule of an optimizer", ruleOf, "(own) => ({ update: ({ weight, gradient }) => … })");
  if (!((defaults as unknown) instanceof Object)) {
    throw new ArgumentError(`custom wants the defaults of its options in an object, got ${show(defaults)}`);
  }
  const made = (own: Own): Rule => {
    const rule = ruleOf(own);
    checkRule(`the rule of ${name}`, rule);
    return rule;
  };
  const readers = Object.fromEntries(
    Object.entries(defaults).map(([option, usual]) => [option, (_: string, given: unknown) => given ?? usual]),
  ) as { readonly [Name in keyof Own]-?: Reader<unknown> };
  return (options) => optimizer<Own, typeof readers>(name, options as never, readers, made as never);
}
