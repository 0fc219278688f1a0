import { alignUp, ArgumentError, type Holding, ShapeError, show, StateError } from "../engine/index.js";
import { formatShape, type Graph, MemoryRange, type Scalars, type Shape, sizeOf, Value } from "../graph/index.js";
import type { Model, StateEntry } from "../layers/index.js";
import { add } from "../ops/elementwise/add.js";
import { multiply } from "../ops/elementwise/multiply.js";
import type { Clipping } from "../optim/clipping.js";
import type { Optimizer, Progress, RuleGroup, Schedule } from "../optim/index.js";
import { factorAt, isMatched } from "../optim/optimizer.js";
import { isByTensor, stateShapes } from "../optim/rule.js";

/** Which part of a step a program is: all of it, or one of several micro-batches whose gradients are added up. */
export type StepPart = "whole" | "first" | "middle" | "last";

/** Parameters that a rule sees as one value: one in its shape, or neighbours as one vector, with the gaps between them. */
interface Part {
  readonly group: RuleGroup;
  /** Of the group, among those of the optimizer. */
  readonly index: number;
  /** Its parameters, or the first of many. */
  readonly name: string;
  readonly shape: Shape;
  readonly weight: MemoryRange;
  readonly gradient: MemoryRange;
  /** Bytes from the beginning of all parameters. */
  readonly offset: number;
  readonly state: ReadonlyMap<string, Place>;
}

interface Place {
  readonly shape: Shape;
  readonly memory: MemoryRange;
}

const share = "share of the micro-batch";

/** How a trainer's optimizer changes the parameters of its model: which rule has which, its state, and the records of a step. */
export class Update {
  /** The learning rate of parameters that no group gives one of their own, before the schedule. */
  learningRate: number;
  /** State of the optimizer. */
  readonly state: readonly MemoryRange[];
  private readonly parts: readonly Part[];
  /** Sums of the gradients of micro-batches, in the layout of the gradients. */
  private sum: MemoryRange | undefined;

  /** @param holding of the trainer. Throws ArgumentError for a group that no parameter belongs to */
  constructor(
    private readonly model: Model,
    private readonly optimizer: Optimizer,
    private readonly clipping: Clipping | undefined,
    private readonly scalars: Scalars,
    private readonly holding: Holding,
  ) {
    this.learningRate = optimizer.learningRate;
    const block = { address: 0, bytes: 0, label: "optimizer state", owner: "trainers" };
    const planned: MemoryRange[] = [];
    this.parts = partsOf(model, optimizer, clipping?.isByTensor ?? false).map((part) => {
      const state = stateShapes(part.group.rule, part.shape).map(([name, shape]): [string, Place] => {
        const bytes = alignUp(4 * sizeOf(shape));
        model.engine.memory.checkFits(bytes, `optimizer state ${name}`);
        const memory = MemoryRange.planned(bytes, `optimizer state ${name} of ${part.name}`);
        planned.push(memory);
        return [name, { shape, memory }];
      });
      return { ...part, state: new Map(state) };
    });
    block.bytes = MemoryRange.placeAll(planned, block, holding);
    if (block.bytes > 0) Object.assign(block, holding.allocate(block.bytes, block.label));
    for (const { group, state } of this.parts) {
      for (const [name, { memory, shape }] of state) {
        const initial = group.rule.initial?.[name] ?? 0;
        if (initial !== 0) this.numbers(memory, sizeOf(shape)).fill(initial);
      }
    }
    this.state = planned;
  }

  /** Writes the scalars of a step. Throws ArgumentError where the schedule gives no rate; nothing has changed then. */
  prepare(progress: Progress): void {
    const { optimizer, scalars } = this;
    const factors = new Map<Schedule, number>();
    const written = optimizer.groups.flatMap((group, index) => {
      const base = this.rateOf(group);
      const factor = factors.get(group.schedule) ?? factorAt(group, progress, base);
      factors.set(group.schedule, factor);
      const rate = base * factor;
      const own = group.rule.scalars?.({ step: progress.step, learningRate: rate }) ?? {};
      return Object.entries({ ...own, learningRate: rate }).map(
        ([name, number]) => [slotOf(name, index), number] as const,
      );
    });
    for (const [name, number] of written) scalars.set(name, number);
  }

  /** Says what part a batch has in the gradient of its step. */
  setShare(part: number): void {
    if (this.sum) this.scalars.set(share, part);
  }

  /** Adds what a step does to parameters and state to a graph. */
  trace(graph: Graph, part: StepPart): void {
    const { model, scalars } = this;
    const { count, gradients } = model.parameterGroup;
    const whole = (memory: MemoryRange, label: string): Value => graph.state([count], memory, label);
    const weighted = (gradient: Value): Value => multiply(gradient, graph.state([], scalars.slot(share), share));
    if (part === "first" || part === "middle") {
      const sum = whole(this.gradientSum(), "the sum of gradients");
      const added = weighted(whole(gradients, "the gradients"));
      graph.assign(sum, part === "first" ? added : add(added, sum));
      return;
    }
    const given = this.parts.map(({ shape, name, gradient, offset, group }) => {
      let value = graph.state(shape, gradient, `the gradient of ${name}`);
      if (part === "last") {
        const memory = this.gradientSum().view(offset, gradient.bytes);
        value = add(weighted(value), graph.state(shape, memory, `the sum of gradients of ${name}`));
      }
      return { name, value: group.maximize ? multiply(value, -1) : value };
    });
    const clipped = this.clipping?.apply(given) ?? given.map(({ value }) => value);
    const slots = new Map<string, Value>();
    this.parts.forEach((each, i) => this.apply(graph, each, clipped[i]!, slots));
  }

  /** Throws StateError if the optimizer keeps no averages. */
  checkHas(name: string): void {
    if (this.parts.some(({ state }) => state.has(name))) return;
    throw new StateError("the optimizer averages no weights: give the trainer optim.movingAverage(optimizer)");
  }

  /** Exchanges every weight with its state of this name. */
  exchange(name: string): void {
    for (const { weight, state } of this.parts) {
      const place = state.get(name);
      if (!place) continue;
      const [ours, other] = [weight, place.memory].map((memory) => this.numbers(memory, sizeOf(place.shape)));
      const before = ours!.slice();
      ours!.set(other!);
      other!.set(before);
    }
    this.model.holding.changed();
    this.holding.changed();
  }

  /** The rate of a group: where the trainer's was changed by hand, those of all groups change in the same ratio. */
  private rateOf({ learningRate }: RuleGroup): number {
    const usual = this.optimizer.learningRate;
    if (learningRate === usual) return this.learningRate;
    return usual > 0 ? learningRate * (this.learningRate / usual) : learningRate;
  }

  private apply(graph: Graph, part: Part, gradient: Value, slots: Map<string, Value>): void {
    const { group, index, name, shape } = part;
    const scalar = (of: string): Value => {
      const slot = slotOf(of, index);
      const value = slots.get(slot) ?? graph.state([], this.scalars.slot(slot), of);
      slots.set(slot, value);
      return value;
    };
    const weight = graph.state(shape, part.weight, name);
    const state = new Map(
      [...part.state].map(([of, { shape, memory }]) => [of, graph.state(shape, memory, memory.label)]),
    );
    const scalars = Object.keys(group.rule.scalars?.({ step: 1, learningRate: group.learningRate }) ?? {});
    let result = {};
    const nodes = graph.collect(this.parts.length > 1 ? `the update of ${name}` : "the update", () => {
      result = group.rule.update({
        ...{ weight, gradient, learningRate: scalar("learningRate"), state: Object.fromEntries(state) },
        scalars: Object.fromEntries(scalars.map((of) => [of, scalar(of)])),
      });
    });
    graph.append(nodes);
    const { name: rule } = this.optimizer;
    for (const [of, value] of Object.entries<unknown>({ weight: undefined, ...result })) {
      const target = of === "weight" ? weight : state.get(of);
      if (!target) throw new ArgumentError(`the rule of ${rule} gives ${show(of)}, which is no state of it`);
      if (!(value instanceof Value) || value.graph !== graph) {
        throw new ArgumentError(`the rule of ${rule} must give a value for ${of}, got ${show(value)}`);
      }
      if (formatShape(value.shape) !== formatShape(target.shape) || value.dataType !== "f32") {
        throw new ShapeError(
          `the rule of ${rule} gives ${formatShape(value.shape)} ${value.dataType} for ${of}, which is float32 of ` +
            formatShape(target.shape),
        );
      }
      if (value !== target) graph.assign(target, value);
    }
  }

  /** The sums, of all parameters; made when they are first asked for. */
  private gradientSum(): MemoryRange {
    const { bytes } = this.model.parameterGroup.gradients;
    this.sum ??= MemoryRange.at(
      this.holding.allocate(bytes, "sums of gradients"),
      0,
      bytes,
      "sums of gradients",
      this.holding,
    );
    return this.sum;
  }

  private numbers({ address }: MemoryRange, count: number): Float32Array {
    return this.model.engine.memory.writable().f32(address, count);
  }
}

/** Scalars of the first group have their own names, those of others its number, too. */
function slotOf(name: string, index: number): string {
  return index === 0 ? name : `${name} of group ${index}`;
}

/** The parameters of a model, divided among rules. @param apart whether each is to be by itself, whatever its rule */
function partsOf(model: Model, optimizer: Optimizer, apart: boolean): readonly Omit<Part, "state">[] {
  const { parameterGroup, entries } = model;
  const start = parameterGroup.weights.address;
  const end = start + parameterGroup.weights.bytes;
  const trainable = entries.filter((entry) => entry.trainable).sort((a, b) => a.data.address - b.data.address);
  const indices = groupsOf(trainable, optimizer);
  const parts: Omit<Part, "state">[] = [];
  for (let first = 0, next = 0; first < trainable.length; first = next) {
    const { name, shape, data, gradient } = trainable[first]!;
    const index = indices[first]!;
    const group = optimizer.groups[index]!;
    const offset = data.address - start;
    const common = { group, index, offset };
    next = first + 1;
    if (isByTensor(group.rule)) {
      parts.push({ ...common, name, shape, weight: data, gradient: gradient! });
      continue;
    }
    while (!apart && next < trainable.length && indices[next] === index) next++;
    const bytes = (trainable[next]?.data.address ?? end) - data.address;
    const [weight, whole] = [parameterGroup.weights, parameterGroup.gradients].map((all) => all.view(offset, bytes));
    const title = next - first > 1 ? `${name} … ${trainable[next - 1]!.name}` : name;
    parts.push({ ...common, name: title, shape: [bytes / 4], weight: weight!, gradient: whole! });
  }
  return parts;
}

/** For each parameter the number of its group. */
function groupsOf(entries: readonly StateEntry[], { groups, name }: Optimizer): readonly number[] {
  const indices = entries.map((entry) => groups.findIndex(({ match }) => isMatched(entry, match)));
  groups.forEach(({ match }, index) => {
    if (!(match instanceof RegExp) || indices.includes(index)) return;
    throw new ArgumentError(
      `optim.${name}: no parameter belongs to the group of ${String(match)}; their names are ` +
        entries.map((entry) => entry.name).join(", "),
    );
  });
  return indices;
}
