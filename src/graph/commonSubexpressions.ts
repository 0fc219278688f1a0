import type { AnyInputs, Node, Value } from "./node.js";

/**
 * Lists of nodes, one executed after the other, without those that compute what one before them computes: the same operation of
 * the same inputs with equal attributes. Nodes that update something or draw random numbers stay, and so does what computes
 * a value of `roots`.
 */
export function withoutCommonSubexpressions(
  lists: readonly (readonly Node[])[],
  roots: ReadonlySet<Value>,
): readonly (readonly Node[])[] {
  const same = new Map<Value, Value>();
  const numbers = new Map<string, Value>();
  const byFirstInput = new Map<Value, Node[]>();

  /** The value that stands for this one: it is always the first. */
  const first = (value: Value): Value => {
    if (typeof value.constant !== "number") return same.get(value) ?? value;
    const key = `${Object.is(value.constant, -0) ? "-0" : value.constant} ${value.dataType} ${value.shape.join()}`;
    const known = numbers.get(key);
    if (!known) numbers.set(key, value);
    return known ?? value;
  };
  const keep = (given: Node): boolean => {
    const { operation, inputs, outputs } = given;
    const leading = inputs[operation.inputNames[0]!];
    if (!leading || operation.isVolatile || Object.keys(operation.updates).length > 0) return true;
    const others = byFirstInput.get(leading);
    const twin = others?.find((other) => isSame(other, given));
    if (!twin || operation.outputNames.some((name) => roots.has(outputs[name]!))) {
      if (others) others.push(given);
      else byFirstInput.set(leading, [given]);
      return true;
    }
    for (const name of operation.outputNames) same.set(outputs[name]!, twin.outputs[name]!);
    return false;
  };
  return lists.map((nodes) =>
    nodes.flatMap((node) => {
      const renamed = withInputs(node, first);
      return keep(renamed) ? [renamed] : [];
    }),
  );
}

function withInputs(node: Node, first: (value: Value) => Value): Node {
  let inputs: AnyInputs = node.inputs;
  for (const name in inputs) {
    const value = inputs[name];
    const other = value && first(value);
    if (other !== value) inputs = { ...inputs, [name]: other };
  }
  return inputs === node.inputs ? node : { ...node, inputs };
}

function isSame(a: Node, b: Node): boolean {
  return (
    a.operation === b.operation &&
    a.operation.inputNames.every((name) => a.inputs[name] === b.inputs[name]) &&
    isEqual(a.attributes, b.attributes)
  );
}

/** Whether attributes are equal: numbers, texts, flags, arrays and objects of them. */
function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || !a || !b) return false;
  const [parts, others] = [Object.entries(a), Object.entries(b)];
  return parts.length === others.length && parts.every(([key, part]) => isEqual(part, b[key as never]));
}
