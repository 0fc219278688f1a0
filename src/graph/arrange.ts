import { StateError } from "../engine/index.js";
import type { MemoryRange } from "./memoryRange.js";
import { withoutCommonSubexpressions } from "./commonSubexpressions.js";
import { type Differentiation, differentiate } from "./differentiate.js";
import { expand } from "./expand.js";
import { FixedValues, separate } from "./fixedValues.js";
import { onesLike } from "./gradients.js";
import { writeInPlace } from "./inPlace.js";
import { groupPointwise } from "./pointwise/group.js";
import { inputsOf, type Node, outputOf, readsOf, type Value, type ValueGraph } from "./node.js";
import { answer, isRequest, unfold, unfoldDifferentiated } from "./requests.js";
import { type Firing, reachable, rewrite, rulesOf } from "./rewrite.js";
import { copyOperation } from "./primitives/index.js";

/** What of a graph a program is to compute. */
export interface Wanted {
  readonly outputs: readonly Value[];
  /** Differentiate: the value to start from, and its gradient (default: ones). */
  readonly backward?: { readonly from: Value; readonly gradient?: Value };
  /** Values whose gradients can be read after a run. */
  readonly gradients?: readonly Value[];
  /** Whether neighbouring operations become one where a fusion is known. Default true. */
  readonly fuse?: boolean;
}

/** What is read of a program within it, as well. */
export interface Arranged extends Wanted {
  /** Whether the gradients of all parameters are written to their `gradientStorage`, for records that follow. */
  readonly updates: boolean;
  /** Whether the results of nodes are looked at in every run, so that all of them are computed in every run. */
  readonly isWatched: boolean;
}

/** What a program executes. */
export interface Arrangement {
  /** Nodes that need to run only when state has changed. */
  readonly prepare: readonly Node[];
  /** The nodes of the graph, fused, and after them those that differentiation made. */
  readonly forward: readonly Node[];
  readonly backward: readonly Node[];
  /** For each value of `gradients` its gradient. */
  readonly gradients: ReadonlyMap<Value, Value>;
  /** For what a node of the backward pass contributes, the value whose gradient it is a part of. */
  readonly contributions: ReadonlyMap<Value, Value>;
  /** Rules that fired, in their order. */
  readonly rules: readonly Firing[];
  /** Values that are computed in memory of their own, or where another value lies. */
  readonly places: ReadonlyMap<Value, MemoryRange | Value>;
}

/**
 * Decides what is executed, in which order: fusions that decide what forward keeps for backward come before
 * differentiation, since after it what they join has further uses. Then everything that nothing reads is dropped.
 */
export function arrange(graph: ValueGraph, wanted: Arranged): Arrangement {
  const { outputs, backward, gradients = [], fuse = true, updates, isWatched } = wanted;
  const memory = new OwnMemory(graph);
  const starts = backward ? [backward.from, ...(backward.gradient ? [backward.gradient] : [])] : [];
  const roots = [...outputs, ...starts, ...graph.assignments.map(({ value }) => value)];
  const rules: Firing[] = [];
  const traced = reachable(graph.nodes, roots);
  let forward = fuse ? unfoldDifferentiated(traced, backward ? [backward.from] : []) : unfold(traced);
  forward = expand(graph, forward, (node) => !node.operation.gradient && !isRequest(node));
  const hasRequests = forward.some(isRequest);
  const isInference = fuse && !backward && !updates && !isWatched && graph.assignments.length === 0;
  // What was made for inference alone has no gradient.
  const fixed = isInference && !hasRequests ? new FixedValues() : undefined;
  if (fuse) forward = rewrite(graph, forward, [...roots, ...gradients], rulesOf(forward), fixed, rules);
  if (hasRequests) forward = answer(graph, forward);
  forward = memory.assign(forward);
  let back: readonly Node[] = [];
  let kept: ReadonlyMap<Value, Value> = new Map();
  let contributions: ReadonlyMap<Value, Value> = new Map();
  if (backward) {
    const { from, gradient = onesLike(from) } = backward;
    const parameters = updates ? parametersOf(forward) : [];
    const result = differentiate(graph, forward, from, gradient, [...parameters, ...gradients]);
    ({ contributions } = result);
    const copies = memory.gradients(parameters, result);
    const own = new Map<Value, Value>();
    const ownCopies = graph.collect("a gradient that is kept", () => {
      for (const value of gradients) own.set(value, memory.ownGradient(gradientOf(value, result), value));
    });
    kept = own;
    back = [...result.nodes, ...copies, ...ownCopies];
  } else if (gradients[0]) throw noGradient(gradients[0]);
  forward = expand(graph, forward, () => true);
  back = expand(graph, back, () => true);
  const read = [...outputs, ...kept.values(), ...memory.places.keys()];
  const live = new Set(reachable([...forward, ...back], read, readsOf));
  const isLive = (node: Node): boolean => live.has(node);
  [forward, back] = [forward.filter(isLive), back.filter(isLive)];
  if (fuse) {
    const before = forward.length + back.length;
    [forward, back] = withoutCommonSubexpressions([forward, back], new Set(read)) as [readonly Node[], readonly Node[]];
    const after = forward.length + back.length;
    if (after < before) rules.push({ rule: "equal nodes become one", times: before - after, before, after });
    const late = rulesOf([...forward, ...back], true);
    if (late.length > 0) {
      forward = rewrite(graph, forward, [...read, ...back.flatMap(inputsOf)], late, undefined, rules);
      back = rewrite(graph, back, read, late, undefined, rules);
    }
  }
  const { prepared, ...parts } = isInference ? separate(forward, outputs) : { prepare: [], prepared: [], forward };
  const lists = [parts.prepare, parts.forward, back];
  // What is prepared is not computed again in every run, cheap or not.
  const [prepare, ahead, behind] = fuse ? grouped(graph, lists, [...read, ...prepared], rules) : lists;
  const written = writeInPlace(ahead!, memory.places);
  return {
    ...{ prepare: prepare!, forward: written, backward: behind! },
    ...{ gradients: kept, contributions, places: memory.places, rules },
  };
}

/** The lists with elementwise nodes in groups. */
function grouped(
  graph: ValueGraph,
  lists: readonly (readonly Node[])[],
  read: readonly Value[],
  rules: Firing[],
): readonly (readonly Node[])[] {
  const before = lists.flat().length;
  const result = groupPointwise(graph, lists, read);
  const after = result.flat().length;
  const times = before - after;
  if (times > 0) rules.push({ rule: "elementwise operations in one pass", times, before, after });
  return result;
}

function parametersOf(nodes: readonly Node[]): readonly Value[] {
  return [...new Set(nodes.flatMap(inputsOf))].filter(({ gradientStorage }) => gradientStorage !== undefined);
}

function gradientOf(value: Value, { gradients }: Differentiation): Value {
  const gradient = gradients.get(value);
  if (!gradient) throw noGradient(value);
  return gradient;
}

function noGradient({ label }: Value): StateError {
  return new StateError(`no gradient reaches ${label}`);
}

/** Values in memory of their own. */
function computedBy(nodes: readonly Node[]): ReadonlySet<Value> {
  return new Set(nodes.flatMap(({ operation, outputs }) => (operation.isView ? [] : Object.values(outputs))));
}

/** Whether a node makes `value` of `state` in its place, and no other kind of node reads what was there. */
function isUpdateOf(state: Value, value: Value, nodes: readonly Node[]): boolean {
  const updates = ({ operation, inputs }: Node): readonly string[] =>
    Object.entries(operation.updates).flatMap(([name, input]) => (inputs[input] === state ? [name] : []));
  const readers = nodes.filter((node) => inputsOf(node).includes(state));
  return (
    readers.some((node) => updates(node).some((name) => node.outputs[name] === value)) &&
    readers.every((node) => updates(node).length > 0)
  );
}

/** Has values that are to outlive the program computed where they belong, or copied there. */
class OwnMemory {
  readonly places = new Map<Value, MemoryRange | Value>();
  private readonly bound = new Map<Value, Value>();

  constructor(private readonly graph: ValueGraph) {}

  /** The gradient of a value in memory of this program: that of a parameter, which all programs write, is copied. */
  ownGradient(gradient: Value, value: Value): Value {
    const placed = this.bound.get(value);
    return placed ? copyOperation.apply({ x: placed }).y : gradient;
  }

  /** Places the assigned values; returns `nodes` and the copies that follow them. */
  assign(nodes: readonly Node[]): readonly Node[] {
    const computed = computedBy(nodes);
    const held: Node[] = [];
    const copies = this.graph.collect("assign", () => {
      for (const { state, value } of this.graph.assignments) {
        if (isUpdateOf(state, value, nodes)) {
          this.places.set(value, state);
          continue;
        }
        // What is elements of state itself is copied twice: another assignment may overwrite it before its turn comes.
        const source = computed.has(value) ? value : this.copyInto(held, value);
        this.places.set(copyOperation.apply({ x: source }).y, state);
      }
    });
    return [...nodes, ...held, ...copies];
  }

  private copyInto(nodes: Node[], x: Value): Value {
    const [node] = this.graph.collect("assign", () => copyOperation.apply({ x }));
    nodes.push(node!);
    return outputOf(node!);
  }

  /** Places the gradients of parameters; returns the copies that follow. */
  gradients(parameters: Iterable<Value>, { nodes, gradients }: Differentiation): readonly Node[] {
    const computed = computedBy(nodes);
    return this.graph.collect("gradients", () => {
      for (const parameter of parameters) {
        const gradient = gradients.get(parameter);
        if (!parameter.gradientStorage || !gradient) continue;
        const isFree = computed.has(gradient) && !this.places.has(gradient);
        const placed = isFree ? gradient : copyOperation.apply({ x: gradient }).y;
        this.places.set(placed, parameter.gradientStorage);
        this.bound.set(parameter, placed);
      }
    });
  }
}
